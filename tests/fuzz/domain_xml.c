/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as XML of libvirt's: a reading ends, keeps its limits, and what is
 * refused is refused with a sentence and leaves nothing behind. */
#include <stdlib.h>
#include <string.h>

#include "virt/endpoint_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
must_be_domain(const struct domain_facts *d)
{
	must(d->name != NULL && d->xml != NULL && d->from_file);
	must(d->n_disks <= DISKS_MAX && d->n_nics <= NICS_MAX);
	must(d->n_hostdevs <= HOSTDEVS_MAX && d->n_pins <= PINS_MAX);
	must(d->n_chardevs <= CHARDEVS_MAX);
	must(d->n_hugepages <= HUGEPAGES_MAX);
	must(d->cpu.n_features <= FEATURES_MAX);
	must(d->vcpus != 0 || d->max_vcpus == 0);
	for (size_t i = 0; i < d->n_disks; i++)
		must(d->disks[i].n_backing <= BACKING_MAX);
	for (size_t i = 0; i < d->n_seclabels; i++)
		must(strchr(d->seclabels[i], ' ') != NULL);
}

static void
must_be_host(const struct host_facts *h)
{
	for (size_t i = 0; i < h->n_machines; i++)
		must(h->machines[i].name != NULL);
	for (size_t i = 0; i < h->n_guests; i++)
		must(strchr(h->guests[i], ' ') != NULL);
	for (size_t i = 0; i < h->n_models; i++)
		must(h->models[i].name != NULL);
	must(h->n_pages == 0 || h->pages_why != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	char *text = malloc(len + 1);
	AUTO(arena_done) struct arena arena = {0};
	struct domain_facts domain = {0};
	struct host_facts host = {0};
	struct err err = {0};

	must(text != NULL);
	memcpy(text, at, len);
	text[len] = '\0';
	if (domain_facts_parse(text, &arena, &domain, &err))
		must_be_domain(&domain);
	else
		must(domain.name == NULL && err.text[0] != '\0');
	err = (struct err){0};
	if (!capabilities_parse(text, "x86_64", &arena, &host, &err))
		must(host.cells == NULL && err.text[0] != '\0');
	err = (struct err){0};
	if (!domain_capabilities_parse(text, &arena, &host, &err))
		must(host.models == NULL && err.text[0] != '\0');
	must_be_host(&host);
	(void)network_digest(text, &arena);
	must(dry_run_xml(text, &arena) != NULL);
	free(text);
	return 0;
}
