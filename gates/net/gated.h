/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of virt-attest-gated: the table that it keeps, the control groups
 * that the table looks at, and the verifier that it hears. */
#ifndef GATED_GATED_H
#define GATED_GATED_H

#include "config.h"
#include "gateplan/book.h"
#include "net/loop.h"
#include "nft/nft.h"

struct gated {
	struct config config;
	struct loop *loop;
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

/* cgroups.c: tells when control groups come.  NULL, with a sentence. */
struct cgroups *cgroups_new(struct gated *, struct err *);
void cgroups_free(struct cgroups *);
/* Whether there is a hierarchy of version 2 where nftables looks for it. */
bool cgroups_usable(void);
/* The number of this one, that nftables goes by; 0: it is not there. */
uint64_t cgroup_id(const char *path);

/* feed.c: the verifier's events, for ever. */
struct feed *feed_new(struct gated *);
void feed_free(struct feed *);

/* privileges.c: keeps CAP_NET_ADMIN and nothing else, for good. */
MUST_CHECK bool privileges_drop(struct err *);

#endif
