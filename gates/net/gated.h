/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of virt-attest-gated: the table that it keeps, the control groups
 * that the table looks at, and the verifier that it hears. */
#ifndef GATED_GATED_H
#define GATED_GATED_H

#include "config.h"
#include "gateplan/book.h"
#include "life/life.h"
#include "net/loop.h"
#include "nft/nft.h"

struct gated {
	const struct daemon_options *options;
	struct config config;
	struct loop *loop;
	struct life *life;
	struct book book;
	bool heard; /* the verifier, since it told of all */
	struct nft *nft;
	struct table *table;
	struct cgroups *cgroups;
	struct feed *feed;
};

/* table.c: our own table, made at once.  NULL, with a sentence: it was not. */
struct table *table_new(struct gated *, struct err *);
void table_free(struct table *); /* the kernel's stays */
/* The sets are to hold what the book says; tried again until they do. */
void table_follow(struct table *);
/* The control groups have changed, or may have. */
void table_regroup(struct table *);
/* As `fresh` has it from here on, in one transaction, and `fresh` is what was
 * before.  False, with a sentence: the table stands as it stood. */
MUST_CHECK bool table_take(struct table *, struct config *fresh, struct err *);
/* How it stands, in a line. */
void table_status(const struct table *, char *out, size_t size);

/* cgroups.c: tells when control groups come.  NULL, with a sentence. */
struct cgroups *cgroups_new(struct gated *, struct err *);
void cgroups_free(struct cgroups *);
/* The configuration may name others.  Those that it named are heard of still,
 * which is too often and no harm. */
void cgroups_follow(struct cgroups *);
/* Whether there is a hierarchy of version 2 where nftables looks for it. */
bool cgroups_usable(void);
/* The number of this one, that nftables goes by; 0: it is not there. */
uint64_t cgroup_id(const char *path);

/* feed.c: the verifier's events, for ever. */
struct feed *feed_new(struct gated *);
void feed_free(struct feed *);
/* Hears all of it anew, where the configuration says now. */
void feed_again(struct feed *);

/* reload.c: gated.conf, whole or not at all; `gated` is one. */
MUST_CHECK bool gated_reload(void *gated, struct err *why);

/* privileges.c: keeps CAP_NET_ADMIN and nothing else, for good. */
MUST_CHECK bool privileges_drop(struct err *);

#endif
