/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A checkpoint and an export are what the key signed, or they are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/audit.h"

enum { LINES = 5, ALL = LINES + 2, TEXT_MAX = 2048 };

static const uint8_t private[SIGNING_KEY_SIZE] = {[31] = 1};
static const uint8_t other[SIGNING_KEY_SIZE] = {[31] = 2};
static struct signing_public key;

/* The export of proto/vectors/audit.txt, a line each. */
static char vector[ALL][TEXT_MAX];
static char rows[16][2][TEXT_MAX]; /* the other rows: name and value */
static size_t n_rows;

static int
load(void **state)
{
	FILE *file = fopen(SOURCE_DIR "/proto/vectors/audit.txt", "re");
	char line[TEXT_MAX];
	size_t n = 0;

	(void)state;
	if (file == NULL || !signing_public_of(private, &key, NULL))
		return 1;
	while (fgets(line, sizeof(line), file) != NULL) {
		char *text = strchr(line, ' ');

		if (line[0] == '#' || text == NULL)
			continue;
		*text++ = '\0';
		text[strcspn(text, "\n")] = '\0';
		if (strcmp(line, "export") == 0 && n < ALL) {
			snprintf(vector[n++], TEXT_MAX, "%s", text);
		} else if (n_rows < LENGTH_OF(rows)) {
			snprintf(rows[n_rows][0], TEXT_MAX, "%s", line);
			snprintf(rows[n_rows++][1], TEXT_MAX, "%s", text);
		}
	}
	fclose(file);
	return n == ALL ? 0 : 1;
}

static enum err_code
read_all(char texts[][TEXT_MAX], size_t n, const struct audit_head *known)
{
	struct export_reading r = {.key = &key, .walk = {.known = known}};
	struct err err = {0};
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++)
		ok = export_line(&r, span_str(texts[i]), &err);
	if (!ok || !export_done(&r, &err))
		assert_int_not_equal(err.code, ERR_NONE);
	return err.code;
}

static void
line_at(size_t i, struct audit_line *line)
{
	AUTO(json_auto)
	struct json *object = json_parse(span_str(vector[i]), NULL);

	assert_non_null(object);
	assert_true(audit_line_decode(object, line, NULL));
}

static void
the_vector_is_read(void **state)
{
	struct audit_head known = {0};
	struct audit_line line;

	(void)state;
	assert_int_equal(read_all(vector, ALL, NULL), ERR_NONE);
	for (size_t i = 1; i <= LINES; i++) {
		line_at(i, &line);
		known.size = line.sequence;
		memcpy(known.hash, line.hash, SHA256_SIZE);
		assert_int_equal(read_all(vector, ALL, &known), ERR_NONE);
		known.hash[i] ^= 1;
		assert_int_equal(read_all(vector, ALL, &known), ERR_CONFLICT);
	}
	known.size = line.sequence + 1; /* once there was more */
	assert_int_equal(read_all(vector, ALL, &known), ERR_CONFLICT);
}

/* What stands in the vector beside the export. */
static void
the_vector_s_other_rows(void **state)
{
	AUTO(buf_done) struct buf preimage = {0};
	struct audit_line first;
	struct span all;
	uint8_t hash[SHA256_SIZE];
	struct checkpoint c;
	size_t lies = 0;

	(void)state;
	for (size_t i = 0; i < n_rows; i++) {
		if (strcmp(rows[i][0], "hashed-line-1") == 0) {
			assert_true(text_unhex(rows[i][1], &preimage));
			continue;
		}
		assert_int_equal(
		    checkpoint_read(span_str(rows[i][1]), &key, &c, NULL),
		    strcmp(rows[i][0], "good") == 0);
		lies++;
	}
	assert_int_equal(lies, 4);
	all = buf_span(&preimage);
	crypto_sha256(&all, 1, hash);
	line_at(1, &first);
	assert_memory_equal(hash, first.hash, SHA256_SIZE);
}

/* Each line away, twice, changed in a byte, in another's place; each end cut
 * off: none of it is an export. */
static void
no_line_can_be_touched(void **state)
{
	static char bent[ALL + 1][TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ALL; i++) {
		memcpy(bent, vector, sizeof(vector));
		memmove(bent[i], bent[i + 1], (ALL - i - 1) * TEXT_MAX);
		assert_int_not_equal(read_all(bent, ALL - 1, NULL), ERR_NONE);
		memcpy(bent, vector, sizeof(vector));
		memmove(bent[i + 1], bent[i], (ALL - i) * TEXT_MAX);
		assert_int_not_equal(read_all(bent, ALL + 1, NULL), ERR_NONE);
		assert_int_not_equal(read_all(vector, i, NULL), ERR_NONE);
		for (size_t j = 0; vector[i][j] != '\0'; j++) {
			memcpy(bent, vector, sizeof(vector));
			bent[i][j] ^= 1;
			if (read_all(bent, ALL, NULL) == ERR_NONE)
				fail_msg("line %zu, byte %zu", i, j);
		}
	}
	memcpy(bent, vector, sizeof(vector));
	memcpy(bent[2], vector[3], TEXT_MAX);
	memcpy(bent[3], vector[2], TEXT_MAX);
	assert_int_equal(read_all(bent, ALL, NULL), ERR_CONFLICT);
}

/* Members beside ours are in no hash; one that stands twice is read as another
 * by others. */
static void
a_line_has_nothing_more_in_it(void **state)
{
	static const char *const more[] = {
	    "{\"note\":\"all is well\",",
	    "{\"actor\":\"uid=7\",",
	    "{ ",
	};
	static char bent[ALL][TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ALL; i++)
		for (size_t k = 0; k < LENGTH_OF(more); k++) {
			memcpy(bent, vector, sizeof(vector));
			snprintf(bent[i], TEXT_MAX, "%s%s", more[k],
			         vector[i] + 1);
			assert_int_not_equal(read_all(bent, ALL, NULL),
			                     ERR_NONE);
		}
}

static void
sign_as(const char *typ, const struct json *claims, const uint8_t *by,
        struct buf *jwt)
{
	uint8_t signature[SIGNING_SIZE];
	struct signing_public public;
	char kid[JWK_KID_SIZE];

	assert_true(signing_public_of(by, &public, NULL));
	jwt_begin(typ, jwk_kid(&public, kid), claims, jwt);
	assert_true(signing_sign(by, buf_span(jwt), signature, NULL));
	jwt_end(signature, jwt);
}

/* A tail that was written anew, by who has no key or another one. */
static void
only_the_key_signs_a_tail(void **state)
{
	AUTO(buf_done) struct buf jwt = {0}, text = {0};
	AUTO(json_auto) struct json *claims = NULL, *end = NULL, *again = NULL;
	static char bent[ALL][TEXT_MAX];
	struct checkpoint c = {.time_s = 1800000100};
	struct audit_line before, last;

	(void)state;
	memcpy(bent, vector, sizeof(vector));
	line_at(LINES - 1, &before);
	line_at(LINES, &last);
	snprintf(last.detail, sizeof(last.detail), "nothing to see");
	audit_line_hash(&last, before.hash, last.hash);
	again = audit_line_encode(&last);
	json_format(again, &text);
	buf_u8(&text, '\0');
	snprintf(bent[LINES], TEXT_MAX, "%s", (const char *)text.at);
	assert_int_equal(read_all(bent, ALL, NULL), ERR_CONFLICT);
	c.head.size = LINES;
	memcpy(c.head.hash, last.hash, SHA256_SIZE);
	claims = checkpoint_encode(&c);
	sign_as(CHECKPOINT_TYP, claims, other, &jwt);
	buf_u8(&jwt, '\0');
	end = export_end((const char *)jwt.at);
	text.len = 0;
	json_format(end, &text);
	buf_u8(&text, '\0');
	snprintf(bent[ALL - 1], TEXT_MAX, "%s", (const char *)text.at);
	assert_int_equal(read_all(bent, ALL, NULL), ERR_MALFORMED);
	/* The same by the key is an export: nothing else was wrong. */
	json_free(end);
	jwt.len = text.len = 0;
	sign_as(CHECKPOINT_TYP, claims, private, &jwt);
	buf_u8(&jwt, '\0');
	end = export_end((const char *)jwt.at);
	json_format(end, &text);
	buf_u8(&text, '\0');
	snprintf(bent[ALL - 1], TEXT_MAX, "%s", (const char *)text.at);
	assert_int_equal(read_all(bent, ALL, NULL), ERR_NONE);
}

/* The longest lines and numbers fit where they are kept. */
static void
the_longest_checkpoint_fits(void **state)
{
	AUTO(buf_done) struct buf jwt = {0};
	AUTO(json_auto) struct json *claims = NULL;
	struct checkpoint c = {.time_s = INT64_MAX}, got;

	(void)state;
	c.head.size = INT64_MAX;
	memset(c.head.hash, 0xff, SHA256_SIZE);
	claims = checkpoint_encode(&c);
	sign_as(CHECKPOINT_TYP, claims, private, &jwt);
	assert_true(jwt.len <= CHECKPOINT_MAX);
	assert_true(checkpoint_read(buf_span(&jwt), &key, &got, NULL));
	assert_int_equal(got.head.size, INT64_MAX);
	assert_int_equal(got.time_s, INT64_MAX);
}

/* What begins behind a known checkpoint does not say whether it held. */
static void
an_export_that_begins_later(void **state)
{
	static char part[ALL][TEXT_MAX];
	AUTO(json_auto) struct json *begin = NULL;
	AUTO(buf_done) struct buf text = {0};
	struct audit_head known = {.size = 1}, head = {.size = 3};
	struct audit_line line;

	(void)state;
	line_at(3, &line);
	memcpy(head.hash, line.hash, SHA256_SIZE);
	begin = export_begin(&head);
	json_format(begin, &text);
	buf_u8(&text, '\0');
	snprintf(part[0], TEXT_MAX, "%s", (const char *)text.at);
	memcpy(part[1], vector[4], sizeof(part[0]) * (ALL - 4));
	assert_int_equal(read_all(part, ALL - 3, NULL), ERR_NONE);
	assert_int_equal(read_all(part, ALL - 3, &known), ERR_NOT_FOUND);
	assert_int_equal(read_all(part, ALL - 3, &head), ERR_NONE);
	head.hash[0] ^= 1;
	assert_int_equal(read_all(part, ALL - 3, &head), ERR_CONFLICT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_vector_is_read),
	    cmocka_unit_test(the_vector_s_other_rows),
	    cmocka_unit_test(no_line_can_be_touched),
	    cmocka_unit_test(a_line_has_nothing_more_in_it),
	    cmocka_unit_test(only_the_key_signs_a_tail),
	    cmocka_unit_test(the_longest_checkpoint_fits),
	    cmocka_unit_test(an_export_that_begins_later),
	};

	return cmocka_run_group_tests(tests, load, NULL);
}
