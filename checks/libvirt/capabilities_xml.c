/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* capabilities_parse(): a host and what guests it can run. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "virt/endpoint.h"
#include "xml_private.h"

enum {
	CELLS_MAX = 1024,
	CELL_CPUS_MAX = 16384,
	PAGE_SIZES_MAX = 16,
	GUESTS_MAX = 256,
	MACHINES_MAX = 4096,
	HOST_FEATURES_MAX = 1024,
};

static void
read_features(struct xml_reading *r, const xmlNode *cpu, struct host_facts *h)
{
	size_t n = xml_count(r, cpu, "feature", HOST_FEATURES_MAX);

	h->features = arena_new(r->arena, n, sizeof(*h->features));
	for (const xmlNode *at = xml_first(cpu, "feature");
	     at != NULL && h->n_features < n; at = xml_next(at)) {
		const char *name = xml_text(r, at, "name");

		if (name != NULL)
			h->features[h->n_features++] = name;
	}
}

static void
read_cpu(struct xml_reading *r, const xmlNode *cpu, struct host_facts *h)
{
	const xmlNode *tsc = xml_of(cpu, "counter", "name", "tsc");

	h->arch = xml_text(r, xml_first(cpu, "arch"), NULL);
	h->cpu_model = xml_text(r, xml_first(cpu, "model"), NULL);
	h->cpu_vendor = xml_text(r, xml_first(cpu, "vendor"), NULL);
	h->microcode = xml_text(r, xml_first(cpu, "microcode"), "version");
	h->tsc_frequency = xml_number(r, tsc, "frequency", UINT64_MAX);
	h->tsc_scaling = xml_is(tsc, "scaling", "yes");
	read_features(r, cpu, h);
}

static void
add_range(struct buf *out, uint64_t first, uint64_t last)
{
	char text[48];

	snprintf(text, sizeof(text), first == last ? "%s%llu" : "%s%llu-%llu",
	         out->len != 0 ? "," : "", (unsigned long long)first,
	         (unsigned long long)last);
	buf_text(out, text);
}

/* "0-3,8", in the order in which they are told. */
static const char *
cell_cpus(struct xml_reading *r, const xmlNode *cell)
{
	const xmlNode *cpus = xml_first(cell, "cpus");
	size_t n = xml_count(r, cpus, "cpu", CELL_CPUS_MAX), i = 0;
	AUTO(buf_done) struct buf out = {0};
	uint64_t first = 0, last = 0;

	for (const xmlNode *at = xml_first(cpus, "cpu"); at != NULL && i < n;
	     at = xml_next(at), i++) {
		uint64_t id = xml_number(r, at, "id", UINT_MAX);

		if (i != 0 && id == last + 1) {
			last = id;
			continue;
		}
		if (i != 0)
			add_range(&out, first, last);
		first = last = id;
	}
	if (i != 0)
		add_range(&out, first, last);
	buf_u8(&out, 0);
	return i != 0 ? arena_text(r->arena, (const char *)out.at) : NULL;
}

/* The sizes alone: how many are free is another call's to tell. */
static void
read_pages(struct xml_reading *r, const xmlNode *cell, unsigned id,
           struct host_facts *h)
{
	size_t n = xml_count(r, cell, "pages", PAGE_SIZES_MAX), i = 0;

	for (const xmlNode *at = xml_first(cell, "pages"); at != NULL && i < n;
	     at = xml_next(at), i++)
		h->pages[h->n_pages++] = (struct pages_facts){
		    .size_kib = xml_kib(r, at, "size"),
		    .cell = (int)id,
		};
}

static void
read_cells(struct xml_reading *r, const xmlNode *host, struct host_facts *h)
{
	const xmlNode *cells = xml_at(host, "topology/cells");
	size_t n = xml_count(r, cells, "cell", CELLS_MAX);

	h->cells = arena_new(r->arena, n, sizeof(*h->cells));
	h->pages = arena_new(r->arena, n * PAGE_SIZES_MAX, sizeof(*h->pages));
	h->pages_why = "nobody asked how many pages are free";
	for (const xmlNode *at = xml_first(cells, "cell");
	     at != NULL && h->n_cells < n; at = xml_next(at)) {
		struct cell_facts *c = &h->cells[h->n_cells++];

		c->id = (unsigned)xml_number(r, at, "id", INT_MAX);
		c->memory_kib = xml_kib(r, xml_first(at, "memory"), NULL);
		c->cpus = cell_cpus(r, at);
		read_pages(r, at, c->id, h);
	}
}

static void
read_secmodels(struct xml_reading *r, const xmlNode *host, struct host_facts *h)
{
	size_t n = xml_count(r, host, "secmodel", XML_DEVICES_MAX), i = 0;

	h->n_secmodels = n;
	h->secmodels = arena_new(r->arena, n, sizeof(*h->secmodels));
	for (const xmlNode *at = xml_first(host, "secmodel");
	     at != NULL && i < n; at = xml_next(at)) {
		const xmlNode *label = xml_of(at, "baselabel", "type", "kvm");

		if (label == NULL)
			label = xml_of(at, "baselabel", "type", "qemu");
		h->secmodels[i++] = (struct secmodel_facts){
		    .model = xml_text(r, xml_first(at, "model"), NULL),
		    .label = xml_text(r, label, NULL),
		};
	}
}

static void
add_guest(struct xml_reading *r, const xmlNode *arch, struct host_facts *h)
{
	const char *name = xml_text(r, arch, "name");

	for (const xmlNode *at = xml_first(arch, "domain"); at != NULL;
	     at = xml_next(at)) {
		const char *type = xml_text(r, at, "type");

		if (name == NULL || type == NULL)
			continue;
		if (h->n_guests == GUESTS_MAX) {
			(void)xml_bad(r, ERR_LIMIT, "over %d kinds of guests",
			              GUESTS_MAX);
			return;
		}
		h->guests[h->n_guests++] = xml_words(r, "%s %s", name, type);
	}
}

static bool
has_machine(const struct host_facts *h, const char *name)
{
	for (size_t i = 0; i < h->n_machines; i++)
		if (strcmp(h->machines[i].name, name) == 0)
			return true;
	return false;
}

/* Those of an <arch>, or of one <domain> in it. */
static void
add_machines(struct xml_reading *r, const xmlNode *of, struct host_facts *h)
{
	for (const xmlNode *at = xml_first(of, "machine"); at != NULL;
	     at = xml_next(at)) {
		struct machine_facts m = {
		    .name = xml_text(r, at, NULL),
		    .canonical = xml_text(r, at, "canonical"),
		    .max_vcpus =
			(unsigned)xml_number(r, at, "maxCpus", UINT_MAX),
		};

		if (m.name == NULL || has_machine(h, m.name))
			continue;
		if (h->n_machines == MACHINES_MAX) {
			(void)xml_bad(r, ERR_LIMIT, "over %d machine types",
			              MACHINES_MAX);
			return;
		}
		h->machines[h->n_machines++] = m;
	}
}

static void
read_guests(struct xml_reading *r, const xmlNode *top, const char *arch,
            struct host_facts *h)
{
	h->guests = arena_new(r->arena, GUESTS_MAX, sizeof(*h->guests));
	h->machines = arena_new(r->arena, MACHINES_MAX, sizeof(*h->machines));
	for (const xmlNode *at = xml_first(top, "guest"); at != NULL && !r->bad;
	     at = xml_next(at)) {
		const xmlNode *its = xml_first(at, "arch");

		add_guest(r, its, h);
		if (arch == NULL || !xml_is(its, "name", arch))
			continue;
		add_machines(r, its, h);
		for (const xmlNode *domain = xml_first(its, "domain");
		     domain != NULL; domain = xml_next(domain))
			add_machines(r, domain, h);
	}
}

bool
capabilities_parse(const char *xml, const char *arch, struct arena *arena,
                   struct host_facts *out, struct err *err)
{
	struct xml_reading r = {
	    .what = "capabilities", .arena = arena, .err = err};
	struct host_facts h = *out;
	AUTO(xml_document_done)
	xmlDoc *doc = xml_document(&r, xml, "capabilities");
	const xmlNode *top, *host;

	if (doc == NULL)
		return false;
	top = xmlDocGetRootElement(doc);
	host = xml_first(top, "host");
	h.n_features = h.n_cells = h.n_pages = h.n_guests = h.n_machines = 0;
	h.uuid = xml_text(&r, xml_first(host, "uuid"), NULL);
	read_cpu(&r, xml_first(host, "cpu"), &h);
	read_cells(&r, host, &h);
	read_secmodels(&r, host, &h);
	read_guests(&r, top, arch != NULL ? arch : h.arch, &h);
	if (r.bad)
		return false;
	*out = h;
	return true;
}
