/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain's memory and where it and its CPUs may be. */
#include <limits.h>
#include <string.h>

#include "checks/words.h"
#include "domain_private.h"

/* The memory of the guest's nodes that `nodes` names; 0 for what is no set. */
static uint64_t
memory_of(struct xml_reading *r, const xmlNode *domain, const char *nodes)
{
	const xmlNode *numa = xml_at(domain, "cpu/numa");
	uint64_t sum = 0;
	struct cpuset set;
	unsigned id = 0;

	if (!cpuset_parse(nodes, &set))
		return 0;
	for (const xmlNode *at = xml_first(numa, "cell"); at != NULL;
	     at = xml_next(at), id++) {
		if (xmlHasProp(at, (const xmlChar *)"id") != NULL)
			id = (unsigned)xml_number(r, at, "id", UINT_MAX);
		if (cpuset_has(&set, id))
			sum += xml_kib(r, at, "memory");
	}
	/* A guest without nodes has one, node 0. */
	if (xml_first(numa, "cell") == NULL && cpuset_has(&set, 0))
		sum = xml_kib(r, xml_first(domain, "memory"), NULL);
	return sum;
}

static void
read_hugepages(struct xml_reading *r, const xmlNode *domain,
               struct domain_facts *d)
{
	const xmlNode *pages = xml_at(domain, "memoryBacking/hugepages");
	size_t n = xml_count(r, pages, "page", HUGEPAGES_MAX), i = 0;
	uint64_t named = 0;

	if (pages == NULL)
		return;
	d->n_hugepages = n != 0 ? n : 1; /* no <page>: of the default size */
	d->hugepages =
	    arena_new(r->arena, d->n_hugepages, sizeof(*d->hugepages));
	for (const xmlNode *at = xml_first(pages, "page"); at != NULL && i < n;
	     at = xml_next(at), i++) {
		struct hugepages_facts *h = &d->hugepages[i];

		h->size_kib = xml_kib(r, at, "size");
		h->nodes = xml_text(r, at, "nodeset");
		if (h->nodes != NULL)
			h->memory_kib = memory_of(r, domain, h->nodes);
		named += h->memory_kib;
	}
	/* One without nodes backs what the others leave. */
	for (i = 0; i < d->n_hugepages; i++)
		if (d->hugepages[i].nodes == NULL && named < d->memory_kib)
			d->hugepages[i].memory_kib = d->memory_kib - named;
}

static void
add_sets(struct xml_reading *r, const xmlNode *parent, const char *name,
         struct domain_facts *d)
{
	for (const xmlNode *at = xml_first(parent, name); at != NULL;
	     at = xml_next(at)) {
		const char *set = xml_text(r, at, "cpuset");

		if (set == NULL)
			continue;
		if (d->n_pins == PINS_MAX) {
			(void)xml_bad(r, ERR_LIMIT, "over %d CPU pins",
			              PINS_MAX);
			return;
		}
		d->pins[d->n_pins++] = set;
	}
}

static void
read_pins(struct xml_reading *r, const xmlNode *domain, struct domain_facts *d)
{
	static const char *const names[] = {"vcpupin", "emulatorpin",
	                                    "iothreadpin"};
	const xmlNode *tune = xml_first(domain, "cputune");

	d->cpuset = xml_text(r, xml_first(domain, "vcpu"), "cpuset");
	if (tune == NULL)
		return;
	d->pins = arena_new(r->arena, PINS_MAX, sizeof(*d->pins));
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		add_sets(r, tune, names[i], d);
}

static void
read_numa(struct xml_reading *r, const xmlNode *domain, struct domain_facts *d)
{
	const xmlNode *tune = xml_first(domain, "numatune");
	const xmlNode *memory = xml_first(tune, "memory");
	size_t n = xml_count(r, tune, "memnode", PINS_MAX);
	const char *set = xml_text(r, memory, "nodeset");

	d->numa_mode = xml_text(r, memory, "mode");
	d->nodesets = arena_new(r->arena, n + 1, sizeof(*d->nodesets));
	if (set != NULL)
		d->nodesets[d->n_nodesets++] = set;
	for (const xmlNode *at = xml_first(tune, "memnode");
	     at != NULL && d->n_nodesets <= n; at = xml_next(at)) {
		const char *mode = xml_text(r, at, "mode");

		set = xml_text(r, at, "nodeset");
		if (set != NULL)
			d->nodesets[d->n_nodesets++] = set;
		/* The hardest of them is the one that must hold. */
		if (d->numa_mode == NULL ||
		    (mode != NULL && strcmp(mode, "strict") == 0))
			d->numa_mode = mode;
	}
}

void
domain_memory(struct xml_reading *r, const xmlNode *domain,
              struct domain_facts *d)
{
	const xmlNode *backing = xml_first(domain, "memoryBacking");

	d->memory_kib = xml_kib(r, xml_first(domain, "memory"), NULL);
	d->max_memory_kib = xml_kib(r, xml_first(domain, "maxMemory"), NULL);
	if (d->max_memory_kib == 0)
		d->max_memory_kib = d->memory_kib;
	d->locked = xml_first(backing, "locked") != NULL;
	d->hard_limit_kib =
	    xml_kib(r, xml_at(domain, "memtune/hard_limit"), NULL);
	if (d->hard_limit_kib == XML_KIB_MAX)
		d->hard_limit_kib = 0;
	read_hugepages(r, domain, d);
	read_pins(r, domain, d);
	read_numa(r, domain, d);
}
