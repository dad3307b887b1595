/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* May the domain go there: what the verifier's word is worth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "checks_a_case.h"

static void
no_verifier(struct checks_world *w)
{
	w->f.trust = (struct trust){.missing = "no verifier answers"};
}

static void
a_forgotten_verdict(struct checks_world *w)
{
	w->f.trust = (struct trust){0};
}

static void
another_kernel(struct checks_world *w)
{
	struct verdict *v = &w->f.trust.verdict;

	verdict_set(v, "host-b", VERDICT_UNTRUSTED, REASON_GOLDEN,
	            "PCR 9 of sha256 differs");
	verdict_add(v, REASON_BOOT_LOG, "a kernel that is not known");
	v->appraised = true;
	snprintf(v->events[0], sizeof(v->events[0]),
	         "the kernel command line changed from 'a' to 'b'");
}

static void
a_long_story(struct checks_world *w)
{
	struct verdict *v = &w->f.trust.verdict;
	char detail[REASON_DETAIL_MAX];

	snprintf(detail, sizeof(detail), "%0300d", 0);
	verdict_set(v, "host-b", VERDICT_UNTRUSTED, REASON_IMA_LOG, detail);
	snprintf(v->events[0], sizeof(v->events[0]), "the event%0900d", 0);
}

static void
a_long_command_line(struct checks_world *w)
{
	struct verdict *v = &w->f.trust.verdict;

	verdict_set(v, "host-b", VERDICT_UNTRUSTED, REASON_GOLDEN, NULL);
	snprintf(v->events[0], sizeof(v->events[0]),
	         "GRUB (the loader) changed: 'x=0' was added (from '%0200d' to "
	         "'%0200d'); and (more)",
	         0, 0);
}

static void
nobody_there(struct checks_world *w)
{
	verdict_set(&w->f.trust.verdict, "host-b", VERDICT_UNREACHABLE,
	            REASON_UNREACHABLE, NULL);
}

static void
stale(struct checks_world *w)
{
	verdict_set(&w->f.trust.verdict, "host-b", VERDICT_STALE, REASON_AGE,
	            NULL);
}

static void
an_old_one(struct checks_world *w)
{
	w->f.trust.verdict.age_ms = 1;
}

static void
not_appraised(struct checks_world *w)
{
	w->f.trust.verdict.appraised = false;
}

static void
no_golden(struct checks_world *w)
{
	w->f.trust.verdict.golden = 0;
}

static void
no_reason(struct checks_world *w)
{
	w->f.trust.verdict.state = VERDICT_UNKNOWN;
}

static void
a_word_with_it(struct checks_world *w)
{
	snprintf(w->f.trust.verdict.warning, sizeof(w->f.trust.verdict.warning),
	         "'/usr/bin/x' is not in the policy");
}

static void
leads_elsewhere(struct checks_world *w)
{
	w->f.trust.same_host = false;
	w->f.trust.other_host = "host-c";
}

static void
leads_nowhere(struct checks_world *w)
{
	w->f.trust.same_host = false;
}

static void
key_not_compared(struct checks_world *w)
{
	w->f.trust.endpoint_checked = false;
}

static void
key_is_anothers(struct checks_world *w)
{
	verdict_set(&w->f.trust.verdict, "host-b", VERDICT_UNTRUSTED,
	            REASON_ENDPOINT, NULL);
	w->f.trust.verdict.appraised = true;
}

static void
key_not_shown(struct checks_world *w)
{
	verdict_set(&w->f.trust.verdict, "host-b", VERDICT_UNREACHABLE,
	            REASON_ENDPOINT_SILENT, NULL);
	w->f.trust.verdict.appraised = true;
}

static void
tls_by_default(struct checks_world *w)
{
	w->f.plan.destination_uri = "qemu://host-b/system";
}

static void
tls_by_default_not_compared(struct checks_world *w)
{
	tls_by_default(w);
	key_not_compared(w);
}

static void
over_ssh(struct checks_world *w)
{
	w->f.plan.destination_uri = "qemu+ssh://root@host-b/system";
	key_not_compared(w);
}

static void
over_libssh(struct checks_world *w)
{
	w->f.plan.destination_uri = "qemu+libssh2://host-b/system";
}

static void
over_tcp(struct checks_world *w)
{
	w->f.plan.destination_uri = "qemu+tcp://host-b/system";
}

static void
a_local_socket(struct checks_world *w)
{
	w->f.plan.destination_uri = "qemu:///system";
}

/* The '+' of a path is no transport. */
static void
plus_in_a_path(struct checks_world *w)
{
	w->f.plan.destination_uri = "qemu:///system?x=+tls";
}

static void
a_giant_transport(struct checks_world *w)
{
	w->f.plan.destination_uri = "qemu+tlstlstlstlstlstls://host-b/system";
}

static void
a_transport_that_just_does_not_fit(struct checks_world *w)
{
	w->f.plan.destination_uri = "qemu+tls0123456789abc://host-b/system";
}

static void
in_the_clear_tunnelled(struct checks_world *w)
{
	w->f.plan.tls = false;
	w->f.plan.tunnelled = true;
}

static void
offline(struct checks_world *w)
{
	w->f.plan.tls = false;
	w->f.plan.offline = true;
}

static void
no_uri(struct checks_world *w)
{
	w->f.plan.destination_uri = NULL;
}

static void
in_the_clear(struct checks_world *w)
{
	w->f.plan.tls = false;
}

static void
boot_log_only(struct checks_world *w)
{
	w->f.trust.judges_files = false;
}

static void
files_only(struct checks_world *w)
{
	w->f.trust.judges_boot_log = false;
}

static void
values_only(struct checks_world *w)
{
	w->f.trust.judges_boot_log = w->f.trust.judges_files = false;
}

static const struct checks_case cases[] = {
    {"attestation", "trusted", NULL, OUTCOME_PASS,
     "host-b is trusted: its TPM has just signed the state of golden value 7",
     NULL},
    {"attestation", "no verifier", no_verifier, OUTCOME_NOT_RUN,
     "no verifier answers", NULL},
    {"attestation", "zero", a_forgotten_verdict, OUTCOME_BLOCK,
     "the destination is unknown, and no reason was told", NULL},
    {"attestation", "untrusted", another_kernel, OUTCOME_BLOCK,
     "host-b is untrusted: the PCRs match no active golden value: PCR 9 of "
     "sha256 differs. What changed: the kernel command line changed from 'a' "
     "to 'b'",
     "look at what changed on the host"},
    {"attestation", "its state as a value", another_kernel, OUTCOME_BLOCK,
     "untrusted", "untrusted"},
    {"attestation", "detail and event share", a_long_story, OUTCOME_BLOCK,
     "000. What changed: the event000", NULL},
    {"attestation", "an event is cut at its tail", a_long_command_line,
     OUTCOME_BLOCK, "GRUB (the loader) changed: 'x=0' was added (...)", NULL},
    {"attestation", "unreachable", nobody_there, OUTCOME_BLOCK,
     "host-b is unreachable: no evidence came", "agentd running there"},
    {"attestation", "stale", stale, OUTCOME_BLOCK,
     "host-b is stale: the last trusted verdict is too old", NULL},
    {"attestation", "not fresh", an_old_one, OUTCOME_BLOCK,
     "was trusted 1 ms ago", "ask again"},
    {"attestation", "no evidence", not_appraised, OUTCOME_BLOCK,
     "by no evidence that was appraised", NULL},
    {"attestation", "no golden value", no_golden, OUTCOME_BLOCK,
     "by no golden value", NULL},
    {"attestation", "no reason", no_reason, OUTCOME_BLOCK,
     "host-b is unknown, and no reason was told", NULL},
    {"attestation", "a warning", a_word_with_it, OUTCOME_WARN,
     "host-b is trusted, with a word: '/usr/bin/x'", NULL},
    {"endpoint", "the attested key", NULL, OUTCOME_PASS,
     "=host-b answers with the key that it attested", NULL},
    {"endpoint", "tunnelled", in_the_clear_tunnelled, OUTCOME_PASS,
     "=host-b answers with the key that it attested", NULL},
    {"endpoint", "offline", offline, OUTCOME_PASS,
     "=host-b answers with the key that it attested", NULL},
    {"endpoint", "TLS by default", tls_by_default, OUTCOME_PASS,
     "answers with the key", NULL},
    {"endpoint", "memory in the clear", in_the_clear, OUTCOME_PASS,
     "the memory itself goes without TLS", NULL},
    {"endpoint", "no verifier", no_verifier, OUTCOME_NOT_RUN,
     "no verifier answers", NULL},
    {"endpoint", "no evidence", nobody_there, OUTCOME_NOT_RUN,
     "no evidence of host-b was appraised", NULL},
    {"endpoint", "another host", leads_elsewhere, OUTCOME_BLOCK,
     "host-b was attested, but the migration leads to host-c, too", "host-c"},
    {"endpoint", "a host that is not known", leads_nowhere, OUTCOME_BLOCK,
     "leads to a host that is not known", NULL},
    {"endpoint", "another's key", key_is_anothers, OUTCOME_BLOCK,
     "is not the attested one", "reenroll"},
    {"endpoint", "no key", key_not_shown, OUTCOME_BLOCK,
     "the libvirt endpoint did not show its key", "libvirtd listening"},
    {"endpoint", "not compared", key_not_compared, OUTCOME_BLOCK,
     "was not compared with the attested one", "endpoint_certs"},
    {"endpoint", "not compared, by default", tls_by_default_not_compared,
     OUTCOME_BLOCK, "was not compared", NULL},
    {"endpoint", "SSH", over_ssh, OUTCOME_WARN,
     "over SSH the key that receives the domain is not compared", "qemu+tls"},
    {"endpoint", "libssh2", over_libssh, OUTCOME_WARN, "over SSH", "libssh2"},
    {"endpoint", "TCP", over_tcp, OUTCOME_BLOCK, "is reached by 'tcp'",
     "qemu+tcp://host-b/system"},
    {"endpoint", "a socket", a_local_socket, OUTCOME_BLOCK,
     "is reached by 'unix'", NULL},
    {"endpoint", "a plus elsewhere", plus_in_a_path, OUTCOME_BLOCK,
     "is reached by 'unix'", NULL},
    {"endpoint", "a giant", a_giant_transport, OUTCOME_BLOCK,
     "is reached by '?'", NULL},
    {"endpoint", "one too long", a_transport_that_just_does_not_fit,
     OUTCOME_BLOCK, "is reached by '?'", NULL},
    {"endpoint", "no URI", no_uri, OUTCOME_BLOCK, "is reached by '?'", NULL},
    {"software", "both", NULL, OUTCOME_PASS,
     "by its boot log and the files that ran there", NULL},
    {"software", "files", files_only, OUTCOME_PASS,
     "is judged by the files that ran there", NULL},
    {"software", "boot log", boot_log_only, OUTCOME_PASS,
     "the files that ran since the boot are not judged", NULL},
    {"software", "neither", values_only, OUTCOME_WARN, "is PCR values only",
     "golden add host-b --from-log"},
    {"software", "no golden value", no_golden, OUTCOME_NOT_RUN,
     "no golden value stands for host-b", NULL},
    {"software", "no verifier", no_verifier, OUTCOME_NOT_RUN,
     "no verifier answers", NULL},
};

static void
every_case_comes_out(void **state)
{
	(void)state;
	checks_cases_hold(checks_trust, cases, LENGTH_OF(cases));
}

static void
trust_is_not_forced(void **state)
{
	(void)state;
	assert_true(check_of("attestation")->unforceable);
	assert_true(check_of("endpoint")->unforceable);
	assert_int_equal(check_of("attestation")->severity, SEVERITY_BLOCK);
	assert_int_equal(check_of("endpoint")->severity, SEVERITY_BLOCK);
}

/* Reasons after the first are counted. */
static void
other_reasons_are_counted(void **state)
{
	static struct checks_world w;
	struct result r;

	(void)state;
	checks_world_make(&w);
	another_kernel(&w);
	check_run(check_of("attestation"), &w.f, &r);
	assert_int_equal(r.more, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_case_comes_out),
	    cmocka_unit_test(trust_is_not_forced),
	    cmocka_unit_test(other_reasons_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
