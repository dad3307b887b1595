/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* May the domain go there: the verifier's word about the destination.  These
 * weigh before all that libvirt says of that host, for only they rest on what
 * its TPM signed. */
#include "checks/check.h"

#include <stdio.h>
#include <string.h>

#include "checks/words.h"

static const char *
attested_host(const struct facts *f)
{
	const char *host = f->trust.verdict.host;

	return host[0] != '\0' ? host : "the destination";
}

/* A reason's own detail and the event that changed share what a sentence may
 * hold: neither is to push the other out. */
enum { DETAIL_SHOWN = 110, EVENT_SHOWN = 140 };

/* How much of an event is shown: all, or what comes before the first bracket
 * that does not end in time ("(from OLD to NEW)"; `verify --explain` has it).
 */
static int
event_shown(const char *event)
{
	size_t len = strlen(event), end;

	if (len <= EVENT_SHOWN)
		return (int)len;
	for (end = EVENT_SHOWN; end > 0; end--)
		if (event[end] == '(' && event[end - 1] == ' ' &&
		    memchr(event + end, ')', EVENT_SHOWN - end) == NULL)
			return (int)end - 1;
	return EVENT_SHOWN;
}

static void
refused(const struct facts *f, struct result *r)
{
	const struct verdict *v = &f->trust.verdict;
	const char *state = verdict_state_name(v->state), *event = v->events[0];
	int shown = event_shown(event);

	if (v->n_reasons == 0) {
		result_block(r, "%.100s is %s, and no reason was told",
		             attested_host(f), state);
		result_remedy(r, "%s", reason_remedy(REASON_INTERNAL));
	}
	for (size_t i = 0; i < v->n_reasons && i < REASONS_MAX; i++) {
		const struct reason *reason = &v->reasons[i];

		if (!result_block(
			r, "%.100s is %s: %s%s%.*s%s%.*s%s", attested_host(f),
			state, reason_text(reason->code),
			reason->detail[0] != '\0' ? ": " : "", DETAIL_SHOWN,
			reason->detail,
			event[0] != '\0' ? ". What changed: " : "", shown,
			event, event[shown] != '\0' ? " (...)" : ""))
			continue;
		result_remedy(r, "%s", reason_remedy(reason->code));
	}
	result_values(r, NULL, state);
}

/* As hooks/hook.c has it: fresh is what was asked without an age and says that
 * it has none. */
static void
attestation(const struct facts *f, struct result *r)
{
	const struct verdict *v = &f->trust.verdict;

	if (v->state != VERDICT_TRUSTED) {
		refused(f, r);
	} else if (v->age_ms != 0) {
		result_block(r,
		             "%.100s was trusted %llu ms ago: not a fresh "
		             "verdict",
		             attested_host(f), (unsigned long long)v->age_ms);
		result_remedy(r, "ask again: a migration needs a verdict that "
		                 "was made for it");
	} else if (!v->appraised || v->golden == 0) {
		result_block(r, "%.100s is called trusted, but by no %s",
		             attested_host(f),
		             v->appraised ? "golden value"
		                          : "evidence that was appraised");
		result_remedy(r, "%s", reason_remedy(REASON_INTERNAL));
	} else if (v->warning[0] != '\0') {
		result_warn(r, "%.100s is trusted, with a word: %.200s",
		            attested_host(f), v->warning);
		result_remedy(r, "run 'virt-attest verify %.100s --explain'",
		              attested_host(f));
	} else {
		result_pass(r,
		            "%.100s is trusted: its TPM has just signed the "
		            "state of golden value %llu",
		            attested_host(f), (unsigned long long)v->golden);
	}
}

enum { TRANSPORT_SIZE = 16 };

/* How libvirt gets there (its docs/uri.rst): what follows the '+', else TLS
 * for a host and a local socket for none. */
static void
transport_of(const char *uri, char out[TRANSPORT_SIZE])
{
	const char *end = uri != NULL ? strstr(uri, "://") : NULL;
	const char *plus = uri != NULL ? strchr(uri, '+') : NULL;
	size_t n;

	memset(out, 0, TRANSPORT_SIZE);
	if (end == NULL)
		return;
	if (plus == NULL || plus > end) {
		snprintf(out, TRANSPORT_SIZE, "%s",
		         end[3] == '/' || end[3] == '\0' ? "unix" : "tls");
		return;
	}
	n = (size_t)(end - plus - 1);
	if (n < TRANSPORT_SIZE)
		memcpy(out, plus + 1, n);
}

/* What the verdict says against the endpoint's key; REASON_COUNT: nothing. */
static enum reason_code
key_reason(const struct verdict *v)
{
	for (size_t i = 0; i < v->n_reasons; i++)
		if (v->reasons[i].code == REASON_ENDPOINT ||
		    v->reasons[i].code == REASON_ENDPOINT_SILENT)
			return v->reasons[i].code;
	return REASON_COUNT;
}

/* The key at the other end, by how it is reached.  What receives the memory is
 * QEMU with a key of its own: that is not seen here, and the words say when it
 * shows none at all. */
static void
key_of_endpoint(const struct facts *f, struct result *r)
{
	static const char *const ssh[] = {"ssh", "libssh", "libssh2"};
	bool bare = !f->plan.tls && !f->plan.tunnelled && !f->plan.offline;
	char transport[TRANSPORT_SIZE];

	transport_of(f->plan.destination_uri, transport);
	if (is_one_of(ssh, LENGTH_OF(ssh), transport)) {
		result_warn(r,
		            "%.100s is attested, but over SSH the key that "
		            "receives the domain is not compared with the "
		            "attested one",
		            attested_host(f));
		result_values(r, NULL, transport);
		result_remedy(r, "use qemu+tls://HOST/system");
	} else if (strcmp(transport, "tls") != 0) {
		result_block(r,
		             "the destination is reached by '%s', where no "
		             "key shows that it is %.100s which answers",
		             transport[0] != '\0' ? transport : "?",
		             attested_host(f));
		result_values(r, NULL, f->plan.destination_uri);
		result_remedy(r, "use qemu+tls://HOST/system or "
		                 "qemu+ssh://HOST/system");
	} else if (!f->trust.verdict.appraised) {
		result_not_run(r, "no evidence of %.100s was appraised",
		               attested_host(f));
	} else if (key_reason(&f->trust.verdict) != REASON_COUNT) {
		enum reason_code code = key_reason(&f->trust.verdict);

		result_block(r, "%s", reason_text(code));
		result_remedy(r, "%s", reason_remedy(code));
	} else if (!f->trust.endpoint_checked) {
		result_block(r,
		             "the key of libvirt on %.100s was not compared "
		             "with the attested one",
		             attested_host(f));
		result_remedy(r, "set endpoint_certs in agentd.conf on the "
		                 "host to libvirt's server certificate, and "
		                 "run 'virt-attest reenroll HOST'");
	} else {
		result_pass(r, "%.100s answers with the key that it attested%s",
		            attested_host(f),
		            bare ? "; the memory itself goes without TLS (no "
		                   "--tls)"
		                 : "");
	}
}

static void
endpoint(const struct facts *f, struct result *r)
{
	const char *other = f->trust.other_host;

	if (!f->trust.same_host) {
		result_block(r,
		             "%.100s was attested, but the migration leads "
		             "to %.100s, too",
		             attested_host(f),
		             other != NULL ? other
		                           : "a host that is not known");
		result_values(r, attested_host(f), other);
		result_remedy(r, "give a destination and a --migrateuri that "
		                 "both lead to the attested host");
		return;
	}
	key_of_endpoint(f, r);
}

static void
software(const struct facts *f, struct result *r)
{
	const struct trust *t = &f->trust;
	const char *host = attested_host(f);

	if (t->verdict.golden == 0)
		result_not_run(r, "no golden value stands for %.100s", host);
	else if (!t->judges_boot_log && !t->judges_files) {
		result_warn(r,
		            "the golden value of %.100s is PCR values only: "
		            "which kernel, libvirt and QEMU run there is "
		            "not judged",
		            host);
		result_remedy(r,
		              "run 'virt-attest golden add %.100s --from-log', "
		              "with --ima-policy where IMA measures, and "
		              "approve it",
		              host);
	} else if (!t->judges_files)
		result_pass(r,
		            "%.100s is judged by its boot log; the files "
		            "that ran since the boot are not judged",
		            host);
	else
		result_pass(r, "%.100s is judged by %sthe files that ran there",
		            host,
		            t->judges_boot_log ? "its boot log and " : "");
}

const struct migration_check checks_trust[] = {
    {
	.id = "attestation",
	.compares = "the destination's signed state with its golden value",
	.severity = SEVERITY_BLOCK,
	.unforceable = true,
	.needs = NEEDS_VERDICT,
	.run = attestation,
    },
    {
	.id = "endpoint",
	.compares = "the host that receives with the attested one",
	.severity = SEVERITY_BLOCK,
	.unforceable = true,
	.needs = NEEDS_VERDICT,
	.run = endpoint,
    },
    {
	.id = "software",
	.compares = "what ran on the destination with its golden value",
	.severity = SEVERITY_WARN,
	.needs = NEEDS_VERDICT,
	.run = software,
    },
    {0},
};
