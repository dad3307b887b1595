/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* status --watch: a live table of all hosts at a terminal, and elsewhere once.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "feed.h"
#include "screen.h"
#include "status.h"
#include "sys/sys.h"
#include "terminal.h"

enum {
	PAINT_MS = 250,  /* at most so often, where something was heard */
	TICK_MS = 1000,  /* ages grow */
	ASK_MS = 5000,   /* the counters */
	RETRY_MS = 2000, /* a verifier that is gone */
	ONCE_MS = 10000, /* for the next word, where there is no terminal */
	KEYS_MAX = 64,
};

struct live {
	struct feed feed;
	struct terminal terminal;
	struct canvas shown, next;
	struct board_view view;
	struct err lost; /* why the verifier is not heard */
	bool heard, over;
	int signal; /* that ends it */
	uint64_t painted_ms, asked_ms, tried_ms;
};

static void
live_done(struct live *l)
{
	terminal_done(&l->terminal);
	feed_close(&l->feed);
	board_free(l->feed.board);
	canvas_done(&l->shown);
	canvas_done(&l->next);
}

static void
lose(struct live *l)
{
	feed_close(&l->feed);
	if (l->view.lost == NULL)
		l->view.lost_ms = sys_boot_ms();
	l->view.lost = l->lost.text;
	l->tried_ms = sys_boot_ms();
	l->heard = true;
}

static void
try_again(struct live *l)
{
	l->lost = (struct err){0};
	if (feed_open(&l->feed, &l->lost)) {
		l->view.lost = NULL;
		l->asked_ms = 0;
		l->heard = true;
	} else {
		lose(l);
	}
}

/* Only what differs from what is there, and nothing before that was taken. */
static void
paint(struct live *l)
{
	struct canvas shown = l->shown;
	size_t columns, rows;

	terminal_size(&l->terminal, &columns, &rows);
	canvas_blank(&l->next, columns, rows);
	l->view.now_ms = sys_boot_ms();
	l->view.now_s = sys_unix_s();
	board_draw(l->feed.board, &l->view, &l->next);
	canvas_paint(&l->shown, &l->next, terminal_is_plain(),
	             &l->terminal.unsent);
	l->shown = l->next;
	l->next = shown;
	l->painted_ms = l->view.now_ms;
	l->heard = false;
}

static void
paint_all(struct live *l)
{
	canvas_done(&l->shown);
	l->heard = true;
	l->painted_ms = 0;
}

static void
on_signal(struct live *l)
{
	int signal = terminal_signal(&l->terminal);

	if (signal == SIGTSTP)
		terminal_stop(&l->terminal);
	if (signal == SIGTSTP || signal == SIGCONT || signal == SIGWINCH) {
		paint_all(l);
	} else if (signal != 0) {
		l->signal = signal;
		l->over = true;
	}
}

static void
on_key(struct live *l, enum terminal_key key)
{
	struct board_view *v = &l->view;
	size_t page = v->page > 1 ? v->page - 1 : 1;
	size_t back = key == KEY_UP ? 1 : key == KEY_PAGE_UP ? page : 0;

	if (key == KEY_QUIT)
		l->over = true;
	else if (key == KEY_HOME)
		v->first = 0;
	else if (key == KEY_END)
		v->first = BOARD_HOSTS_MAX;
	else if (key == KEY_DOWN || key == KEY_PAGE_DOWN)
		v->first += key == KEY_DOWN ? 1 : page;
	else
		v->first = v->first > back ? v->first - back : 0;
	l->heard = true;
}

static void
on_keys(struct live *l)
{
	enum terminal_key keys[KEYS_MAX];
	size_t n;

	if (!terminal_keys(&l->terminal, keys, KEYS_MAX, &n))
		l->over = true;
	for (size_t i = 0; i < n; i++)
		on_key(l, keys[i]);
}

static uint64_t
left_of(uint64_t since_ms, uint64_t wait_ms)
{
	uint64_t now = sys_boot_ms();

	return now - since_ms >= wait_ms ? 0 : wait_ms - (now - since_ms);
}

/* What is due by time; how long nothing is, then. */
static uint64_t
on_time(struct live *l)
{
	uint64_t wait, other;

	if (l->view.lost != NULL && left_of(l->tried_ms, RETRY_MS) == 0)
		try_again(l);
	if (l->view.lost == NULL && l->feed.answered &&
	    left_of(l->asked_ms, ASK_MS) == 0) {
		l->asked_ms = sys_boot_ms();
		if (!feed_ask(&l->feed, &l->lost))
			lose(l);
	}
	/* A terminal that does not keep up gets the next picture later. */
	if (l->terminal.unsent.len == 0 &&
	    left_of(l->painted_ms, l->heard ? PAINT_MS : TICK_MS) == 0)
		paint(l);
	wait = left_of(l->painted_ms, l->heard ? PAINT_MS : TICK_MS);
	other = l->view.lost != NULL ? left_of(l->tried_ms, RETRY_MS)
	                             : left_of(l->asked_ms, ASK_MS);
	if (l->terminal.unsent.len != 0 && wait == 0)
		wait = TICK_MS;
	return other != 0 && other < wait ? other : wait;
}

static bool
step(struct live *l, struct err *err)
{
	struct terminal *t = &l->terminal;
	uint64_t wait = on_time(l);
	bool lost = l->view.lost != NULL, unsent = t->unsent.len != 0;
	struct pollfd at[] = {
	    {.fd = t->signals, .events = POLLIN},
	    {.fd = t->in, .events = POLLIN},
	    {.fd = lost ? -1 : l->feed.session.fd, .events = POLLIN},
	    {.fd = unsent ? t->out : -1, .events = POLLOUT},
	};

	if (poll(at, LENGTH_OF(at), (int)wait) < 0)
		return errno == EINTR ||
		       err_set(err, ERR_IO, "poll: %s", strerror(errno));
	if (at[0].revents != 0)
		on_signal(l);
	if (at[1].revents != 0 && !l->over)
		on_keys(l);
	if (at[2].revents != 0) {
		l->heard = true;
		if (!feed_read(&l->feed, &l->lost))
			lose(l);
	}
	if (at[3].revents != 0 && t->unsent.len != 0 && !terminal_send(t))
		l->over = true;
	return true;
}

static int
show_live(struct live *l)
{
	struct err err = {0};
	int signal;

	if (!terminal_open(&l->terminal, &err))
		return fail(&err);
	terminal_on(&l->terminal);
	while (!l->over && step(l, &err))
		;
	signal = l->signal;
	live_done(l);
	if (err.code != ERR_NONE)
		return fail(&err);
	/* Whoever started us sees what it was; Ctrl-C is a way to end it. */
	if (signal != 0 && signal != SIGINT)
		(void)raise(signal);
	return STATUS_DONE;
}

/* One that took the question and says no more is not waited for without end. */
static bool
comes(int fd, struct err *err)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};
	uint64_t until = sys_boot_ms() + ONCE_MS, now;

	while ((now = sys_boot_ms()) < until)
		if (poll(&one, 1, (int)(until - now)) > 0)
			return true;
	return err_set(err, ERR_TIMEOUT,
	               "the verifier has not said within %d seconds how its "
	               "hosts stand: does it hang? 'systemctl status "
	               "virt-attest-verifierd'",
	               ONCE_MS / 1000);
}

/* All that is known at this moment, as lines. */
static int
show_once(struct live *l)
{
	AUTO(buf_done) struct buf out = {0};
	struct board *board = l->feed.board;
	struct err err = {0};
	size_t columns = screen_columns(STDOUT_FILENO);

	if (columns == 0)
		columns = CANVAS_COLUMNS_MAX;
	while (!board_is_complete(board))
		if (!comes(l->feed.session.fd, &err) ||
		    !feed_read(&l->feed, &err)) {
			(void)fail(&err);
			return session_status(err.code);
		}
	l->view.now_ms = sys_boot_ms();
	l->view.now_s = sys_unix_s();
	l->view.once = true;
	canvas_blank(&l->next, columns, BOARD_HEAD_ROWS);
	board_draw_head(board, &l->view, &l->next);
	canvas_print_row(&l->next, 0, &out);
	canvas_print_row(&l->next, BOARD_HEAD_ROWS - 1, &out);
	for (size_t i = 0; i < board_hosts(board); i++) {
		canvas_blank(&l->next, columns, 1);
		board_draw_host(board, &l->view, i, &l->next);
		canvas_print_row(&l->next, 0, &out);
	}
	fwrite(out.at, 1, out.len, stdout);
	return fflush(stdout) == 0 ? STATUS_DONE : STATUS_FAILED;
}

int
watch_status(struct cli *cli)
{
	struct live l = {
	    .feed = {.cli = cli, .board = board_new()},
	    .terminal = {.signals = -1, .in = -1},
	    .view = {.ascii = !terminal_has_utf8()},
	};
	struct err err = {0};
	int status;

	if (cli->option[OPTION_JSON] != NULL)
		err_set(&err, ERR_CONFIG,
		        "--json goes not with --watch: 'virt-attest watch "
		        "--json' has the events");
	if (err.code != ERR_NONE || !feed_open(&l.feed, &err)) {
		live_done(&l);
		return fail(&err);
	}
	if (terminal_can())
		return show_live(&l);
	status = show_once(&l);
	live_done(&l);
	return status;
}
