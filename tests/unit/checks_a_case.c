/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks_a_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW UINT64_C(1800000000)

static void
make_host(struct checks_world *w, struct host_facts *h, const char *name,
          const char *uuid)
{
	*h = (struct host_facts){
	    .hostname = name,
	    .uuid = uuid,
	    .type = "QEMU",
	    .version = 7002022,
	    .lib_version = 9000000,
	    .arch = "x86_64",
	    .cpu_model = "kvm64",
	    .cpu_vendor = "AMD",
	    .microcode = "16777317",
	    .n_features = LENGTH_OF(w->features),
	    .features = w->features,
	    .tsc_frequency = 2595124000,
	    .n_guests = LENGTH_OF(w->guests),
	    .guests = w->guests,
	    .n_machines = LENGTH_OF(w->machines),
	    .machines = w->machines,
	    .domcaps_emulator = "/usr/bin/qemu-system-x86_64",
	    .passthrough_supported = true,
	    .passthrough_migratable = "on",
	    .n_models = LENGTH_OF(w->models),
	    .models = w->models,
	    .cpu_match = CPU_SUPERSET,
	    .dry_run_ok = true,
	};
}

static void
make_domain(struct checks_world *w, struct domain_facts *d)
{
	*d = (struct domain_facts){
	    .name = "web1",
	    .active = true,
	    .state = "running",
	    .virt_type = "kvm",
	    .os_type = "hvm",
	    .arch = "x86_64",
	    .machine = "pc-q35-7.2",
	    .emulator = "/usr/bin/qemu-system-x86_64",
	    .cpu = {.mode = "custom",
	            .model = "Westmere",
	            .n_features = LENGTH_OF(w->cpu_features),
	            .features = w->cpu_features},
	    .vcpus = 1,
	    .dirty_rate_known = true,
	    .dirty_rate_mib = 20,
	};
}

static void
make_local(struct checks_world *w, struct local_facts *l, size_t end)
{
	struct local_certificate *c = w->certificates[end];
	const char *own_ca = end == 0 ? "aa01" : "bb01";

	*l = (struct local_facts){
	    .time_ms = NOW * 1000 + end * 40,
	    .took_ms = 60,
	    .boot_id = end == 0 ? "boot-a" : "boot-b",
	    .hostname = end == 0 ? "host-a" : "host-b",
	    .load_milli = 700,
	    .cpus = 2,
	    .migrate_tls_force = "",
	    .migration_port_min = 49152,
	    .migration_port_max = 49215,
	    .n_certificates = 4,
	    .certificates = c,
	};
	/* Each trusts its own CA and the other's. */
	for (size_t i = 0; i < 4; i++)
		c[i] = (struct local_certificate){
		    .file = i == 0 ? (end == 0 ? "client-cert.pem"
		                               : "server-cert.pem")
		                   : "ca-cert.pem",
		    .exists = true,
		    .not_before = NOW - 86400,
		    .not_after = NOW + 90 * 86400,
		    .is_ca = i != 0,
		    .signed_here = i != 3,
		    .signer_sha256 = own_ca,
		};
	c[0].key_sha256 = end == 0 ? "aa00" : "bb00";
	c[1].key_sha256 = own_ca;
	c[2].key_sha256 = end == 0 ? "bb01" : "aa01";
	c[3].key_sha256 = "cc01";
	c[0].n_names = LENGTH_OF(w->server_names);
	c[0].names = w->server_names;
}

static void
make_trust(struct trust *t)
{
	t->same_host = t->endpoint_checked = true;
	t->judges_boot_log = t->judges_files = true;
	t->verdict.state = VERDICT_TRUSTED;
	t->verdict.appraised = true;
	t->verdict.golden = 7;
	snprintf(t->verdict.host, sizeof(t->verdict.host), "host-b");
}

void
checks_world_make(struct checks_world *w)
{
	*w = (struct checks_world){
	    .guests = {"i686 kvm", "x86_64 kvm"},
	    .features = {"x2apic", "avx2", "invtsc"},
	    .source_features = {"x2apic", "avx2", "svm"},
	    .machines = {{.name = "q35", .canonical = "pc-q35-7.2"},
	                 {.name = "pc-q35-6.2"}},
	    .models = {{.name = "qemu64", .usable = true, .known = true},
	               {.name = "Westmere", .usable = true, .known = true},
	               {.name = "EPYC", .usable = false, .known = true}},
	    .cpu_features = {{.name = "x2apic", .policy = "require"},
	                     {.name = "svm", .policy = "disable"}},
	    .names = {{.name = "host-b", .yes = true, .told = "10.77.0.12"}},
	    .server_names = {"host-b", "10.77.0.12"},
	};
	w->f = (struct facts){
	    .plan = {.destination_uri = "qemu+tls://host-b/system",
	             .destination_host = "host-b",
	             .data_host = "host-b",
	             .live = true,
	             .p2p = true,
	             .tls = true},
	    .reach = {.control = true, .data_refused = true},
	    .now_s = NOW,
	};
	make_domain(w, &w->f.domain);
	make_host(w, &w->f.source, "host-a",
	          "1ab00000-0000-4000-8000-000000000001");
	make_host(w, &w->f.destination, "host-b",
	          "1ab00000-0000-4000-8000-000000000002");
	make_local(w, &w->f.source_local, 0);
	make_local(w, &w->f.destination_local, 1);
	w->f.source_local.n_names = LENGTH_OF(w->names);
	w->f.source_local.names = w->names;
	make_trust(&w->f.trust);
}

static bool
says(const struct result *r, const char *text, const char *more)
{
	if (text[0] == '=' ? strcmp(r->text, text + 1) != 0
	                   : strstr(r->text, text) == NULL)
		return false;
	return more == NULL || strstr(r->source, more) != NULL ||
	       strstr(r->destination, more) != NULL ||
	       strstr(r->remedy, more) != NULL;
}

/* What the case came to; `*wrong` grows when it is not what was to be. */
static enum outcome
try_case(const struct migration_check *check, const struct checks_case *c,
         unsigned *wrong)
{
	static struct checks_world w;
	struct result r;

	checks_world_make(&w);
	if (c->change != NULL)
		c->change(&w);
	check_run(check, &w.f, &r);
	if (r.outcome != c->want || !says(&r, c->text, c->more)) {
		print_error("%s, %s: %s '%s' ('%s', '%s'; '%s')\n", c->check,
		            c->what, outcome_name(r.outcome), r.text, r.source,
		            r.destination, r.remedy);
		(*wrong)++;
	} else if ((r.outcome == OUTCOME_WARN || r.outcome == OUTCOME_BLOCK) &&
	           r.remedy[0] == '\0') {
		print_error("%s, %s: no remedy\n", c->check, c->what);
		(*wrong)++;
	}
	return r.outcome;
}

void
checks_cases_hold(const struct migration_check *subject,
                  const struct checks_case *cases, size_t n)
{
	unsigned wrong = 0;
	size_t tried = 0;

	for (; subject->id != NULL; subject++) {
		bool seen[OUTCOME_BLOCK + 1] = {false};

		for (size_t i = 0; i < n; i++) {
			if (strcmp(cases[i].check, subject->id) != 0)
				continue;
			seen[try_case(subject, &cases[i], &wrong)] = true;
			tried++;
		}
		if (!seen[OUTCOME_PASS] || !seen[OUTCOME_NOT_RUN] ||
		    (!seen[OUTCOME_WARN] && !seen[OUTCOME_BLOCK]))
			fail_msg("%s: not tried whether it passes, refuses and "
			         "does not run",
			         subject->id);
	}
	if (tried != n)
		fail_msg("%zu cases are of no check here", n - tried);
	assert_int_equal(wrong, 0);
}
