/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks_world.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct local_path on_nfs = {
    .path = "/nfs/vda",
    .exists = true,
    .kind = "file",
    .size = 10 << 20,
    .device = 50,
    .inode = 77,
    .filesystem = "nfs4",
    .mount_source = "nas:/export",
    .available = 100 << 20,
};

struct disk_facts *
world_disk(struct world *w, const char *target, const char *path)
{
	size_t n = w->f.domain.n_disks++;

	assert_true(n < LENGTH_OF(w->disks));
	w->here[n] = w->there[n] = on_nfs;
	w->here[n].path = w->there[n].path = path;
	w->f.source_local.n_paths = w->f.destination_local.n_paths = n + 1;
	w->disks[n] = (struct disk_facts){
	    .target = target,
	    .type = "file",
	    .device = "disk",
	    .path = path,
	    .format = "raw",
	    .cache = "none",
	    .capacity = 10 << 20,
	    .allocation = 1 << 20,
	};
	return &w->disks[n];
}

static void
init_destination(struct world *w)
{
	struct host_facts *d = &w->f.destination;

	w->machine =
	    (struct machine_facts){.name = "pc-q35-7.2", .max_vcpus = 288};
	d->machines = &w->machine;
	d->n_machines = 1;
	d->domcaps_max_vcpus = 288;
	d->cpus_max = 8;
	d->online = "0-7";
	w->cells[0] = (struct cell_facts){.id = 0, .cpus = "0-3"};
	w->cells[1] = (struct cell_facts){.id = 1, .cpus = "4-7"};
	d->cells = w->cells;
	d->n_cells = 2;
	w->pages[0] = (struct pages_facts){.size_kib = 4, .free = 1 << 20};
	w->pages[1] = (struct pages_facts){.size_kib = 2048, .free = 512};
	w->pages[2] =
	    (struct pages_facts){.size_kib = 2048, .cell = 1, .free = 512};
	d->pages = w->pages;
	d->n_pages = 3;
	d->memory_total_kib = 16 << 20;
	d->memory_free_kib = 1 << 20;
	d->memory_available_kib = 8 << 20;
}

void
world_init(struct world *w)
{
	struct domain_facts *domain = &w->f.domain;

	*w = (struct world){0};
	domain->name = "guest";
	domain->active = true;
	domain->machine = "pc-q35-7.2";
	domain->memory_kib = domain->max_memory_kib = 2 << 20;
	domain->vcpus = domain->max_vcpus = 2;
	domain->disks = w->disks;
	domain->hugepages = w->huge;
	domain->pins = w->pins;
	domain->nodesets = w->nodesets;
	w->f.source.version = 7002000;
	w->f.source_local.boot_id = "boot-a";
	w->f.source_local.paths = w->here;
	w->f.destination_local.boot_id = "boot-b";
	w->f.destination_local.paths = w->there;
	world_disk(w, "vda", "/nfs/vda");
	init_destination(w);
}

void
rows_hold(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct migration_check *check = check_of(rows[i].id);
		struct world w;
		struct result r;

		if (check == NULL)
			fail_msg("%s: no check %s", rows[i].name, rows[i].id);
		world_init(&w);
		if (rows[i].bend != NULL)
			rows[i].bend(&w);
		check_run(check, &w.f, &r);
		if (r.outcome != rows[i].outcome ||
		    strstr(r.text, rows[i].key) == NULL)
			fail_msg("%s: %s says %s: %s (not %s: %s)",
			         rows[i].name, check->id,
			         outcome_name(r.outcome), r.text,
			         outcome_name(rows[i].outcome), rows[i].key);
	}
}

void
rows_cover(const struct row *rows, size_t n,
           const struct migration_check *checks)
{
	for (; checks->id != NULL; checks++) {
		bool seen[3] = {false};

		for (size_t i = 0; i < n; i++) {
			if (strcmp(rows[i].id, checks->id) != 0)
				continue;
			seen[0] |= rows[i].outcome == OUTCOME_PASS;
			seen[1] |= rows[i].outcome == OUTCOME_WARN ||
			           rows[i].outcome == OUTCOME_BLOCK;
			seen[2] |= rows[i].outcome == OUTCOME_NOT_RUN;
		}
		if (!seen[0] || !seen[1] || !seen[2])
			fail_msg("%s: a row is missing (pass %d, warn or block "
			         "%d, not run %d)",
			         checks->id, seen[0], seen[1], seen[2]);
	}
}
