/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/check.h"
#include "checks/memory_private.h"
#include "checks/words.h"

enum {
	/* What QEMU takes beside the guest's memory: its own code and heap,
	 * video memory, buffers of the migration. */
	QEMU_OVERHEAD_KIB = 256 * 1024,
	KIB_A_MIB = 1024,
};

/* Memory that comes from pages set aside is not taken from the rest. */
static uint64_t
memory_in_hugepages(const struct domain_facts *d)
{
	uint64_t kib = 0;

	for (size_t i = 0; i < d->n_hugepages; i++) {
		uint64_t more = d->hugepages[i].memory_kib;

		kib = more < d->memory_kib - kib ? kib + more : d->memory_kib;
	}
	return kib;
}

static void
memory(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;
	const struct host_facts *to = &f->destination;
	uint64_t need = d->memory_kib - memory_in_hugepages(d);
	const char *fact = NULL;

	if (to->memory_why != NULL)
		fact = to->memory_why;
	else if (d->memory_kib == 0)
		fact = "the domain's memory is not known";
	else if (to->memory_total_kib == 0 || to->memory_available_kib == 0)
		fact = "the destination does not say its memory";
	if (fact != NULL) {
		result_not_run(r, "%s", fact);
		return;
	}
	need = need > UINT64_MAX - QEMU_OVERHEAD_KIB ? UINT64_MAX
	                                             : need + QEMU_OVERHEAD_KIB;
	if (need > to->memory_total_kib) {
		result_block(r, "the domain needs more memory than the "
		                "destination has at all");
		result_remedy(r, "choose a larger host");
	} else if (need > to->memory_available_kib && d->locked) {
		result_block(r, "the domain locks more memory than the "
		                "destination has available");
		result_remedy(r, "free memory there");
	} else if (need > to->memory_available_kib) {
		result_warn(r, "the domain may use more memory than the "
		               "destination has available: it would swap, or "
		               "end a process");
		result_remedy(r, "free memory there, or shrink the domain: "
		                 "virsh setmem");
	} else
		result_pass(r, "the domain's memory is available at the "
		               "destination");
	result_values_u64(r, need / KIB_A_MIB,
	                  (need > to->memory_total_kib
	                       ? to->memory_total_kib
	                       : to->memory_available_kib) /
	                      KIB_A_MIB,
	                  "MiB");
}

/* The size that <hugepages/> without one means: the smallest above that of
 * ordinary pages.  0: none. */
static uint64_t
default_size(const struct host_facts *to)
{
	uint64_t ordinary = UINT64_MAX, size = UINT64_MAX;

	for (size_t i = 0; i < to->n_pages; i++)
		if (to->pages[i].size_kib < ordinary)
			ordinary = to->pages[i].size_kib;
	for (size_t i = 0; i < to->n_pages; i++)
		if (to->pages[i].size_kib > ordinary &&
		    to->pages[i].size_kib < size)
			size = to->pages[i].size_kib;
	return size == UINT64_MAX ? 0 : size;
}

/* The nodes that memory may come from when the domain says "strict"; false:
 * from each. */
static bool
strict_nodes(const struct domain_facts *d, struct cpuset *nodes)
{
	*nodes = (struct cpuset){{0}};
	/* libvirt's default is "strict". */
	if (d->n_nodesets == 0 ||
	    (d->numa_mode != NULL && !same_text(d->numa_mode, "strict")))
		return false;
	for (size_t i = 0; i < d->n_nodesets; i++) {
		struct cpuset one;

		if (!cpuset_parse(d->nodesets[i], &one))
			return false;
		for (size_t k = 0; k < sizeof(one.bits); k++)
			nodes->bits[k] |= one.bits[k];
	}
	return true;
}

/* Free pages of a size.  What is told of the whole host counts when nothing is
 * told of its nodes.  False: it has none of that size. */
static bool
free_pages(const struct facts *f, uint64_t size_kib, uint64_t *free)
{
	const struct host_facts *to = &f->destination;
	struct cpuset nodes;
	bool strict = strict_nodes(&f->domain, &nodes);
	bool known = false, by_cell = false;
	uint64_t host = 0;

	*free = 0;
	for (size_t i = 0; i < to->n_pages; i++) {
		const struct pages_facts *p = &to->pages[i];

		if (p->size_kib != size_kib)
			continue;
		known = true;
		if (p->cell < 0) {
			host += p->free;
			continue;
		}
		by_cell = true;
		if (!strict || cpuset_has(&nodes, (unsigned)p->cell))
			*free += p->free;
	}
	if (!by_cell)
		*free = host;
	return known;
}

/* Pages of `size_kib` that the domain takes; `otherwise` is the default. */
static uint64_t
pages_needed(const struct domain_facts *d, uint64_t size_kib,
             uint64_t otherwise)
{
	uint64_t pages = 0;

	for (size_t i = 0; i < d->n_hugepages; i++) {
		const struct hugepages_facts *h = &d->hugepages[i];
		uint64_t size = h->size_kib != 0 ? h->size_kib : otherwise;

		if (size == size_kib)
			pages +=
			    h->memory_kib / size + (h->memory_kib % size != 0);
	}
	return pages;
}

static void
judge_pages(const struct facts *f, struct result *r, uint64_t size_kib,
            uint64_t otherwise)
{
	uint64_t need = pages_needed(&f->domain, size_kib, otherwise), free;
	unsigned long long size = size_kib;

	if (!free_pages(f, size_kib, &free)) {
		if (result_block(r, "the destination has no pages of %llu KiB",
		                 size))
			result_remedy(r, "set such pages aside there, with "
			                 "hugepagesz= of the kernel");
	} else if (free < need) {
		if (!result_block(r,
		                  "the domain needs %llu pages of %llu KiB, "
		                  "and the destination has %llu free%s",
		                  (unsigned long long)need, size,
		                  (unsigned long long)free,
		                  f->domain.n_nodesets != 0
		                      ? " on the nodes that it may use"
		                      : ""))
			return;
		result_values_u64(r, need, free, "pages");
		result_remedy(r, "raise nr_hugepages there: virsh allocpages");
	}
}

/* An entry before this one is of that size, and was judged for all. */
static bool
is_judged(const struct domain_facts *d, size_t entry, uint64_t size,
          uint64_t otherwise)
{
	for (size_t i = 0; i < entry; i++) {
		const struct hugepages_facts *h = &d->hugepages[i];

		if ((h->size_kib != 0 ? h->size_kib : otherwise) == size &&
		    h->memory_kib != 0)
			return true;
	}
	return false;
}

static void
hugepages(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;
	uint64_t otherwise = default_size(&f->destination);

	if (d->n_hugepages == 0) {
		result_pass(r, "the domain uses no huge pages");
		return;
	}
	if (f->destination.pages_why != NULL) {
		result_not_run(r, "%s", f->destination.pages_why);
		return;
	}
	for (size_t i = 0; i < d->n_hugepages; i++) {
		uint64_t size = d->hugepages[i].size_kib;

		if (size == 0)
			size = otherwise;
		if (size == 0)
			result_block(r, "the destination has no huge pages");
		else if (d->hugepages[i].memory_kib == 0)
			result_not_run(r,
			               "it is not known how much memory the "
			               "pages of %llu KiB back",
			               (unsigned long long)size);
		else if (!is_judged(d, i, size, otherwise))
			judge_pages(f, r, size, otherwise);
	}
	result_pass(r, "the destination has the domain's huge pages free");
}

static void
locked_memory(const struct facts *f, struct result *r)
{
	const struct domain_facts *d = &f->domain;
	uint64_t limit = d->hard_limit_kib;

	if (d->memory_kib == 0)
		result_not_run(r, "the domain's memory is not known");
	else if (begins_with(f->plan.migrate_uri, "rdma:") && limit == 0) {
		result_block(r, "a migration over RDMA locks the memory, and "
		                "the domain has no hard limit for it");
		result_remedy(r, "virsh memtune --hard-limit, above the "
		                 "domain's memory");
	} else if (limit != 0 && limit < d->memory_kib) {
		result_add(r, d->locked ? OUTCOME_BLOCK : OUTCOME_WARN,
		           "the domain's hard limit is below its memory%s",
		           d->locked ? ", which is locked" : "");
		result_values_u64(r, d->memory_kib / KIB_A_MIB,
		                  limit / KIB_A_MIB, "MiB");
		result_remedy(r, "virsh memtune --hard-limit, above the "
		                 "domain's memory");
	} else
		result_pass(r, "%s",
		            d->locked || limit != 0
		                ? "the domain may lock its memory"
		                : "the domain locks no memory");
}

const struct migration_check checks_memory[] = {
    {
	.id = "memory",
	.compares = "the domain's memory with what is available",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = memory,
    },
    {
	.id = "hugepages",
	.compares = "the domain's huge pages with free ones",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = hugepages,
    },
    {
	.id = "pinning",
	.compares = "CPUs and NUMA nodes that the domain names",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = memory_pinning,
    },
    {
	.id = "vcpus",
	.compares = "the number of virtual CPUs with the destination's",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = memory_vcpus,
    },
    {
	.id = "locked-memory",
	.compares = "memory that is locked with its limit",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN,
	.run = locked_memory,
    },
    {0},
};
