/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Configuration in libvirt's manner, key = "value", lists in brackets, # for
 * comments: a table says which keys there are, and a wrong key, type or value
 * is an error with file and line. */
#ifndef SYS_CONFIG_H
#define SYS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

enum config_kind {
	CONFIG_TEXT,   /* char * */
	CONFIG_NUMBER, /* uint64_t; from `min` to `max` */
	CONFIG_LIST,   /* struct config_list: texts */
};

struct config_list {
	size_t n;
	char **items;
};

struct config_key {
	const char *name;
	enum config_kind kind;
	size_t offset;        /* of the field in the caller's struct */
	const char *fallback; /* as -o would give it; "" is an empty list */
	uint64_t min, max;    /* CONFIG_NUMBER */
	/* May be NULL.  Judges a value (each one of a list); fills `err`. */
	bool (*allowed)(const char *value, struct err *);
};

/* Where values come from: a file (NULL: none), then -o's "KEY=VALUE" (a list's
 * items are separated by commas). */
struct config_source {
	const char *path;
	const char *const *overrides;
	size_t n_overrides;
	bool shared; /* another program's file: keys of no interest here are
	              * passed over */
};

/* Fills `into` (zeroed by the caller) from the fallbacks, then from `from`.
 * False with a text such as
 * "/etc/virt-attest/agentd.conf:3: lisetn: no such key". */
MUST_CHECK bool config_load(const struct config_key *keys, size_t n_keys,
                            const struct config_source *from, void *into,
                            struct err *);

/* What cannot change while a program runs: of each key in `names` (NULL ends
 * them) `fresh` gets what `old` has, and `old` the other.  Those that differed
 * are named in `changed`, "listen, tcti". */
void config_keep(const struct config_key *keys, size_t n_keys,
                 const char *const *names, void *old, void *fresh,
                 struct buf *changed);

/* Frees the fields. */
void config_done(const struct config_key *keys, size_t n_keys, void *into);

#endif
