/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor: what is not as it should be, each with what to do. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "checkpoints.h"
#include "control.h"
#include "crypto/migration_ca.h"
#include "sys/sys.h"
#include "trust_gate.h"

enum { DAY_S = 24 * 60 * 60, SOON_S = 14 * DAY_S };
enum health { HEALTH_OK, HEALTH_WARN, HEALTH_FAIL };

struct ward {
	struct verifierd *v;
	struct json *lines;
};

static void
tell(struct ward *w, enum health health, const char *subject, const char *text,
     const char *remedy)
{
	static const char *const words[] = {"ok", "warn", "fail"};
	struct json *line = json_new_object();

	json_put_text(line, "state", words[health]);
	json_put_text(line, "subject", subject);
	json_put_text(line, "text", text);
	json_put_text(line, "remedy", remedy);
	json_add(w->lines, line);
}

static void
on_odd(void *arg, const char *name, const char *subject, const char *why)
{
	char text[CERTIFICATE_NAME_MAX + 200];

	snprintf(text, sizeof(text), "'%s': %s", subject, why);
	tell(arg, HEALTH_WARN, name, text,
	     "is it the file that its maker publishes?");
}

static void
look_at_roots(struct ward *w)
{
	struct err err = {0};
	const struct roots *roots = ek_roots_now(w->v->ek_roots, &err);
	char text[160];
	size_t n;

	if (roots == NULL) {
		tell(w, HEALTH_FAIL, "ek_roots", err.text,
		     "mend the file: until then no EK certificate is believed");
		return;
	}
	n = roots_count(roots);
	snprintf(text, sizeof(text), "%zu CAs are believed about EKs", n);
	if (n != 0)
		tell(w, HEALTH_OK, "ek_roots", text, "");
	else
		tell(w, HEALTH_WARN, "ek_roots",
		     "no CA is believed about EKs: every host must be enrolled "
		     "with --ek-sha256",
		     "put the TPM makers' CA certificates into the folder of "
		     "ek_roots");
	roots_review(roots, sys_unix_s(), on_odd, w);
}

/* How it stood when it was last asked. */
static void
look_at_verdict(struct ward *w, const struct attester *a)
{
	struct verdict standing;
	struct err err = {0};
	char text[300];

	if (!hosts_standing(w->v->hosts, a->name, &standing, &err)) {
		if (err.code == ERR_NOT_FOUND)
			tell(w, HEALTH_WARN, a->name, "it was never asked",
			     "run 'virt-attest verify' on it");
		else
			tell(w, HEALTH_FAIL, a->name, err.text,
			     "is the store damaged?");
		return;
	}
	if (standing.n_reasons == 0)
		return;
	snprintf(text, sizeof(text), "%s: %s",
	         verdict_state_name(standing.state),
	         reason_text(standing.reasons[0].code));
	tell(w, standing.state == VERDICT_UNTRUSTED ? HEALTH_FAIL : HEALTH_WARN,
	     a->name, text, reason_remedy(standing.reasons[0].code));
}

/* When the last of them ends; UINT64_MAX when one never does. */
static uint64_t
last_end(const struct golden *live, size_t n)
{
	uint64_t end = 0;

	for (size_t i = 0; i < n; i++) {
		if (live[i].valid_until_s == 0)
			return UINT64_MAX;
		if (live[i].valid_until_s > end)
			end = live[i].valid_until_s;
	}
	return end;
}

static void
look_at_goldens(struct ward *w, const struct attester *a)
{
	uint64_t now = sys_unix_s(), end;
	struct golden *live = NULL;
	struct err err = {0};
	char text[100];
	size_t n = 0;

	if (!store_goldens_live(w->v->store, a, now, &live, &n, &err)) {
		tell(w, HEALTH_FAIL, a->name, err.text,
		     "is the store damaged?");
	} else if (n == 0) {
		tell(w, HEALTH_WARN, a->name, "it has no active golden value",
		     reason_remedy(REASON_NO_GOLDEN));
	} else if ((end = last_end(live, n)) <= now + SOON_S) {
		snprintf(text, sizeof(text),
		         "its last active golden value ends in %llu days",
		         (unsigned long long)((end - now) / DAY_S));
		tell(w, HEALTH_WARN, a->name, text,
		     "'virt-attest golden add' and approve another one before "
		     "that");
	}
	free(live);
}

static void
look_at_migration_ca(struct ward *w, const struct attester *a)
{
	struct migration_ca ca;
	struct err err = {0};
	uint64_t now = sys_unix_s();

	if (a->migration_ca.len == 0) {
		if (w->v->trust_gate != NULL)
			tell(w, HEALTH_WARN, a->name,
			     "it has no migration CA: the trust gate lets "
			     "nothing go there",
			     "run 'virt-attest pki migration' there, then "
			     "'virt-attest reenroll --replace' here");
		return;
	}
	if (!migration_ca_read(span_of(a->migration_ca.at, a->migration_ca.len),
	                       &ca, &err))
		tell(w, HEALTH_FAIL, a->name, err.text, "enrol it anew");
	else if (ca.not_after_s <= now + SOON_S)
		tell(w, ca.not_after_s <= now ? HEALTH_FAIL : HEALTH_WARN,
		     a->name,
		     ca.not_after_s <= now
		         ? "its migration CA has ended"
		         : "its migration CA ends within two weeks",
		     "run 'virt-attest pki migration --force' there, then "
		     "'virt-attest reenroll --replace' here");
}

static bool
look_at_host(void *arg, const struct attester *a)
{
	struct ward *w = arg;
	char text[HOST_NAME_MAX_SIZE + 100];
	struct attester twin;
	struct err err = {0};

	look_at_verdict(w, a);
	look_at_goldens(w, a);
	look_at_migration_ca(w, a);
	if (a->endpoints.n == 0)
		tell(w, HEALTH_WARN, a->name,
		     "no endpoint key is enrolled: qemu+tls:// is not bound to "
		     "this host",
		     "set endpoint_certs there and run 'virt-attest reenroll'");
	if (a->endorser == ENDORSED_BY_NOBODY)
		tell(w, HEALTH_WARN, a->name,
		     "its EK was believed at first sight",
		     "compare the EK on the host and run 'virt-attest reenroll "
		     "HOST --replace --ek-sha256 HEX'");
	if (store_host_by_keys(w->v->store, a->ek_sha256,
	                       span_of(a->ak.at, a->ak.len), a->name, &twin,
	                       &err)) {
		snprintf(text, sizeof(text), "has the same TPM as '%s'",
		         twin.name);
		/* Once a pair. */
		if (strcasecmp(twin.name, a->name) < 0)
			tell(w, HEALTH_WARN, a->name, text,
			     "one TPM answers to both names: forget the one "
			     "that is not its machine's");
	} else if (err.code != ERR_NOT_FOUND) {
		tell(w, HEALTH_FAIL, a->name, err.text,
		     "is the store damaged?");
	}
	return true;
}

static void
look_at_hosts(struct ward *w)
{
	struct err err = {0};

	if (!store_hosts(w->v->store, look_at_host, w, &err))
		tell(w, HEALTH_FAIL, "store", err.text, "is the disk full?");
}

static void
look_at_audit(struct ward *w)
{
	struct err err = {0};
	struct audit_state is;
	char text[80];

	if (audit_check(w->v, &is, &err)) {
		snprintf(text, sizeof(text),
		         "%llu lines, unbroken, signed up to line %llu",
		         (unsigned long long)(is.last + 1 - is.first),
		         (unsigned long long)is.checkpoint.size);
		tell(w, HEALTH_OK, "audit", text, "");
	} else {
		tell(w, HEALTH_FAIL, "audit", err.text,
		     "somebody wrote to the store: restore it, and ask who");
	}
}

/* A CA that ends is no gate that opens: QEMU takes no file with one in it. */
static void
look_at_trust_gate(struct ward *w)
{
	struct trust_gate_state is;
	uint64_t now = sys_unix_s();
	char text[ERR_TEXT_MAX];

	if (w->v->trust_gate == NULL)
		return;
	trust_gate_look(w->v->trust_gate, &is);
	snprintf(text, sizeof(text), "the CAs of %zu trusted hosts", is.hosts);
	if (is.failing)
		tell(w, HEALTH_FAIL, "trust_file", is.why.text,
		     "has this account the right to make files in its folder "
		     "(mode 1775)? is the disk full?");
	else
		tell(w, HEALTH_OK, "trust_file", text, "");
	if (is.own_until_s <= now + SOON_S)
		tell(w, is.own_until_s <= now ? HEALTH_FAIL : HEALTH_WARN,
		     "trust_own",
		     is.own_until_s <= now
		         ? "this host's migration CA has ended: no guest "
		           "leaves or comes by TLS"
		         : "this host's migration CA ends within two weeks",
		     "make one with 'virt-attest pki migration --force', and "
		     "have the other hosts' verifiers 'reenroll' this one");
}

static void
doctor(struct caller *c, const struct json *arguments)
{
	struct json *result = json_new_object();
	struct ward w = {c->v, json_new_array()};

	(void)arguments;
	look_at_roots(&w);
	look_at_trust_gate(&w);
	look_at_hosts(&w);
	look_at_audit(&w);
	json_put(result, "lines", w.lines);
	caller_return(c, result);
}

const struct verb verbs_doctor[] = {
    /* It reads everything: not for who may only ask. */
    {"doctor", true, doctor},
    {0},
};
