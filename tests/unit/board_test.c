/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The live table: what of many hosts is on a screen, that nothing of what hosts
 * say reaches the terminal as it came, and that what is written turns one
 * picture into the next (by a terminal that knows the few sequences it may
 * write, and fails at any other). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "board/board.h"

#include <cmocka.h>

enum { NOW_MS = 5000000, NOW_S = 1798137296, ROOM = 4096 };

static struct canvas canvas;
static char row_text[ROOM];

/* A row as text. */
static const char *
row(size_t i)
{
	struct buf out = {0};

	canvas_print_row(&canvas, i, &out);
	assert_in_range(out.len, 1, ROOM - 1);
	memcpy(row_text, out.at, out.len - 1);
	row_text[out.len - 1] = '\0';
	buf_done(&out);
	return row_text;
}

static struct standing
standing_of(const char *host, enum verdict_state state)
{
	struct standing s = {
	    .state = state,
	    .was = state,
	    .time_s = NOW_S - 30,
	    .trusted_ms = state == VERDICT_TRUSTED ? 60000 : 0,
	    .has_reason = state != VERDICT_TRUSTED,
	    .reason.code = REASON_GOLDEN,
	};

	snprintf(s.host, sizeof(s.host), "%s", host);
	return s;
}

static void
tell(struct board *b, const char *host, enum verdict_state state)
{
	struct standing s = standing_of(host, state);

	board_tell(b, &s, NOW_MS, NOW_S);
}

static void
draw(struct board *b, struct board_view *v, size_t columns, size_t rows)
{
	if (v->now_ms == 0)
		v->now_ms = NOW_MS;
	if (v->now_s == 0)
		v->now_s = NOW_S;
	canvas_blank(&canvas, columns, rows);
	board_draw(b, v, &canvas);
}

/* Three hosts, all that there are. */
static struct board *
three(void)
{
	struct board *b = board_new();
	struct standing s = standing_of("host-c", VERDICT_UNTRUSTED);

	board_begin(b, 3);
	tell(b, "host-a", VERDICT_TRUSTED);
	tell(b, "host-b", VERDICT_STALE);
	snprintf(s.reason.detail, sizeof(s.reason.detail),
	         "PCR 7 (sha256) differs");
	board_tell(b, &s, NOW_MS, NOW_S);
	board_complete(b);
	return b;
}

static void
has_trouble_first(void **state)
{
	struct board *b = three();
	struct board_view v = {0};

	(void)state;
	draw(b, &v, 80, 24);
	assert_int_equal(
	    strncmp(row(0), "3 hosts: 1 untrusted, 1 stale, 1 trusted         ",
	            49),
	    0);
	assert_string_equal(row(0) + 68, "18:34:56 UTC");
	assert_string_equal(row(2), "HOST     VERDICT        AGE REASON");
	assert_string_equal(row(3), "host-c   untrusted     30 s golden: PCR 7 "
	                            "(sha256) differs");
	assert_string_equal(row(4), "host-b   stale         30 s the PCRs "
	                            "match no active golden value");
	assert_string_equal(row(5), "host-a   trusted       30 s");
	assert_string_equal(row(23), "q ends");
	/* The youngest trouble is on top. */
	v.now_s = NOW_S + 5;
	struct standing s = standing_of("host-a", VERDICT_UNTRUSTED);

	board_tell(b, &s, NOW_MS, v.now_s);
	draw(b, &v, 80, 24);
	assert_int_equal(strncmp(row(3), "host-a   untrusted ", 19), 0);
	board_free(b);
}

static void
shows_more_where_there_is_room(void **state)
{
	struct board *b = three();
	struct board_view v = {0};

	(void)state;
	draw(b, &v, 200, 50);
	assert_string_equal(row(2),
	                    "HOST     VERDICT        AGE  SO FOR   LEFT "
	                    "GOLDEN  BOOT ADDRESS         REASON");
	assert_non_null(strstr(row(3), "golden value: PCR 7 (sha256) differs"));
	assert_string_equal(row(5),
	                    "host-a   trusted       30 s   30 s+   60 s");
	draw(b, &v, 38, 10);
	assert_string_equal(row(0), "3 hosts: 1 untrusted, 1 stale, 1 trus…");
	draw(b, &v, 40, 10);
	assert_string_equal(row(3), "host-c   untrusted     30 s golden: PCR…");
	for (size_t columns = 1; columns < 60; columns++)
		for (size_t rows = 1; rows < 10; rows++)
			draw(b, &v, columns, rows);
	draw(b, &v, 0, 0);
	assert_int_equal(canvas.columns, 1);
	draw(b, &v, 100000, 100000);
	assert_int_equal(canvas.columns, CANVAS_COLUMNS_MAX);
	assert_int_equal(canvas.rows, CANVAS_ROWS_MAX);
	board_free(b);
}

static void
trust_ends_when_nothing_is_heard(void **state)
{
	struct board *b = three();
	struct board_view v = {.now_ms = NOW_MS + 59999};

	(void)state;
	draw(b, &v, 80, 24);
	assert_non_null(strstr(row(0), "1 trusted"));
	v.now_ms++;
	draw(b, &v, 80, 24);
	assert_null(strstr(row(0), "1 trusted"));
	assert_non_null(strstr(row(0), "2 stale"));
	board_free(b);
}

static void
forgets_who_is_not_enrolled(void **state)
{
	struct board *b = three();
	struct board_view v = {0};
	struct standing s = standing_of("host-b", VERDICT_UNKNOWN);

	(void)state;
	s.reason.code = REASON_NO_HOST;
	board_tell(b, &s, NOW_MS, NOW_S);
	assert_int_equal(board_hosts(b), 2);
	/* Another connection; meanwhile host-a went. */
	board_begin(b, 2);
	tell(b, "host-c", VERDICT_TRUSTED);
	assert_false(board_is_complete(b));
	draw(b, &v, 80, 24);
	assert_non_null(strstr(row(0), "2 hosts: 2 trusted"));
	assert_non_null(strstr(row(1), "reading: 1 of 2"));
	board_complete(b);
	draw(b, &v, 80, 24);
	assert_non_null(strstr(row(0), "1 host: 1 trusted"));
	board_free(b);
}

static void
counts_and_rates(void **state)
{
	struct board *b = three();
	struct board_view v = {.lost = NULL};
	struct board_figures f = {.taken_ms = 1000,
	                          .uptime_ms = 7200000,
	                          .answers = 10,
	                          .rounds = 500,
	                          .late = 2,
	                          .waiting = 7};

	(void)state;
	board_count(b, &f);
	draw(b, &v, 80, 24);
	assert_string_equal(row(1), "waiting 7  answers -/s  rounds -/s  late "
	                            "2  changes 0  up 2 h");
	f.taken_ms += 2000;
	f.answers += 3;
	f.rounds += 334;
	board_count(b, &f);
	draw(b, &v, 80, 24);
	assert_non_null(strstr(row(1), "answers 1.5/s  rounds 167.0/s"));
	f.taken_ms += 2000;
	f.answers = 1;
	board_count(b, &f);
	draw(b, &v, 80, 24);
	assert_non_null(strstr(row(1), "answers -/s"));
	v.lost = "the verifier \033[2Jhung up";
	v.lost_ms = NOW_MS - 12000;
	draw(b, &v, 80, 24);
	assert_string_equal(
	    row(1), "no verifier for 12 s: the verifier \\u{1b}[2Jhung up");
	board_free(b);
}

/* What stands on a line of ten cells after `text`. */
static void
shows_as(bool ascii, const char *text, const char *want)
{
	struct pen pen;

	canvas_blank(&canvas, 10, 1);
	pen = (struct pen){canvas_row(&canvas, 0), 0, 10, ascii};
	pen_text(&pen, STYLE_PLAIN, text);
	assert_in_range(pen.at, 0, 10);
	assert_string_equal(row(0), want);
}

static void
escapes_what_is_no_plain_letter(void **state)
{
	(void)state;
	shows_as(false, "plain", "plain");
	shows_as(false, "0123456789", "0123456789");
	shows_as(false, "0123456789a", "012345678…");
	shows_as(true, "0123456789a", "012345678>");
	shows_as(false, "a\033[2J", "a\\u{1b}[2J");
	shows_as(false, "\a\b", "\\u{7}\\u{8}");
	shows_as(false,
	         "\xc2\x9b"
	         "1m",
	         "\\u{9b}1m");            /* CSI of one byte */
	shows_as(false, "\x9b", "\\x9b"); /* in no UTF-8 */
	shows_as(false,
	         "\xe2\x80\xae"
	         "a",
	         "\\u{202e}a");                    /* turns around */
	shows_as(false, "e\xcc\x81", "e\\u{301}"); /* a letter upon a letter */
	shows_as(false, "\xd7\x90", "\\u{5d0}");   /* right to left */
	shows_as(false, "\xf0\x9f\x98\x80", "\\u{1f600}");
	shows_as(false, "h\xc3\xb6st", "höst");
	shows_as(true, "h\xc3\xb6st", "h\\u{f6}st");
	/* Two cells each. */
	shows_as(false, "日本語日本", "日本語日本");
	shows_as(false, "日本語日本x", "日本語日 …");
	shows_as(false, "a日本語日本", "a日本語日…");
	/* An escape goes whole or not at all. */
	shows_as(false, "abcdefg\xcc\x81", "abcdefg…");
	assert_int_equal(pen_width(false, "日\033"), 8);
}

/* A terminal: what it shows, and how. */
static struct {
	size_t columns, rows, x, y;
	struct cell at[CANVAS_ROWS_MAX][CANVAS_COLUMNS_MAX];
	enum style style;
} screen;

static void
screen_obeys(const uint8_t **in)
{
	unsigned a = 0, b = 0;
	char last = 0;
	int n = 0;
	static const struct {
		const char *sgr;
		enum style style;
	} styles[] = {{"[0m", STYLE_PLAIN},     {"[0;7m", STYLE_HEAD},
	              {"[0;2m", STYLE_DIM},     {"[0;32m", STYLE_GOOD},
	              {"[0;1;33m", STYLE_WARN}, {"[0;1;31m", STYLE_BAD}};
	const char *at = (const char *)*in;

	for (size_t i = 0; i < LENGTH_OF(styles); i++)
		if (strncmp(at, styles[i].sgr, strlen(styles[i].sgr)) == 0) {
			screen.style = styles[i].style;
			*in += strlen(styles[i].sgr);
			return;
		}
	if (strncmp(at, "[H\033[2J", 6) == 0) {
		for (size_t i = 0; i < screen.rows; i++)
			for (size_t j = 0; j < screen.columns; j++)
				screen.at[i][j] = (struct cell){' ', 0};
		*in += 6;
		return;
	}
	assert_true(sscanf(at, "[%u;%u%c%n", &a, &b, &last, &n) == 3 &&
	            last == 'H');
	screen.y = a - 1;
	screen.x = b - 1;
	*in += n;
}

static void
screen_shows(const uint8_t **in)
{
	uint8_t lead = *(*in)++;
	size_t more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
	uint32_t letter = more == 0 ? lead : lead & (0x3fu >> more);
	size_t width;

	for (; more != 0; more--)
		letter = letter << 6 | (*(*in)++ & 0x3fu);
	width = glyph_width(letter);
	assert_true(width != 0 && screen.x + width <= screen.columns);
	screen.at[screen.y][screen.x++] = (struct cell){letter, screen.style};
	if (width == 2)
		screen.at[screen.y][screen.x++] =
		    (struct cell){0, screen.style};
}

static void
screen_takes(struct buf *bytes)
{
	const uint8_t *in;

	buf_u8(bytes, '\0');
	for (in = bytes->at; *in != '\0';)
		if (*in == '\033') {
			in++;
			screen_obeys(&in);
		} else {
			screen_shows(&in);
		}
	assert_ptr_equal(in, bytes->at + bytes->len - 1);
	assert_int_equal(screen.style, STYLE_PLAIN);
}

/* Paints `now` over `was`; returns how many bytes it took. */
static size_t
painted(const struct canvas *was, const struct canvas *now)
{
	struct buf out = {0};
	size_t len;

	screen.columns = now->columns;
	screen.rows = now->rows;
	canvas_paint(was, now, false, &out);
	len = out.len;
	screen_takes(&out);
	buf_done(&out);
	for (size_t i = 0; i < now->rows; i++)
		for (size_t j = 0; j < now->columns; j++) {
			const struct cell *c = canvas_row(now, i) + j;

			assert_int_equal(screen.at[i][j].letter, c->letter);
			assert_int_equal(screen.at[i][j].style, c->style);
		}
	return len;
}

static void
painting_leads_from_each_picture_to_the_next(void **state)
{
	static const char *const words[] = {"日本", "ab",    "a日", " ",
	                                    "höst", "\033[", "x"};
	struct canvas was = {0}, now = {0};
	unsigned random = 1;

	(void)state;
	for (int round = 0; round < 400; round++) {
		struct canvas before = was;

		canvas_blank(&now, 20 + (unsigned)round / 100 % 2, 4);
		for (size_t i = 0; i < 4; i++) {
			struct pen pen = {canvas_row(&now, i), 0, 20, false};

			while (pen.at < pen.end) {
				random = random * 1103515245u + 12345u;
				pen_text(
				    &pen, (random >> 24) % 6,
				    words[(random >> 16) % LENGTH_OF(words)]);
			}
		}
		(void)painted(&was, &now);
		assert_int_equal(painted(&now, &now), 0);
		was = now;
		now = before;
	}
	canvas_done(&was);
	canvas_done(&now);
}

static void
is_plain_where_asked(void **state)
{
	struct board *b = three();
	struct board_view v = {0};
	struct canvas none = {0};
	struct buf out = {0};

	(void)state;
	draw(b, &v, 80, 24);
	canvas_paint(&none, &canvas, true, &out);
	buf_u8(&out, '\0');
	assert_null(strstr((char *)out.at, "[0;"));
	buf_done(&out);
	board_free(b);
}

/* A second later the ages are others, and nothing else is written. */
static void
ten_thousand_hosts(void **state)
{
	struct board *b = board_new();
	struct board_view v = {0};
	struct canvas before;
	char name[32];

	(void)state;
	board_begin(b, 10000);
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "node-%05u.example.org",
		         i * 7919 % 10000);
		tell(b, name,
		     i == 5000 ? VERDICT_UNREACHABLE : VERDICT_TRUSTED);
	}
	board_complete(b);
	draw(b, &v, 200, 50);
	assert_non_null(strstr(row(0), "10000 hosts: 1 unreachable, 9999 "));
	assert_int_equal(strncmp(row(3), "node-05000", 6), 0);
	assert_non_null(strstr(row(49), "1-46 of 10000"));
	assert_in_range(painted(&(struct canvas){0}, &canvas), 2000, 10000);
	before = canvas;
	canvas = (struct canvas){0};
	v.now_ms += 1000;
	v.now_s += 1;
	draw(b, &v, 200, 50);
	assert_in_range(painted(&before, &canvas), 500, 2000);
	canvas_done(&before);
	/* Beyond the end is the end. */
	v.first = SIZE_MAX / 2;
	draw(b, &v, 80, 24);
	assert_int_equal(v.first, 9980);
	assert_non_null(strstr(row(22), "node-09999"));
	assert_non_null(strstr(row(23), "9981-10000 of 10000"));
	board_free(b);
}

static void
keeps_to_its_limit(void **state)
{
	struct board *b = board_new();
	struct board_view v = {0};
	char name[32];

	(void)state;
	board_begin(b, BOARD_HOSTS_MAX + 2);
	for (unsigned i = 0; i < BOARD_HOSTS_MAX + 2; i++) {
		snprintf(name, sizeof(name), "node-%06u", i);
		tell(b, name, VERDICT_TRUSTED);
	}
	assert_int_equal(board_hosts(b), BOARD_HOSTS_MAX);
	draw(b, &v, 80, 24);
	assert_non_null(strstr(row(0), "65536 trusted, those over 65536"));
	board_free(b);
}

static int
free_canvas(void **state)
{
	(void)state;
	canvas_done(&canvas);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(has_trouble_first),
	    cmocka_unit_test(shows_more_where_there_is_room),
	    cmocka_unit_test(trust_ends_when_nothing_is_heard),
	    cmocka_unit_test(forgets_who_is_not_enrolled),
	    cmocka_unit_test(counts_and_rates),
	    cmocka_unit_test(escapes_what_is_no_plain_letter),
	    cmocka_unit_test(painting_leads_from_each_picture_to_the_next),
	    cmocka_unit_test(is_plain_where_asked),
	    cmocka_unit_test(ten_thousand_hosts),
	    cmocka_unit_test(keeps_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, free_canvas);
}
