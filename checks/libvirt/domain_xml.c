/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* domain_facts_parse(): the domain as a whole, and the devices of which a word
 * is enough. */
#include <limits.h>
#include <string.h>

#include "domain_private.h"
#include "virt/endpoint.h"

static void
read_os(struct xml_reading *r, const xmlNode *domain, struct domain_facts *d)
{
	const xmlNode *os = xml_first(domain, "os");
	const xmlNode *type = xml_first(os, "type");
	const xmlNode *loader = xml_first(os, "loader");
	const xmlNode *nvram = xml_first(os, "nvram");

	d->virt_type = xml_text(r, domain, "type");
	d->os_type = xml_text(r, type, NULL);
	d->arch = xml_text(r, type, "arch");
	d->machine = xml_text(r, type, "machine");
	d->firmware = xml_text(r, os, "firmware");
	d->loader = xml_text(r, loader, NULL);
	d->loader_type = xml_text(r, loader, "type");
	d->nvram_template = xml_text(r, nvram, "template");
	d->nvram = xml_first(nvram, "source") != NULL
	               ? xml_text(r, xml_first(nvram, "source"), "file")
	               : xml_text(r, nvram, NULL);
	d->emulator = xml_text(r, xml_at(domain, "devices/emulator"), NULL);
}

static void
read_cpu(struct xml_reading *r, const xmlNode *domain, struct cpu_facts *c)
{
	xmlNode *cpu = xml_first(domain, "cpu");
	size_t i = 0;

	if (cpu == NULL)
		return;
	c->model = xml_text(r, xml_first(cpu, "model"), NULL);
	c->vendor = xml_text(r, xml_first(cpu, "vendor"), NULL);
	c->mode = xml_text(r, cpu, "mode");
	/* A model without a mode is of this one; a topology alone is none. */
	if (c->mode == NULL && c->model != NULL)
		c->mode = "custom";
	c->migratable = xml_text(r, cpu, "migratable");
	c->xml = xml_written(r, cpu);
	c->n_features = xml_count(r, cpu, "feature", FEATURES_MAX);
	c->features = arena_new(r->arena, c->n_features, sizeof(*c->features));
	for (const xmlNode *at = xml_first(cpu, "feature");
	     at != NULL && i < c->n_features; at = xml_next(at))
		c->features[i++] = (struct feature_facts){
		    .name = xml_text(r, at, "name"),
		    .policy = xml_text(r, at, "policy"),
		};
}

static void
read_clock(struct xml_reading *r, const xmlNode *domain, struct domain_facts *d)
{
	const xmlNode *tsc;

	tsc = xml_of(xml_first(domain, "clock"), "timer", "name", "tsc");
	d->has_tsc_timer = tsc != NULL;
	d->tsc_frequency = xml_number(r, tsc, "frequency", UINT64_MAX);
	d->hyperv_mode = xml_text(r, xml_at(domain, "features/hyperv"), "mode");
}

static void
read_filesystems(struct xml_reading *r, const xmlNode *devices,
                 struct domain_facts *d)
{
	size_t n = xml_count(r, devices, "filesystem", XML_DEVICES_MAX), i = 0;

	d->n_filesystems = n;
	d->filesystems = arena_new(r->arena, n, sizeof(*d->filesystems));
	for (const xmlNode *at = xml_first(devices, "filesystem");
	     at != NULL && i < n; at = xml_next(at)) {
		const xmlNode *source = xml_first(at, "source");
		const char *driver =
		    xml_text(r, xml_first(at, "driver"), "type");
		const char *dir = xml_text(r, source, "dir");

		/* A virtiofsd that somebody else runs. */
		if (dir == NULL)
			dir = xml_text(r, source, "socket");
		/* "path", and no driver at all, is 9p. */
		if (driver == NULL || strcmp(driver, "path") == 0)
			driver = "9p";
		d->filesystems[i++] =
		    xml_words(r, "%s %s", driver, dir != NULL ? dir : "-");
	}
}

static void
read_shmems(struct xml_reading *r, const xmlNode *devices,
            struct domain_facts *d)
{
	size_t n = xml_count(r, devices, "shmem", XML_DEVICES_MAX), i = 0;

	d->n_shmems = n;
	d->shmems = arena_new(r->arena, n, sizeof(*d->shmems));
	for (const xmlNode *at = xml_first(devices, "shmem");
	     at != NULL && i < n; at = xml_next(at)) {
		const char *name = xml_text(r, at, "name");
		const char *role = xml_text(r, at, "role");
		const char *model = xml_text(r, xml_first(at, "model"), "type");

		d->shmems[i++] = xml_words(
		    r, "%.512s %s %s", name != NULL ? name : "-",
		    model != NULL ? model : "-", role != NULL ? role : "-");
	}
}

static void
read_videos(struct xml_reading *r, const xmlNode *devices,
            struct domain_facts *d)
{
	size_t n = xml_count(r, devices, "video", XML_DEVICES_MAX), i = 0;

	d->videos = arena_new(r->arena, n, sizeof(*d->videos));
	for (const xmlNode *at = xml_first(devices, "video");
	     at != NULL && i < n; at = xml_next(at)) {
		const char *model = xml_text(r, xml_first(at, "model"), "type");

		if (model != NULL)
			d->videos[i++] = model;
	}
	d->n_videos = i;
}

static void
read_tpm(struct xml_reading *r, const xmlNode *devices, struct domain_facts *d)
{
	const xmlNode *backend = xml_at(devices, "tpm/backend");

	d->tpm_backend = xml_text(r, backend, "type");
	d->tpm_version = xml_text(r, backend, "version");
	d->tpm_secret_uuid =
	    xml_text(r, xml_first(backend, "encryption"), "secret");
}

/* libvirt refuses to migrate a DIMM whose slot or base is left to QEMU. */
static void
read_dimms(const xmlNode *devices, struct domain_facts *d)
{
	for (const xmlNode *at = xml_first(devices, "memory"); at != NULL;
	     at = xml_next(at)) {
		const xmlNode *address = xml_first(at, "address");

		if (!xml_is(at, "model", "dimm") &&
		    !xml_is(at, "model", "nvdimm"))
			continue;
		if (address == NULL ||
		    xmlHasProp(address, (const xmlChar *)"slot") == NULL ||
		    xmlHasProp(address, (const xmlChar *)"base") == NULL)
			d->dimm_without_slot = true;
	}
}

static void
read_seclabels(struct xml_reading *r, const xmlNode *domain,
               struct domain_facts *d)
{
	size_t n = xml_count(r, domain, "seclabel", XML_DEVICES_MAX), i = 0;

	d->n_seclabels = n;
	d->seclabels = arena_new(r->arena, n, sizeof(*d->seclabels));
	for (const xmlNode *at = xml_first(domain, "seclabel");
	     at != NULL && i < n; at = xml_next(at)) {
		const char *type = xml_text(r, at, "type");
		const char *model = xml_text(r, at, "model");
		const char *label = xml_text(r, xml_first(at, "label"), NULL);

		/* The base of a label that is made on each host. */
		if (label == NULL)
			label = xml_text(r, xml_first(at, "baselabel"), NULL);
		d->seclabels[i++] = xml_words(
		    r, "%s %s %s", type != NULL ? type : "dynamic",
		    model != NULL ? model : "-", label != NULL ? label : "-");
	}
}

/* A file may hold them; libvirt tells them only when asked to. */
static void
take_secrets_out(xmlNode *domain)
{
	xmlNode *devices = xml_first(domain, "devices");

	for (xmlNode *at = xml_first(devices, "graphics"); at != NULL;
	     at = xml_next(at))
		xmlUnsetProp(at, (const xmlChar *)"passwd");
	for (xmlNode *at = xml_first(devices, "disk"); at != NULL;
	     at = xml_next(at)) {
		xmlNode *cookies = xml_at(at, "source/cookies");

		if (cookies == NULL)
			continue;
		xmlUnlinkNode(cookies);
		xmlFreeNode(cookies);
	}
}

static void
read_domain(struct xml_reading *r, xmlNode *domain, struct domain_facts *d)
{
	const xmlNode *devices = xml_first(domain, "devices");
	const xmlNode *vcpu = xml_first(domain, "vcpu");

	d->name = xml_text(r, xml_first(domain, "name"), NULL);
	d->uuid = xml_text(r, xml_first(domain, "uuid"), NULL);
	d->max_vcpus = (unsigned)xml_number(r, vcpu, NULL, UINT_MAX);
	d->vcpus = (unsigned)xml_number(r, vcpu, "current", UINT_MAX);
	if (vcpu == NULL) /* libvirt's default */
		d->max_vcpus = 1;
	if (d->vcpus == 0)
		d->vcpus = d->max_vcpus;
	d->launch_security =
	    xml_text(r, xml_first(domain, "launchSecurity"), "type");
	read_os(r, domain, d);
	read_cpu(r, domain, &d->cpu);
	read_clock(r, domain, d);
	domain_memory(r, domain, d);
	domain_disks(r, devices, d);
	domain_nics(r, devices, d);
	domain_hostdevs(r, devices, d);
	domain_chardevs(r, devices, d);
	read_filesystems(r, devices, d);
	read_shmems(r, devices, d);
	read_videos(r, devices, d);
	read_tpm(r, devices, d);
	read_dimms(devices, d);
	read_seclabels(r, domain, d);
	take_secrets_out(domain);
	d->xml = xml_written(r, domain);
	if (d->name == NULL)
		(void)xml_bad(r, ERR_MALFORMED, "the domain has no name");
}

bool
domain_facts_parse(const char *xml, struct arena *arena,
                   struct domain_facts *out, struct err *err)
{
	struct xml_reading r = {
	    .what = "domain XML", .arena = arena, .err = err};
	struct domain_facts d = {
	    .from_file = true,
	    .snapshots = UINT_MAX,
	    .checkpoints = UINT_MAX,
	};
	AUTO(xml_document_done)
	xmlDoc *doc = xml_document(&r, xml, "domain");

	if (doc == NULL)
		return false;
	read_domain(&r, xmlDocGetRootElement(doc), &d);
	if (r.bad)
		return false;
	*out = d;
	return true;
}
