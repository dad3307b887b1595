/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Would QEMU's TLS between the two come about?  The destination's QEMU shows
 * server-cert.pem for the name that the source's QEMU expects, and the source's
 * shows client-cert.pem; each believes what its own ca-cert.pem signed, and
 * loads nothing that this file does not vouch for (seen with QEMU 7.2: a leaf
 * of another CA, a CA that expired or is none, each makes it refuse; a source
 * without client-cert.pem does not).
 *
 * Not seen: private keys, revocation, migrate_tls_x509_verify.  A CA between
 * counts when it is in ca-cert.pem itself, as QEMU has it, which takes no chain
 * from server-cert.pem. */
#include "checks/pki.h"

#include <string.h>

#include "checks/words.h"

struct end {
	const char *name; /* "the source" */
	const struct local_facts *local;
};

/* One judgement. */
struct pki {
	const struct facts *f;
	struct result *r;
	struct end source, destination;
	/* What is wrong weighs so: it blocks when the memory will go over TLS,
	 * and is worth a word when it will not. */
	enum outcome wrong;
};

static bool
is_ca_file(const struct local_certificate *c)
{
	return same_text(c->file, "ca-cert.pem");
}

static const struct local_certificate *
certificate_of(const struct end *end, const char *file)
{
	for (size_t i = 0; i < end->local->n_certificates; i++)
		if (same_text(end->local->certificates[i].file, file))
			return &end->local->certificates[i];
	return NULL;
}

static bool
is_absent(const struct local_certificate *c)
{
	return c == NULL || (!c->exists && c->why == NULL);
}

/* Says so. */
static bool
is_unread(const struct pki *p, const struct end *end,
          const struct local_certificate *c)
{
	if (c->exists && c->why == NULL)
		return false;
	result_not_run(p->r, "%s's %s could not be read: %.160s", end->name,
	               c->file, c->why);
	return true;
}

enum { DAY_S = 24 * 60 * 60 };

static unsigned long long
days(uint64_t s)
{
	return (unsigned long long)s / DAY_S;
}

static void
judge_dates(const struct pki *p, const struct end *end,
            const struct local_certificate *c)
{
	uint64_t now = p->f->now_s;

	if (now == 0 || c->not_after == 0) {
		result_not_run(p->r, "whether %s's %s is in date is not known",
		               end->name, c->file);
	} else if (c->not_after < now) {
		if (result_add(p->r, p->wrong, "%s's %s expired %llu days ago",
		               end->name, c->file, days(now - c->not_after)))
			result_remedy(p->r, "renew it");
	} else if (c->not_before > now) {
		if (result_add(p->r, p->wrong,
		               "%s's %s is not valid before %llu seconds from "
		               "now",
		               end->name, c->file,
		               (unsigned long long)(c->not_before - now)))
			result_remedy(p->r, "is the host's clock right?");
	} else if (c->not_after - now < PKI_EXPIRES_SOON_S) {
		if (result_warn(p->r, "%s's %s expires in %llu days", end->name,
		                c->file, days(c->not_after - now)))
			result_remedy(p->r, "renew it");
	}
}

/* QEMU looks at every certificate of the file, and refuses the whole of it for
 * one that is bad. */
static void
judge_ca_file(const struct pki *p, const struct end *end)
{
	size_t n = 0;

	for (size_t i = 0; i < end->local->n_certificates; i++) {
		const struct local_certificate *c =
		    &end->local->certificates[i];

		if (!is_ca_file(c) || is_absent(c))
			continue;
		n++;
		if (is_unread(p, end, c))
			continue;
		judge_dates(p, end, c);
		if (!c->is_ca &&
		    result_add(p->r, p->wrong,
		               "a certificate of %s's ca-cert.pem is no CA's",
		               end->name))
			result_remedy(p->r,
			              "QEMU wants basicConstraints CA:TRUE "
			              "of each");
	}
	if (n == 0 && p->f->plan.tls &&
	    result_block(p->r, "%s has no ca-cert.pem for QEMU", end->name))
		result_remedy(p->r, "install QEMU's migration certificates in "
		                    "/etc/pki/qemu, or migrate without --tls");
}

/* Whether `signer` is a key of the ca-cert.pem of `end`. */
static bool
trusts(const struct end *end, const char *signer)
{
	for (size_t i = 0; i < end->local->n_certificates; i++) {
		const struct local_certificate *c =
		    &end->local->certificates[i];

		if (is_ca_file(c) && c->exists &&
		    same_text(c->key_sha256, signer))
			return true;
	}
	return false;
}

/* The list of a host's certificates ends at a limit: then a key that is not in
 * it may still be in the file. */
static void
judge_signer(const struct pki *p, const struct end *end,
             const struct local_certificate *leaf, const struct end *other)
{
	if (!leaf->signed_here || leaf->signer_sha256 == NULL) {
		if (result_add(p->r, p->wrong,
		               "%s's %s is not signed by its own ca-cert.pem: "
		               "QEMU will not load it",
		               end->name, leaf->file))
			result_remedy(p->r, "put the CA that signed it into "
			                    "ca-cert.pem there");
		return;
	}
	if (trusts(other, leaf->signer_sha256))
		return;
	if (other->local->n_certificates >= LOCAL_CERTIFICATES_MAX) {
		result_not_run(p->r,
		               "%s's ca-cert.pem holds more than is looked at: "
		               "whether it has the CA of %s is not known",
		               other->name, end->name);
		return;
	}
	if (result_add(p->r, p->wrong,
	               "%s does not trust the CA that signed %s's %s",
	               other->name, end->name, leaf->file)) {
		result_values(p->r, NULL, leaf->signer_sha256);
		result_remedy(
		    p->r,
		    "add that CA to ca-cert.pem of %s; where verifierd "
		    "keeps that file (trust_file), its 'virt-attest "
		    "hosts' says who is not trusted",
		    other->name);
	}
}

/* RFC 6125, 6.4.3: a star stands for one whole label, the first. */
static bool
names(const struct local_certificate *c, const char *name)
{
	const char *domain = strchr(name, '.');

	for (size_t i = 0; i < c->n_names; i++) {
		if (same_name(c->names[i], name))
			return true;
		if (begins_with(c->names[i], "*.") && domain != NULL &&
		    domain != name && same_name(c->names[i] + 1, domain))
			return true;
	}
	return false;
}

/* The name for which the source's QEMU wants a certificate: what --tls-
 * destination says, else the host of the data's URI, which libvirt of the
 * destination makes of its host name where none is given.  (Its qemu.conf may
 * set migration_host instead: that is not seen.) */
static const char *
expected_name(const struct facts *f)
{
	if (f->plan.tls_destination != NULL)
		return f->plan.tls_destination;
	if (f->plan.migrate_uri != NULL)
		return f->plan.data_host;
	if (f->destination.missing == NULL && f->destination.hostname != NULL)
		return f->destination.hostname;
	if (f->destination_local.hostname != NULL)
		return f->destination_local.hostname;
	return f->plan.data_host;
}

static void
judge_name(const struct pki *p, const struct local_certificate *server)
{
	const char *name = expected_name(p->f), *host = p->f->plan.data_host;

	if (name == NULL || server->n_names == 0) {
		result_not_run(p->r,
		               "the destination's server-cert.pem has no "
		               "subjectAltName to compare with '%.100s'",
		               or_unknown(name));
		return;
	}
	if (names(server, name))
		return;
	if (!result_add(p->r, p->wrong,
	                "the destination's server-cert.pem is not for '%.100s'",
	                name))
		return;
	result_values(p->r, name, server->names[0]);
	if (host != NULL && names(server, host))
		result_remedy(p->r, "give --tls-destination %.100s", host);
	else
		result_remedy(p->r,
		              "give --tls-destination a name that is in it, "
		              "or renew it with that name");
}

/* The leaf that `end` shows and `other` judges. */
static void
judge_leaf(const struct pki *p, const struct end *end,
           const struct local_certificate *leaf, const struct end *other)
{
	if (is_unread(p, end, leaf))
		return;
	judge_dates(p, end, leaf);
	judge_signer(p, end, leaf, other);
	if (end == &p->destination)
		judge_name(p, leaf);
}

static bool
is_forced(const struct end *end)
{
	return same_text(end->local->migrate_tls_force, "1");
}

/* migrate_tls_force of qemu.conf: either end refuses a migration without TLS,
 * but for a tunnelled one. */
static void
judge_force(const struct pki *p)
{
	const struct end *ends[] = {&p->source, &p->destination};

	for (size_t i = 0; i < LENGTH_OF(ends) && !p->f->plan.tls; i++) {
		const struct local_facts *l = ends[i]->local;

		if (l->qemu_conf_why != NULL || l->migrate_tls_force == NULL)
			result_not_run(p->r,
			               "whether %s demands TLS is not known: "
			               "%.160s",
			               ends[i]->name,
			               l->qemu_conf_why != NULL
			                   ? l->qemu_conf_why
			                   : "its qemu.conf does not tell");
		else if (is_forced(ends[i]) &&
		         result_block(
			     p->r,
			     "%s migrates with TLS only "
			     "(migrate_tls_force), and it is not asked "
			     "for",
			     ends[i]->name))
			result_remedy(p->r, "migrate with --tls");
	}
	if (is_forced(&p->source) != is_forced(&p->destination) &&
	    p->source.local->migrate_tls_force != NULL &&
	    p->destination.local->migrate_tls_force != NULL &&
	    result_warn(p->r,
	                "only %s demands TLS (migrate_tls_force): the "
	                "way back has other rules",
	                is_forced(&p->source) ? "the source"
	                                      : "the destination")) {
		result_values(p->r, p->source.local->migrate_tls_force,
		              p->destination.local->migrate_tls_force);
		result_remedy(p->r, "set it alike in qemu.conf of both");
	}
}

static void
judge_leaves(const struct pki *p)
{
	const struct local_certificate *server =
	    certificate_of(&p->destination, "server-cert.pem");
	const struct local_certificate *client =
	    certificate_of(&p->source, "client-cert.pem");

	if (!is_absent(server))
		judge_leaf(p, &p->destination, server, &p->source);
	else if (p->f->plan.tls &&
	         result_block(
		     p->r, "the destination has no server-cert.pem for QEMU"))
		result_remedy(p->r, "install QEMU's migration certificates in "
		                    "/etc/pki/qemu there, or migrate without "
		                    "--tls");
	if (!is_absent(client))
		judge_leaf(p, &p->source, client, &p->destination);
	else if (p->f->plan.tls &&
	         result_warn(p->r,
	                     "the source has no client-cert.pem for QEMU: a "
	                     "destination that verifies its clients "
	                     "(migrate_tls_x509_verify) refuses it"))
		result_remedy(p->r, "install one in /etc/pki/qemu");
}

void
check_migration_pki(const struct facts *f, struct result *r)
{
	const struct pki p = {
	    .f = f,
	    .r = r,
	    .source = {"the source", &f->source_local},
	    .destination = {"the destination", &f->destination_local},
	    .wrong = f->plan.tls ? OUTCOME_BLOCK : OUTCOME_WARN,
	};

	/* libvirt exempts it from migrate_tls_force, and refuses --tls. */
	if (f->plan.tunnelled) {
		result_pass(r, "tunnelled: the memory goes over libvirt's own "
		               "connection");
		return;
	}
	judge_force(&p);
	if (f->plan.offline) {
		result_pass(r, "offline: no memory goes over QEMU's TLS");
		return;
	}
	judge_ca_file(&p, &p.destination);
	judge_ca_file(&p, &p.source);
	judge_leaves(&p);
	if (f->plan.tls)
		result_pass(r,
		            "the destination's certificate is for '%.100s', "
		            "and each end trusts the other's CA",
		            or_unknown(expected_name(f)));
	else
		result_pass(r, "no end demands TLS, and none is asked for: the "
		               "memory goes in the clear");
}
