/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists that were altered, each bit of them: what is altered does not reach the
 * quote, but for what is not among what is hashed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "imawalk_help.h"

enum { ENTRIES_MAX = 8 };

/* A list of some entries, its quote, and a policy that lists all its files. */
struct list {
	struct buf file;
	size_t n;
	struct imalog_entry entries[ENTRIES_MAX];
	struct pcr_values quoted;
	struct imapolicy *policy;
	struct walked whole;
};

static struct list
list_of(const char *name, uint16_t alg)
{
	struct list l = {.file = imalog_load(name)};
	struct span bytes = buf_span(&l.file);
	struct imalog log = log_of(bytes);
	struct digest goal;
	struct err err;

	while (imalog_next(&log, &l.entries[l.n], &err) == IMALOG_ENTRY) {
		l.n++;
		assert_true(l.n < ENTRIES_MAX);
	}
	goal = pcr10_after(bytes, l.n, alg, false);
	l.quoted = quoted_of(alg, digest_span(&goal), 0, (struct span){0});
	l.policy = policy_of_log(bytes, "", NULL);
	l.whole = walk_on(NULL, bytes, &l.quoted, l.policy, bytes.len);
	assert_int_equal(l.whole.got, IMAWALK_REACHED);
	assert_int_equal(l.whole.tally.refused, l.whole.state.violations);
	return l;
}

static void
list_done(struct list *l)
{
	buf_done(&l->file);
	imapolicy_free(l->policy);
}

static bool
within(struct span s, const uint8_t *at)
{
	return at >= s.at && at < s.at + s.len;
}

/* The entry that has this byte in what is not hashed, or NULL: the name of its
 * template, or a violation's data. */
static const struct imalog_entry *
bare_at(const struct list *l, const uint8_t *at)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct imalog_entry *e = &l->entries[i];

		if (within(e->template, at) ||
		    (e->violation && within(e->data, at)))
			return e;
	}
	return NULL;
}

static void
flip_each(struct list *l)
{
	uint64_t reached = 0;

	for (size_t bit = 0; bit < 8 * l->file.len; bit++) {
		uint8_t *at = l->file.at + bit / 8;
		const struct imalog_entry *e = bare_at(l, at);
		struct walked w;

		*at ^= (uint8_t)(1 << bit % 8);
		w = walk_on(NULL, buf_span(&l->file), &l->quoted, l->policy,
		            l->file.len);
		*at ^= (uint8_t)(1 << bit % 8);
		if (w.got != IMAWALK_REACHED)
			continue;
		reached++;
		if (e == NULL)
			fail_msg("bit %zu is not noticed", bit);
		/* Refused by name, and nobody is told of another file. */
		assert_true(w.tally.refused != 0);
		if (within(e->template, at) && !e->violation) {
			/* Or a violation before it. */
			assert_true(w.tally.first_refused.entry <= e->n);
			if (w.tally.first_refused.entry == e->n)
				assert_int_equal(w.tally.first_refused.finding,
				                 IMAPOLICY_TEMPLATE);
			assert_int_equal(w.tally.refused,
			                 l->whole.tally.refused + 1);
		} else {
			assert_true(w.tally.first_refused.finding ==
			                IMAPOLICY_VIOLATION ||
			            w.tally.first_refused.finding ==
			                IMAPOLICY_TEMPLATE);
			assert_int_equal(w.tally.refused,
			                 l->whole.tally.refused);
		}
	}
	assert_true(reached != 0);
}

static const struct {
	const char *name;
	uint16_t alg;
} small[] = {
    {"ngv2.bin", TPM_ALG_SHA256},      {"ngv2.bin", TPM_ALG_SHA1},
    {"signed.bin", TPM_ALG_SHA256},    {"violation.bin", TPM_ALG_SHA256},
    {"violation.bin", TPM_ALG_SHA1},   {"bank-sha256.bin", TPM_ALG_SHA256},
    {"bank-sha256.bin", TPM_ALG_SHA1},
};

static void
each_bit_is_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(small); i++) {
		struct list l = list_of(small[i].name, small[i].alg);

		flip_each(&l);
		list_done(&l);
	}
}

static void
a_cut_list_does_not_reach(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(small); i++) {
		struct list l = list_of(small[i].name, small[i].alg);

		for (size_t n = 0; n < l.file.len; n++) {
			struct walked w = walk_on(NULL, span_of(l.file.at, n),
			                          &l.quoted, l.policy, 100);

			/* What is too short to be known is bad. */
			if (n == 0 || n >= l.entries[1].offset)
				assert_int_equal(w.got, IMAWALK_NOT_REACHED);
			else
				assert_true(w.got != IMAWALK_REACHED);
		}
		list_done(&l);
	}
}

static struct span
bytes_of(const struct list *l, size_t i)
{
	size_t from = l->entries[i].offset,
	       to = i + 1 < l->n ? l->entries[i + 1].offset : l->file.len;

	return span_of(l->file.at + from, to - from);
}

/* The list of these entries of it. */
static enum imawalk_got
walk_order(const struct list *l, const size_t *order, size_t n)
{
	AUTO(buf_done) struct buf file = {0};

	for (size_t i = 0; i < n; i++)
		buf_add(&file, bytes_of(l, order[i]));
	return walk_on(NULL, buf_span(&file), &l->quoted, l->policy, file.len)
	    .got;
}

static void
another_order_does_not_reach(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(small); i++) {
		struct list l = list_of(small[i].name, small[i].alg);
		size_t order[ENTRIES_MAX + 1], n;

		for (size_t a = 0; a < l.n; a++) {
			/* Two change places. */
			for (size_t b = a + 1; b < l.n; b++) {
				for (n = 0; n < l.n; n++)
					order[n] = n == a ? b : n == b ? a : n;
				assert_true(walk_order(&l, order, n) !=
				            IMAWALK_REACHED);
			}
			/* One is dropped. */
			n = 0;
			for (size_t k = 0; k < l.n; k++)
				if (k != a)
					order[n++] = k;
			assert_true(walk_order(&l, order, n) !=
			            IMAWALK_REACHED);
			/* One is there twice. */
			n = 0;
			for (size_t k = 0; k < l.n; k++) {
				order[n++] = k;
				if (k == a)
					order[n++] = k;
			}
			assert_int_equal(walk_order(&l, order, n) ==
			                     IMAWALK_REACHED,
			                 a == l.n - 1);
		}
		list_done(&l);
	}
}

/* A good entry that was never extended, at each place: behind the quote it is
 * the next quote's matter. */
static void
an_invented_entry_does_not_reach(void **state)
{
	struct list l = list_of("violation.bin", TPM_ALG_SHA256);
	AUTO(buf_done) struct buf data = {0};

	(void)state;
	put_u32(&data, 40);
	buf_add(&data, span_of("sha256:", 8));
	buf_add(&data, span_of("0123456789abcdef0123456789abcdef", 32));
	put_u32(&data, 3);
	buf_add(&data, span_of("/x", 3));
	for (size_t i = 0; i <= l.n; i++) {
		AUTO(buf_done) struct buf file = {0};
		struct walked w;

		for (size_t k = 0; k <= l.n; k++) {
			if (k == i)
				put_entry(&file, "ima-ng", buf_span(&data));
			if (k < l.n)
				buf_add(&file, bytes_of(&l, k));
		}
		w = walk_on(NULL, buf_span(&file), &l.quoted, l.policy,
		            file.len);
		assert_int_equal(w.got == IMAWALK_REACHED, i == l.n);
		if (i == l.n)
			assert_int_equal(w.state.n, l.n);
	}
	list_done(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_bit_is_noticed),
	    cmocka_unit_test(a_cut_list_does_not_reach),
	    cmocka_unit_test(another_order_does_not_reach),
	    cmocka_unit_test(an_invented_entry_does_not_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
