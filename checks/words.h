/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What several subjects ask of texts: are they the same, is one of them in a
 * list, is a number in a set that libvirt wrote. */
#ifndef CHECKS_WORDS_H
#define CHECKS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"

/* The same text.  NULL is "not known", which is the same as nothing, not even
 * as another NULL. */
bool same_text(const char *a, const char *b);

/* The same, but for the case of ASCII letters: host names, words of DNS. */
bool same_name(const char *a, const char *b);

/* `text` begins with `start`; NULL begins with nothing. */
bool begins_with(const char *text, const char *start);

/* `text` is in the list of `n`, which may be NULL when `n` is 0. */
bool is_one_of(const char *const *list, size_t n, const char *text);

/* `text`, or "not known" for NULL: for sentences. */
const char *or_unknown(const char *text);

/* An address that every host has as its own: it is not asked for. */
bool is_every_hosts(const char *address);

/* A set of CPUs or NUMA nodes, as libvirt writes it: "0-3,^2,8". */
enum {
	CPUSET_SIZE = 16384, /* numbers from 0; libvirt's own limit of CPUs */
	CPUSET_TEXT_MAX = 64 * 1024,
};

struct cpuset {
	uint8_t bits[CPUSET_SIZE / 8];
};

/* False, and the set empty, for NULL, for a text that is no such set, and for
 * one that holds a number from CPUSET_SIZE on.  "" is the empty set. */
MUST_CHECK bool cpuset_parse(const char *text, struct cpuset *);
bool cpuset_has(const struct cpuset *, unsigned number);
/* Whether all of `a` is in `b`; else the first number that is not. */
MUST_CHECK bool cpuset_is_within(const struct cpuset *a, const struct cpuset *b,
                                 unsigned *first);

#endif
