/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Hosts without agents: a test says whether one is connected, and sees who
 * would be asked. */
#ifndef TRUST_HELP_PRIVATE_H
#define TRUST_HELP_PRIVATE_H

#include "hosts_private.h"

enum { TOLD_MAX = 64 };

struct trust_world {
	struct verifierd v;
	bool connected; /* all of them */
	struct trust_listener *listener;
	size_t n_told;
	struct standing told[TOLD_MAX];
	size_t n_asked; /* whose round would begin */
	struct host *asked;
	size_t quit_asked, quit_told; /* stop the loop then; 0: never */
	struct timer *limit;
};

extern struct trust_world *world; /* of the test that runs */

int trust_start(void **);
int trust_end(void **);

struct host *trust_host(const char *name, const char *address);
/* A verdict about it, kept and told as the commit does. */
void trust_judge(struct host *, struct verdict *, uint64_t until_s);
struct verdict trust_good(uint64_t golden);
const struct standing *trust_last(void);
/* Until what the test waits for; fails when it does not come. */
void trust_run(void);

#endif
