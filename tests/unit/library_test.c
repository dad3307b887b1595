/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The texts that golden values refer to, lent: read once, kept while somebody
 * looks at them, and some of them longer; what is none is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "library.h"
#include "store_help.h"

/* As many as are kept though nobody looks at them. */
enum { IDLE = 8 };

static const char policy[] = "virt-attest-ima-policy 1\n";

struct shelf {
	struct store *store;
	struct library *library;
};

static void
open_shelf(struct shelf *s)
{
	const struct attester a = sample_host("host-a", 1);

	s->store = store_here();
	s->library = library_new(s->store);
	add_host(s->store, &a);
}

static void
close_shelf(struct shelf *s)
{
	library_free(s->library);
	store_close(s->store);
}

/* The n-th text, into the store. */
static const char *
text_of(size_t n, char text[64])
{
	snprintf(text, 64, "{\"events\":[],\"later\":%zu}", n);
	return text;
}

static void
put(struct shelf *s, const char *events, const char *ima_policy)
{
	struct golden g = sample_judged("host-a", 5);

	add_golden_texts(s->store, &g, events, ima_policy);
}

/* Out of the store: what the library still lends is what it kept. */
static void
empty_store(struct shelf *s)
{
	struct err err = {0};

	assert_true(store_host_forget(s->store, "host-a", "uid=0", &err));
}

static const struct volume *
lend(struct shelf *s, const char *text, struct err *err)
{
	const struct digest digest = text_digest(text);

	return library_events(s->library, digest.at, err);
}

static const struct volume *
lend_n(struct shelf *s, size_t n)
{
	char text[64];

	return lend(s, text_of(n, text), NULL);
}

static void
what_is_lent_is_read_once(void **state)
{
	const struct digest name = text_digest(policy);
	const struct volume *first, *again, *files;
	struct shelf s;
	struct err err = {0};

	(void)state;
	open_shelf(&s);
	put(&s,
	    "{\"events\":[{\"pcr\":4,\"type\":\"EV_IPL\",\"proved\":true,"
	    "\"text\":\"t\",\"digests\":{\"sha1\":"
	    "\"0011223344556677889900112233445566778899\"}}]}",
	    policy);
	first = lend(&s,
	             "{\"events\":[{\"pcr\":4,\"type\":\"EV_IPL\",\"proved\":"
	             "true,\"text\":\"t\",\"digests\":{\"sha1\":"
	             "\"0011223344556677889900112233445566778899\"}}]}",
	             &err);
	if (first == NULL)
		fail_msg("%s", err.text);
	assert_int_equal(bootref_count(&first->events, 4), 1);
	assert_null(first->ima_policy);
	files = library_ima_policy(s.library, name.at, &err);
	assert_non_null(files);
	assert_non_null(files->ima_policy);
	assert_int_equal(files->events.n, 0);
	empty_store(&s);
	again = library_ima_policy(s.library, name.at, &err);
	assert_ptr_equal(again, files);
	/* Lent twice, it is given back twice. */
	library_give_back(s.library, files);
	library_give_back(s.library, again);
	library_give_back(s.library, first);
	library_give_back(s.library, NULL);
	close_shelf(&s);
}

static void
those_lent_last_are_kept(void **state)
{
	char text[64];
	struct shelf s;
	size_t kept = 0;

	(void)state;
	open_shelf(&s);
	for (size_t i = 0; i < IDLE + 3; i++)
		put(&s, text_of(i, text), policy);
	for (size_t i = 0; i < IDLE + 3; i++)
		library_give_back(s.library, lend_n(&s, i));
	/* What is looked at again is the last. */
	library_give_back(s.library, lend_n(&s, 3));
	library_give_back(s.library, lend_n(&s, 0));
	empty_store(&s);
	for (size_t i = 0; i < IDLE + 3; i++) {
		const struct volume *v = lend_n(&s, i);
		bool expected = i == 0 || i == 3 || i > 4;

		if ((v != NULL) != expected)
			fail_msg("text %zu", i);
		library_give_back(s.library, v);
		kept += v != NULL;
	}
	assert_int_equal(kept, IDLE);
	close_shelf(&s);
}

/* However many others come and go. */
static void
what_is_lent_is_never_discarded(void **state)
{
	const struct volume *lent[IDLE + 2];
	char text[64];
	struct shelf s;

	(void)state;
	open_shelf(&s);
	for (size_t i = 0; i < 2 * (IDLE + 2); i++)
		put(&s, text_of(i, text), policy);
	for (size_t i = 0; i < LENGTH_OF(lent); i++) {
		lent[i] = lend_n(&s, i);
		assert_non_null(lent[i]);
	}
	for (size_t i = IDLE + 2; i < 2 * (IDLE + 2); i++)
		library_give_back(s.library, lend_n(&s, i));
	empty_store(&s);
	for (size_t i = 0; i < LENGTH_OF(lent); i++) {
		assert_ptr_equal(lend_n(&s, i), lent[i]);
		library_give_back(s.library, lent[i]);
		/* It is lent once more. */
		assert_int_equal(lent[i]->events.n, 0);
	}
	for (size_t i = 0; i < LENGTH_OF(lent); i++)
		library_give_back(s.library, lent[i]);
	/* Now it may go: two of them did. */
	for (size_t i = 0, kept = 0; i < LENGTH_OF(lent); i++) {
		const struct volume *v = lend_n(&s, i);

		kept += v != NULL;
		library_give_back(s.library, v);
		assert_true(kept <= IDLE);
		assert_true(i + 1 < LENGTH_OF(lent) || kept == IDLE);
	}
	close_shelf(&s);
}

static enum err_code
refusal(struct shelf *s, const char *text, bool as_policy)
{
	const struct digest digest = text_digest(text);
	struct err err = {0};
	const struct volume *v =
	    as_policy ? library_ima_policy(s->library, digest.at, &err)
		      : library_events(s->library, digest.at, &err);

	library_give_back(s->library, v);
	return v != NULL ? ERR_NONE : err.code;
}

static void
a_text_that_is_none_is_refused(void **state)
{
	static const char *const none[] = {
	    "x",
	    "{}",
	    "[]",
	    "{\"events\":{}}",
	    "{\"events\":[1]}",
	    "{\"events\":[{\"pcr\":4,\"type\":\"EV_IPL\",\"proved\":true,"
	    "\"text\":\"t\","
	    "\"digests\":{\"sha1\":"
	    "\"0011223344556677889900112233445566778899\"}},1]}",
	    "{\"events\":[]} "
	    "x"};
	struct shelf s;

	(void)state;
	open_shelf(&s);
	for (size_t i = 0; i < LENGTH_OF(none); i++) {
		put(&s, none[i], "no policy");
		for (int k = 0; k < 2; k++)
			if (refusal(&s, none[i], false) != ERR_MALFORMED)
				fail_msg("%s", none[i]);
	}
	for (int k = 0; k < 2; k++)
		assert_int_equal(refusal(&s, "no policy", true), ERR_MALFORMED);
	/* It is not in the store. */
	assert_int_equal(refusal(&s, "another", false), ERR_NOT_FOUND);
	assert_int_equal(refusal(&s, "another", true), ERR_NOT_FOUND);
	/* Nothing of that was kept. */
	empty_store(&s);
	assert_int_equal(refusal(&s, "x", false), ERR_NOT_FOUND);
	assert_int_equal(refusal(&s, "no policy", true), ERR_NOT_FOUND);
	close_shelf(&s);
}

/* What was read as one is not lent as the other. */
static void
a_text_is_of_one_kind(void **state)
{
	static const char events[] = "{\"events\":[]}";
	struct shelf s;

	(void)state;
	open_shelf(&s);
	put(&s, events, policy);
	for (int k = 0; k < 2; k++) {
		assert_int_equal(refusal(&s, events, false), ERR_NONE);
		assert_int_equal(refusal(&s, events, true), ERR_MALFORMED);
		assert_int_equal(refusal(&s, policy, true), ERR_NONE);
		assert_int_equal(refusal(&s, policy, false), ERR_MALFORMED);
	}
	close_shelf(&s);
}

/* As long as one that came over the control wire may be. */
static void
a_long_policy_is_read_whole(void **state)
{
	enum { LONG = 20 * 1024 * 1024 };
	char *text = malloc(LONG + 1);
	struct shelf s;

	(void)state;
	assert_non_null(text);
	memcpy(text, policy, sizeof(policy) - 1);
	for (size_t i = sizeof(policy) - 1; i < LONG; i++)
		text[i] = i % 1000 == 999 ? '\n' : i % 1000 == 0 ? '#' : 'x';
	/* From the first line's end on. */
	memset(text + sizeof(policy) - 1, '#', 1000 - sizeof(policy));
	text[LONG] = '\0';
	open_shelf(&s);
	put(&s, "{\"events\":[]}", text);
	assert_int_equal(refusal(&s, text, true), ERR_NONE);
	close_shelf(&s);
	free(text);
}

static void
what_is_written_is_read(void **state)
{
	AUTO(buf_done) struct buf text = {0};
	const struct bootref none = {0};
	struct shelf s;

	(void)state;
	library_write_events(&none, &text);
	buf_u8(&text, 0);
	open_shelf(&s);
	put(&s, (const char *)text.at, policy);
	assert_int_equal(refusal(&s, (const char *)text.at, false), ERR_NONE);
	close_shelf(&s);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(what_is_lent_is_read_once),
	    TEST(those_lent_last_are_kept),
	    TEST(what_is_lent_is_never_discarded),
	    TEST(a_text_that_is_none_is_refused),
	    TEST(a_text_is_of_one_kind),
	    TEST(a_long_policy_is_read_whole),
	    TEST(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
