/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two hosts and a domain that may move, for checks' tests: each row bends one
 * thing, and says what a check then must say. */
#ifndef CHECKS_WORLD_H
#define CHECKS_WORLD_H

#include "checks/check.h"

struct world {
	struct facts f;
	/* disks[0] is "vda", /nfs/vda on nfs4, the same file at both ends:
	 * here[0] and there[0].  The others are not counted yet. */
	struct disk_facts disks[3];
	struct local_path here[3], there[3];
	const char *backing[2];
	struct lookup_facts looked[2];
	struct machine_facts machine; /* "pc-q35-7.2", 288 CPUs at most */
	struct cell_facts cells[2];   /* 0: "0-3", 1: "4-7" */
	struct pages_facts pages[4];  /* 2 MiB: 512 free in each cell */
	struct hugepages_facts huge[2];
	const char *pins[2], *nodesets[1];
};

void world_init(struct world *);

/* Of what both ends are: adds the same file at both, and a disk on it. */
struct disk_facts *world_disk(struct world *, const char *target,
                              const char *path);

struct row {
	const char *name;
	const char *id; /* of the check */
	void (*bend)(struct world *);
	enum outcome outcome;
	const char *key; /* a part of the text */
};

/* Fails by the row's name. */
void rows_hold(const struct row *, size_t n);

/* Each of the checks of this list has a row that passes, one that warns or
 * blocks, and one that could not run. */
void rows_cover(const struct row *, size_t n, const struct migration_check *);

#endif
