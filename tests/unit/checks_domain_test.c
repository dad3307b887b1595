/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is said of the domain as libvirt holds it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "checks_told.h"

#define UUID "5a2f4a0e-5f0c-4d0c-9a1e-000000000001"
#define WEB  .domain = {.name = "web", .uuid = UUID}
#define NEIGHBOUR(...)                                                         \
	.destination = {.n_neighbours = 1,                                     \
	                .neighbours = &(struct neighbour_facts){__VA_ARGS__}}
#define STATE(state_, reason_)                                                 \
	.domain = {.active = true, .state = (state_), .state_reason = (reason_)}
#define OFF          .domain = {.state = "shutoff"}
#define OFFLINE(...) .plan = {.offline = true, .persistent = true, __VA_ARGS__}
#define LOCKS(here, there)                                                     \
	.source_local.lock_manager = (here),                                   \
	.destination_local.lock_manager = (there)
#define LABEL(...)                                                             \
	.domain = {.n_seclabels = 1, .seclabels = (const char *[]){__VA_ARGS__}}
#define SECMODELS(...)                                                         \
	{                                                                      \
		.n_secmodels =                                                 \
		    LENGTH_OF(((struct secmodel_facts[]){__VA_ARGS__})),       \
		.secmodels = (struct secmodel_facts[])                         \
		{                                                              \
			__VA_ARGS__                                            \
		}                                                              \
	}
#define DAC(label_)                                                            \
	{                                                                      \
		"dac", (label_)                                                \
	}
#define DAC_1 DAC("+64055:+108")
#define DAC_2 DAC("+107:+107")
#define APPARMOR                                                               \
	{                                                                      \
		"apparmor", "libvirt"                                          \
	}
#define SELINUX                                                                \
	{                                                                      \
		"selinux", "system_u:system_r:svirt_t:s0"                      \
	}
#define BOTH(...)                                                              \
	.source = SECMODELS(__VA_ARGS__), .destination = SECMODELS(__VA_ARGS__)
#define OWNERSHIP(here, there)                                                 \
	.source_local.dynamic_ownership = (here),                              \
	.destination_local.dynamic_ownership = (there)
#define FROM_FILE .domain.from_file = true

static const struct told told[] = {
    /* domain-clash */
    {"domain-clash", OUTCOME_PASS, "has the name 'web' or this UUID",
     .facts = {WEB, NEIGHBOUR(.name = "db", .uuid = "x", .active = true)}},
    {"domain-clash", OUTCOME_BLOCK, "already runs", UUID, UUID, "right one",
     .facts = {WEB, NEIGHBOUR(.name = "web", .uuid = UUID, .active = true)}},
    {"domain-clash", OUTCOME_BLOCK, "already runs",
     .facts = {WEB, NEIGHBOUR(.name = "old", .uuid = UUID, .active = true)}},
    {"domain-clash", OUTCOME_WARN, "a definition of the domain already", UUID,
     UUID, "--inactive",
     .facts = {WEB, NEIGHBOUR(.name = "web", .uuid = UUID)}},
    {"domain-clash", OUTCOME_BLOCK, "by the name 'old'", UUID, UUID,
     "--dname old", .facts = {WEB, NEIGHBOUR(.name = "old", .uuid = UUID)}},
    {"domain-clash", OUTCOME_BLOCK, "another domain 'web' is defined", UUID,
     "x", "--dname", .facts = {WEB, NEIGHBOUR(.name = "web", .uuid = "x")}},
    {"domain-clash", OUTCOME_BLOCK, "another domain 'web' runs",
     .facts = {WEB, NEIGHBOUR(.name = "web", .uuid = "x", .active = true)}},
    /* By its new name. */
    {"domain-clash", OUTCOME_PASS, "has the name 'web2'",
     .facts = {WEB, .plan.new_name = "web2",
               NEIGHBOUR(.name = "web", .uuid = "x", .active = true)}},
    {"domain-clash", OUTCOME_BLOCK, "another domain 'web2' is defined",
     .facts = {WEB, .plan.new_name = "web2",
               NEIGHBOUR(.name = "web2", .uuid = "x")}},
    {"domain-clash", OUTCOME_BLOCK, "by the name 'web'",
     .facts = {WEB, .plan.new_name = "web2",
               NEIGHBOUR(.name = "web", .uuid = UUID)}},
    {"domain-clash", OUTCOME_NOT_RUN, "are not known: denied",
     .facts = {WEB, .destination.neighbours_why = "denied"}},
    {"domain-clash", OUTCOME_NOT_RUN, "name or UUID",
     .facts = {.domain.name = "web"}},
    {"domain-clash", OUTCOME_NOT_RUN, "refused",
     .facts = {WEB, .destination.missing = "refused"}},

    /* domain-state */
    {"domain-state", OUTCOME_PASS, "the domain runs", "running",
     .facts = {STATE("running", "booted")}},
    {"domain-state", OUTCOME_PASS, "the domain runs",
     .facts = {STATE("blocked", NULL)}},
    {"domain-state", OUTCOME_PASS, "the domain runs",
     .facts = {STATE("idle", NULL)}},
    {"domain-state", OUTCOME_PASS, "stays so on the destination",
     .facts = {STATE("paused", "user")}},
    {"domain-state", OUTCOME_PASS, "stays so on the destination",
     .facts = {STATE("paused", NULL)}},
    {"domain-state", OUTCOME_BLOCK, "by an I/O error", "paused", NULL, "resume",
     .facts = {STATE("paused", "ioerror")}},
    {"domain-state", OUTCOME_BLOCK, "paused in a post-copy that failed",
     .facts = {STATE("paused", "post-copy failed")}},
    {"domain-state", OUTCOME_BLOCK, "post-copy that is at work",
     .facts = {STATE("paused", "postcopy")}},
    {"domain-state", OUTCOME_BLOCK, "runs in a post-copy that failed",
     .facts = {STATE("running", "postcopy-failed")}},
    {"domain-state", OUTCOME_BLOCK, "still to arrive",
     .facts = {STATE("running", "post-copy")}},
    {"domain-state", OUTCOME_WARN, "panicked",
     .facts = {STATE("paused", "panicked")}},
    {"domain-state", OUTCOME_WARN, "being shut down", NULL, NULL, "--offline",
     .facts = {STATE("shutdown", "user")}},
    {"domain-state", OUTCOME_BLOCK, "crashed",
     .facts = {STATE("crashed", "panicked")}},
    {"domain-state", OUTCOME_BLOCK, "sleeps", NULL, NULL, "dompmwakeup",
     .facts = {STATE("pmsuspended", NULL)}},
    {"domain-state", OUTCOME_BLOCK, "does not run", "shutoff", NULL,
     "--offline --persistent", .facts = {OFF}},
    {"domain-state", OUTCOME_BLOCK, "does not run",
     .facts = {.domain.state = "shut off"}},
    {"domain-state", OUTCOME_PASS, "its definition moves",
     .facts = {OFF, OFFLINE()}},
    {"domain-state", OUTCOME_WARN, "the domain runs on", NULL, NULL,
     "leave out --offline", .facts = {STATE("running", NULL), OFFLINE()}},
    {"domain-state", OUTCOME_BLOCK, "copies no storage",
     .facts = {OFF, OFFLINE(.copy_storage_all = true)}},
    {"domain-state", OUTCOME_BLOCK, "copies no storage",
     .facts = {OFF, OFFLINE(.copy_storage_inc = true)}},
    {"domain-state", OUTCOME_BLOCK, "nothing to tunnel", NULL, NULL,
     "--tunnelled", .facts = {OFF, OFFLINE(.tunnelled = true)}},
    {"domain-state", OUTCOME_PASS, "in a file",
     .facts = {.domain = {.from_file = true, .state = "running"}}},
    {"domain-state", OUTCOME_NOT_RUN, "is not known",
     .facts = {.domain.name = "web"}},
    {"domain-state", OUTCOME_NOT_RUN, "state 'run' is not known here",
     .facts = {STATE("run", NULL)}},
    {"domain-state", OUTCOME_NOT_RUN, "state 'runnings' is not known here",
     .facts = {STATE("runnings", NULL)}},

    /* persistence */
    {"persistence", OUTCOME_PASS, "none is left on the source", "persistent",
     "persistent",
     .facts = {.domain.persistent = true,
               .plan = {.persistent = true, .undefine_source = true}}},
    {"persistence", OUTCOME_WARN, "is left on the source, too", NULL, NULL,
     "--undefinesource",
     .facts = {.domain.persistent = true, .plan.persistent = true}},
    {"persistence", OUTCOME_WARN, "on either host", "persistent", "transient",
     "--persistent",
     .facts = {.domain.persistent = true, .plan.undefine_source = true}},
    {"persistence", OUTCOME_WARN, "stays on the source only", NULL, NULL,
     "--persistent --undefinesource", .facts = {.domain.persistent = true}},
    {"persistence", OUTCOME_WARN, "gets one on the destination", "transient",
     "persistent", .facts = {.plan.persistent = true}},
    {"persistence", OUTCOME_WARN, "gets one on the destination",
     .facts = {.plan = {.persistent = true, .undefine_source = true}}},
    {"persistence", OUTCOME_PASS, "stays without", "transient", "transient",
     .facts = {WEB}},
    {"persistence", OUTCOME_PASS, "nothing to undefine",
     .facts = {.plan.undefine_source = true}},
    {"persistence", OUTCOME_BLOCK, "without --persistent",
     .facts = {OFF, .plan.offline = true}},
    {"persistence", OUTCOME_PASS, "in a file", .facts = {FROM_FILE}},
    {"persistence", OUTCOME_NOT_RUN, "no domain",
     .facts = {.domain.missing = "no domain"}},

    /* lock-manager; not set is "nop". */
    {"lock-manager", OUTCOME_PASS, "manager 'nop'", "nop", "nop",
     .facts = {LOCKS("", "nop")}},
    {"lock-manager", OUTCOME_PASS, "manager 'lockd'",
     .facts = {LOCKS("lockd", "lockd")}},
    {"lock-manager", OUTCOME_BLOCK, "different lock managers", "sanlock", "nop",
     "lock_manager", .facts = {LOCKS("sanlock", "")}},
    {"lock-manager", OUTCOME_WARN, "lock-driver gate", "virt-attest", "nop",
     "next", .facts = {LOCKS("virt-attest", "")}},
    {"lock-manager", OUTCOME_WARN, "lock-driver gate", "lockd", "virt-attest",
     "next", .facts = {LOCKS("lockd", "virt-attest")}},
    {"lock-manager", OUTCOME_BLOCK, "different lock managers", "virt-attest",
     "sanlock", "lock_manager", .facts = {LOCKS("virt-attest", "sanlock")}},
    {"lock-manager", OUTCOME_PASS, "manager 'virt-attest'", "virt-attest",
     "virt-attest", .facts = {LOCKS("virt-attest", "virt-attest")}},
    {"lock-manager", OUTCOME_NOT_RUN, "of the source's qemu.conf",
     .facts = {LOCKS(NULL, "lockd")}},
    {"lock-manager", OUTCOME_NOT_RUN, "of the destination's qemu.conf",
     .facts = {LOCKS("lockd", NULL)}},
    {"lock-manager", OUTCOME_NOT_RUN, "qemu.conf is not known: denied",
     .facts = {.source_local.lock_manager = "lockd",
               .destination_local = {.lock_manager = "lockd",
                                     .qemu_conf_why = "denied"}}},
    {"lock-manager", OUTCOME_NOT_RUN, "no agent",
     .facts = {.source_local.missing = "no agent"}},

    /* security-label */
    {"security-label", OUTCOME_PASS, "the same security drivers",
     .facts = {LABEL("dynamic apparmor libvirt-1"), BOTH(APPARMOR, DAC_1)}},
    {"security-label", OUTCOME_PASS, "the same security drivers",
     .facts = {LABEL("none - -"), BOTH(DAC_1)}},
    {"security-label", OUTCOME_PASS, "the same security drivers",
     .facts = {LABEL("dynamic - -"), BOTH(DAC_1)}},
    {"security-label", OUTCOME_PASS, "the same security drivers",
     .facts = {LABEL("static none x"), BOTH(DAC_1)}},
    {"security-label", OUTCOME_PASS, "the driver of the static label",
     .facts = {LABEL("static dac 64055:64055"), BOTH(DAC_1)}},
    {"security-label", OUTCOME_BLOCK, "driver 'selinux', which",
     "static selinux s0", "none", "--xml",
     .facts = {LABEL("static selinux s0"), BOTH(DAC_1)}},
    {"security-label", OUTCOME_BLOCK, "driver 'apparmor', which",
     .facts = {LABEL("dynamic apparmor libvirt-1"),
               .source = SECMODELS(APPARMOR, DAC_1),
               .destination = SECMODELS(SELINUX, DAC_1)}},
    {"security-label", OUTCOME_PASS, "the same security drivers",
     .facts = {LABEL("dynamic"), BOTH(DAC_1)}},
    {"security-label", OUTCOME_BLOCK, "driver 'x', which",
     .facts = {LABEL("static x y"), BOTH(DAC_1)}},
    {"security-label", OUTCOME_BLOCK, "driver '-x', which",
     .facts = {LABEL("static -x y"), BOTH(DAC_1)}},
    {"security-label", OUTCOME_BLOCK, "driver 'none2', which",
     .facts = {LABEL("static none2 y"), BOTH(DAC_1)}},
    {"security-label", OUTCOME_BLOCK, "driver 'smac', which",
     .facts = {LABEL("static smac y"), BOTH({NULL, "x"}, DAC_1)}},
    {"security-label", OUTCOME_WARN, "confined less", "apparmor", "none",
     "security_driver",
     .facts = {WEB, .source = SECMODELS(APPARMOR, DAC_1),
               .destination = SECMODELS(DAC_1)}},
    {"security-label", OUTCOME_WARN, "must have its labels", "none", "selinux",
     .facts = {WEB, .source = SECMODELS(DAC_1),
               .destination = SECMODELS(DAC_1, SELINUX)}},
    {"security-label", OUTCOME_NOT_RUN, "refused",
     .facts = {WEB, .source.missing = "refused"}},

    /* qemu-user */
    {"qemu-user", OUTCOME_PASS, "the same user and group", "+64055:+108",
     "+64055:+108", .facts = {BOTH(DAC_1), OWNERSHIP("", "1")}},
    {"qemu-user", OUTCOME_PASS, "neither libvirt",
     .facts = {OWNERSHIP("", "")}},
    {"qemu-user", OUTCOME_WARN, "another user or group", "+64055:+108",
     "+107:+107", "by number",
     .facts = {.source = SECMODELS(DAC_1),
               .destination = SECMODELS(DAC_2),
               .source_local.missing = "no agent"}},
    {"qemu-user", OUTCOME_WARN, "takes ownership", "1", "0",
     "dynamic_ownership", .facts = {BOTH(DAC_1), OWNERSHIP("", "0")}},
    {"qemu-user", OUTCOME_NOT_RUN, "as whom the source runs",
     .facts = {.destination = SECMODELS(DAC_1), OWNERSHIP("", "")}},
    {"qemu-user", OUTCOME_NOT_RUN, "as whom the source runs",
     .facts = {.source = SECMODELS(DAC(NULL)),
               .destination = SECMODELS(DAC_1),
               OWNERSHIP("", "")}},
    {"qemu-user", OUTCOME_NOT_RUN, "as whom the destination runs",
     .facts = {.source = SECMODELS(DAC_1),
               .destination = SECMODELS(DAC(NULL)),
               OWNERSHIP("", "")}},
    {"qemu-user", OUTCOME_NOT_RUN, "dynamic_ownership of the source's",
     .facts = {BOTH(DAC_1), .source_local.missing = "no agent"}},

    /* abi */
    {"abi", OUTCOME_PASS, "keeps its XML", .facts = {WEB}},
    {"abi", OUTCOME_PASS, "libvirt compares the ABI",
     .facts = {FROM_FILE, .plan.destination_xml = true}},
    {"abi", OUTCOME_WARN, "looked at the domain's own XML", NULL, NULL,
     "check the given XML", .facts = {WEB, .plan.destination_xml = true}},
    {"abi", OUTCOME_NOT_RUN, "no domain",
     .facts = {.domain.missing = "no domain"}},
};

static void
the_domain_is_judged(void **state)
{
	(void)state;
	tells(told, LENGTH_OF(told));
	tells_all(checks_domain, told, LENGTH_OF(told));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_domain_is_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
