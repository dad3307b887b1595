/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who has which address until when, and what the kernel was told of it.  An
 * address is in as long as one trusted host has it. */
#ifndef GATEPLAN_BOOK_H
#define GATEPLAN_BOOK_H

#include "base/buf.h"
#include "evidence/standing.h"
#include "gateplan/ip.h"

enum {
	BOOK_HOSTS_MAX = 16384, /* trusted at one time; others stay shut out */
};

struct book_host {
	char name[HOST_NAME_MAX_SIZE];
	uint64_t until_ms;
	bool listed; /* since book_list() */
	size_t n;
	struct ip ips[STANDING_ADDRESSES_MAX];
};

struct book_entry {
	struct ip ip;
	uint64_t until_ms;
};

struct book_entries {
	struct book_entry *at; /* sorted; each address once */
	size_t n;
};

/* {0} is an empty one. */
struct book {
	struct book_host *hosts;
	size_t n, cap;
	struct book_entries told;
	/* What the kernel has is not known (a new table, a failed change): all
	 * is told anew, and what else it had is gone. */
	bool anew;
};

/* The host has these addresses until then, whatever was said of it before; a
 * time that is over, or no address: it has none.  False: there is no room for
 * it, and it has none. */
MUST_CHECK bool book_take(struct book *, const char *host, uint64_t until_ms,
                          uint64_t now_ms, const struct ip *, size_t n);
/* A list of all hosts begins; at its end, who was not taken since has none. */
void book_list(struct book *);
void book_listed(struct book *);

/* Appends what nftables is to be told so that the sets hold what the book says
 * at `now_ms`, in one transaction; nothing when they do.  `next` is what will
 * have been told: book_told() when that was done, else free(next->at). */
void book_changes(const struct book *, uint64_t now_ms, struct buf *out,
                  struct book_entries *next);
void book_told(struct book *, struct book_entries *next);

void book_done(struct book *);

#endif
