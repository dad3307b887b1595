/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Are these two hosts that fit: not one, of one kind, with QEMU and libvirt
 * that know what the domain is. */
#include "checks/check.h"

#include <stdio.h>
#include <string.h>

#include "checks/guest.h"
#include "checks/words.h"

static void
same_host(const struct facts *f, struct result *r)
{
	const struct local_facts *s = &f->source_local;
	const struct local_facts *d = &f->destination_local;
	bool cloned = s->missing == NULL && d->missing == NULL &&
	              s->boot_id != NULL && d->boot_id != NULL &&
	              !same_text(s->boot_id, d->boot_id);

	if (f->source.uuid == NULL || f->destination.uuid == NULL) {
		result_not_run(r,
		               "libvirt of the %s did not tell its host's "
		               "UUID",
		               f->source.uuid == NULL ? "source"
		                                      : "destination");
		return;
	}
	if (!same_name(f->source.uuid, f->destination.uuid)) {
		result_pass(r, "the destination is another host");
		return;
	}
	/* libvirt refuses, however many machines there are. */
	if (cloned)
		result_block(r,
		             "two machines call themselves host %.40s, and "
		             "libvirt takes them for one",
		             f->source.uuid);
	else
		result_block(r, "the destination is the source (host %.40s)",
		             f->source.uuid);
	result_values(r, f->source.uuid, f->destination.uuid);
	result_remedy(r, cloned ? "set host_uuid in libvirtd.conf (or "
	                          "virtqemud.conf) of one of them, and restart "
	                          "it"
	                        : "name another host; if these are two, set "
	                          "host_uuid in libvirtd.conf of one");
}

/* What the source made of that name. */
static void
judge_look_up(const struct local_facts *s, const char *name, const char *what,
              struct result *r)
{
	for (size_t i = 0; i < s->n_names; i++) {
		const struct local_answer_bool *a = &s->names[i];

		if (!same_name(a->name, name))
			continue;
		if (a->yes) {
			result_pass(r, "the source knows '%.100s' as %.64s",
			            name, or_unknown(a->told));
			return;
		}
		result_block(
		    r, "the source %s '%.100s', %s%s%.64s",
		    a->told != NULL ? "takes for itself" : "cannot resolve",
		    name, what, a->told != NULL ? ": it resolves to " : "",
		    a->told != NULL ? a->told : "");
		result_values(r, a->told, name);
		result_remedy(r,
		              "enter it into DNS or the source's /etc/hosts, "
		              "or migrate with --migrateuri tcp://ADDRESS");
		return;
	}
	result_not_run(
	    r, "the source was not asked whether it resolves '%.100s'", name);
}

static bool
is_address(const char *host)
{
	return strchr(host, ':') != NULL ||
	       host[strspn(host, "0123456789.")] == '\0';
}

/* The memory goes where the plan says, whatever the destination calls itself.
 */
static void
judge_data_host(const struct facts *f, struct result *r)
{
	const char *host = f->plan.data_host;

	if (host == NULL)
		result_not_run(r, "it is not known where the memory goes");
	else if (is_address(host))
		result_pass(r, "the memory goes to an address: no name is "
		               "looked up");
	else if (f->source_local.missing != NULL)
		result_not_run(r, "%s", f->source_local.missing);
	else
		judge_look_up(&f->source_local, host,
		              "where the memory is to go", r);
}

/* A plan says where the memory goes, but for tunnelled and offline ones.  Where
 * it does not, libvirt of the destination answers with its host name, which the
 * source then looks up.  (Its qemu.conf may set migration_host instead: that is
 * not seen.) */
static void
host_name(const struct facts *f, struct result *r)
{
	const struct local_facts *s = &f->source_local;
	const char *name = f->destination.hostname;

	if (f->plan.migrate_uri != NULL) {
		judge_data_host(f, r);
		return;
	}
	if (f->plan.tunnelled) {
		result_pass(r, "not needed: the memory goes over libvirt's own "
		               "connection");
		return;
	}
	if (name == NULL) {
		result_not_run(r, "libvirt of the destination did not tell its "
		                  "host's name");
		return;
	}
	if (begins_with(name, "localhost")) {
		result_block(r,
		             "the destination calls itself '%.100s', which "
		             "would lead the source to itself",
		             name);
		result_values(r, NULL, name);
		result_remedy(r, "give it a host name, or migrate with "
		                 "--migrateuri tcp://ADDRESS (where its "
		                 "qemu.conf sets migration_host: --force "
		                 "hostname)");
		return;
	}
	if (f->plan.offline) {
		result_pass(r, "'%.100s' need not be looked up", name);
		return;
	}
	if (s->missing != NULL) {
		result_not_run(r, "%s", s->missing);
		return;
	}
	judge_look_up(s, name, "the destination's name for itself", r);
}

static void
hypervisor(const struct facts *f, struct result *r)
{
	const char *s = f->source.type, *d = f->destination.type;

	if (s == NULL || d == NULL) {
		result_not_run(r,
		               "libvirt of the %s did not tell its "
		               "hypervisor",
		               s == NULL ? "source" : "destination");
	} else if (same_name(s, d)) {
		result_pass(r, "both are %.64s", s);
	} else {
		result_block(r,
		             "the source's hypervisor is %.64s, the "
		             "destination's %.64s",
		             s, d);
		result_values(r, s, d);
		result_remedy(r, "name a destination with %.64s", s);
	}
}

enum { VERSION_SIZE = 40 };

/* libvirt's encoding: 9000002 is 9.0.2. */
static const char *
version_of(uint64_t v, char out[VERSION_SIZE])
{
	snprintf(out, VERSION_SIZE, "%llu.%llu.%llu",
	         (unsigned long long)v / 1000000,
	         (unsigned long long)v / 1000 % 1000,
	         (unsigned long long)v % 1000);
	return out;
}

/* Older is often well, with a machine type and XML that both know, which is
 * looked at on its own: so it is a word. */
static void
not_older(struct result *r, const char *what, uint64_t source,
          uint64_t destination)
{
	char s[VERSION_SIZE], d[VERSION_SIZE];

	if (source == 0 || destination == 0) {
		result_not_run(r, "the version of %s on the %s is not known",
		               what, source == 0 ? "source" : "destination");
		return;
	}
	version_of(source, s);
	version_of(destination, d);
	if (destination >= source) {
		result_pass(r,
		            "%s is %s on the destination and %s on the "
		            "source",
		            what, d, s);
		return;
	}
	result_warn(r, "%s is older on the destination: %s, not %s", what, d,
	            s);
	result_values(r, s, d);
	result_remedy(r, "update the destination first, and migrate towards "
	                 "the newer");
}

static void
hypervisor_version(const struct facts *f, struct result *r)
{
	not_older(r, "the hypervisor", f->source.version,
	          f->destination.version);
}

static void
libvirt_version(const struct facts *f, struct result *r)
{
	not_older(r, "libvirt", f->source.lib_version,
	          f->destination.lib_version);
}

const struct migration_check checks_host[] = {
    {
	.id = "same-host",
	.compares = "the hosts' UUIDs",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_SOURCE | NEEDS_DESTINATION,
	.run = same_host,
    },
    {
	.id = "hostname",
	.compares = "the destination's name with what the source resolves",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DESTINATION,
	.run = host_name,
    },
    {
	.id = "hypervisor",
	.compares = "the kind of hypervisor",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_SOURCE | NEEDS_DESTINATION,
	.run = hypervisor,
    },
    {
	.id = "hypervisor-version",
	.compares = "the hypervisors' versions",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_SOURCE | NEEDS_DESTINATION,
	.run = hypervisor_version,
    },
    {
	.id = "libvirt-version",
	.compares = "the versions of libvirt",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_SOURCE | NEEDS_DESTINATION,
	.run = libvirt_version,
    },
    {
	.id = "guest-type",
	.compares = "the domain's architecture and type with what the "
		    "destination runs",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = check_guest_type,
    },
    {
	.id = "machine",
	.compares = "the domain's machine type with the destination's list",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = check_machine,
    },
    {
	.id = "dry-run",
	.compares = "the domain's XML with what the destination's QEMU "
		    "driver would start",
	.severity = SEVERITY_BLOCK,
	.needs = NEEDS_DOMAIN | NEEDS_DESTINATION,
	.run = check_dry_run,
    },
    {0},
};
