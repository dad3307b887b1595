/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates, their keys, and revocation lists. */
#include <stdio.h>

#include "judge_private.h"

static const char make_one[] =
    "'virt-attest pki make' or libvirt's PKI has one (certificates.md)";

/* Where a report about one of them goes. */
struct about_tls {
	const struct health_tls *tls;
	uint64_t now_s;
	struct health_report *r;
	char subject[HEALTH_SUBJECT_MAX];
};

static void
says(struct about_tls *a, enum health state, const char *text,
     const char *remedy)
{
	health_add(a->r, state, a->subject, text, remedy);
}

/* Whether the file was read; whatever else is told. */
static bool
is_read(struct about_tls *a, const struct health_file *file)
{
	char text[HEALTH_TEXT_MAX];

	if (!file->there) {
		snprintf(text, sizeof(text), "%s is not there", file->path);
		says(a, HEALTH_FAIL, text, make_one);
	} else if (file->hidden != NULL) {
		snprintf(text, sizeof(text), "%s cannot be read: %s",
		         file->path, file->hidden);
		says(a, HEALTH_SKIP, text, health_as_root);
	} else if (file->wrong != NULL) {
		snprintf(text, sizeof(text), "%s: %s", file->path, file->wrong);
		says(a, HEALTH_FAIL, text, make_one);
	} else {
		return true;
	}
	return false;
}

/* Whether now is within its time; whatever else is told. */
static bool
is_of_now(struct about_tls *a, const struct health_certificate *c)
{
	static const char renew[] =
	    "have a new one signed, and 'systemctl reload' the daemon";
	char text[HEALTH_TEXT_MAX], span[HEALTH_SPAN_SIZE];
	enum health state = HEALTH_FAIL;
	const char *remedy = renew;

	if (c->from_s > a->now_s) {
		snprintf(text, sizeof(text), "%s begins in %s", c->file.path,
		         health_span(c->from_s - a->now_s, span));
		remedy = "is this machine's clock right?";
	} else if (c->until_s <= a->now_s) {
		snprintf(text, sizeof(text), "%s ended %s ago", c->file.path,
		         health_span(a->now_s - c->until_s, span));
	} else if (c->until_s - a->now_s <= HEALTH_SOON_S) {
		snprintf(text, sizeof(text), "%s ends in %s", c->file.path,
		         health_span(c->until_s - a->now_s, span));
		state = HEALTH_WARN;
	} else {
		return true;
	}
	says(a, state, text, remedy);
	return false;
}

static void
judge_time(struct about_tls *a, const struct health_certificate *c)
{
	char text[HEALTH_TEXT_MAX], span[HEALTH_SPAN_SIZE];

	if (!is_read(a, &c->file) || !is_of_now(a, c))
		return;
	snprintf(text, sizeof(text), "%s%s%s%s: %s left", c->file.path,
	         c->names[0] != '\0' ? " (" : "", c->names,
	         c->names[0] != '\0' ? ")" : "",
	         health_span(c->until_s - a->now_s, span));
	says(a, HEALTH_OK, text, "");
}

static void
judge_certificate(struct about_tls *a)
{
	const struct health_certificate *c = &a->tls->certificate;
	const struct health_file *ca = &a->tls->ca.file;
	char text[HEALTH_TEXT_MAX];
	size_t at = a->r->n;

	judge_time(a, c);
	if (!c->file.there || c->file.hidden != NULL || c->file.wrong != NULL)
		return;
	if (a->tls->is_server && c->names[0] == '\0')
		snprintf(text, sizeof(text),
		         "%s names no host in its subjectAltName: nobody can "
		         "enrol or migrate to one",
		         c->file.path);
	else if (!c->is_signed && ca->there && ca->hidden == NULL &&
	         ca->wrong == NULL)
		snprintf(text, sizeof(text), "%s is not signed by a CA of %s",
		         c->file.path, ca->path);
	else
		return;
	/* In the place of an `ok`, which it is not. */
	if (a->r->n > at && a->r->lines[at].state == HEALTH_OK)
		a->r->n = at;
	says(a, HEALTH_FAIL, text, make_one);
}

static void
judge_ca(struct about_tls *a)
{
	const struct health_certificate *c = &a->tls->ca;
	char text[HEALTH_TEXT_MAX];

	if (!c->file.there || c->file.hidden != NULL || c->file.wrong != NULL ||
	    c->is_ca) {
		judge_time(a, c);
		return;
	}
	snprintf(text, sizeof(text), "%s is no CA's certificate", c->file.path);
	says(a, HEALTH_FAIL, text, make_one);
}

static void
judge_key(struct about_tls *a)
{
	const struct health_key *k = &a->tls->key;
	char text[HEALTH_TEXT_MAX];

	if (k->in_tpm) {
		says(a, HEALTH_OK, "it is in the TPM", "");
		return;
	}
	/* What only root may read is as it should be, whoever looks. */
	if (k->loose != NULL) {
		snprintf(text, sizeof(text),
		         "others may read or change the secret key %s: %s",
		         k->file.path, k->loose);
		says(a, HEALTH_FAIL, text,
		     "chmod 600 it, give it to root, and have a new key "
		     "certified if strangers had it");
		return;
	}
	if (!is_read(a, &k->file))
		return;
	if (k->closed != NULL) {
		snprintf(text, sizeof(text),
		         "%s may not read %s, and its unit does not hand that "
		         "over",
		         k->closed, k->file.path);
		says(a, HEALTH_FAIL, text,
		     "name it in the unit's LoadCredential= and "
		     "VIRT_ATTEST_TLS_KEY (SERVICES.md, Keys)");
		return;
	}
	if (k->of_the_certificate == SEEN_NO) {
		snprintf(text, sizeof(text), "%s is not the key of %s",
		         k->file.path, a->tls->certificate.file.path);
		says(a, HEALTH_FAIL, text,
		     "put the two that belong together there");
		return;
	}
	snprintf(text, sizeof(text), "%s is kept from others%s", k->file.path,
	         k->handed ? ", and its unit hands it over" : "");
	says(a, HEALTH_OK, text, "");
}

static void
judge_crl(struct about_tls *a)
{
	static const char renew[] =
	    "'virt-attest pki' makes one anew; put it there and 'systemctl "
	    "reload' the daemon";
	const struct health_crl *l = &a->tls->crl;
	uint64_t left = l->until_s > a->now_s ? l->until_s - a->now_s : 0;
	char text[HEALTH_TEXT_MAX], span[HEALTH_SPAN_SIZE];
	enum health state = HEALTH_FAIL;

	if (!is_read(a, &l->file))
		return;
	if (!l->is_signed)
		snprintf(text, sizeof(text), "%s is of no CA of %s",
		         l->file.path, a->tls->ca.file.path);
	else if (l->until_s != 0 && left == 0)
		snprintf(text, sizeof(text),
		         "%s ran out %s ago: everybody is refused by it",
		         l->file.path,
		         health_span(a->now_s - l->until_s, span));
	else if (l->revokes)
		snprintf(text, sizeof(text),
		         "%s revokes this host's own certificate %s",
		         l->file.path, a->tls->certificate.file.path);
	else {
		state = l->until_s != 0 && left < HEALTH_CRL_SOON_S
		            ? HEALTH_WARN
		            : HEALTH_OK;
		snprintf(text, sizeof(text), "%s: %s%s", l->file.path,
		         l->until_s != 0 ? health_span(left, span)
		                         : "it never runs out",
		         l->until_s != 0 ? " left" : "");
	}
	says(a, state, text, state == HEALTH_OK ? "" : renew);
}

static void
judge_end(const struct health_tls *tls, uint64_t now_s, struct health_report *r)
{
	static const struct {
		const char *what;
		size_t file;
		void (*judge)(struct about_tls *);
	} all[] = {
	    {"CA", offsetof(struct health_tls, ca.file), judge_ca},
	    {"certificate", offsetof(struct health_tls, certificate.file),
	     judge_certificate},
	    {"key", offsetof(struct health_tls, key.file), judge_key},
	    {"CRL", offsetof(struct health_tls, crl.file), judge_crl},
	};
	struct about_tls a = {.tls = tls, .now_s = now_s, .r = r};

	if (!tls->meant)
		return;
	for (size_t i = 0; i < LENGTH_OF(all); i++) {
		const struct health_file *file =
		    (const void *)((const char *)tls + all[i].file);

		snprintf(a.subject, sizeof(a.subject), "%s %s", tls->who,
		         all[i].what);
		if (file->path[0] != '\0')
			all[i].judge(&a);
		else if (all[i].judge == judge_crl)
			says(&a, HEALTH_SKIP,
			     "none is looked at: who was revoked is believed "
			     "until his certificate ends",
			     "copy the list of 'virt-attest pki revoke' here "
			     "and name it in tls_crl; a list is renewed before "
			     "it runs out");
	}
}

void
judge_agentd_tls(const struct health_facts *f, struct health_report *r)
{
	judge_end(&f->agentd_tls, f->now_s, r);
}

void
judge_verifierd_tls(const struct health_facts *f, struct health_report *r)
{
	judge_end(&f->verifierd_tls, f->now_s, r);
}

void
judge_libvirt_tls(const struct health_facts *f, struct health_report *r)
{
	judge_end(&f->libvirt_tls, f->now_s, r);
}

void
judge_migration_tls(const struct health_facts *f, struct health_report *r)
{
	const struct health_tls *tls = &f->migration_tls;
	struct about_tls a = {.tls = tls, .now_s = f->now_s, .r = r};

	judge_end(tls, f->now_s, r);
	if (tls->own_loose != NULL)
		health_say(r,
		           (struct health_about){
			       HEALTH_FAIL, "migration CA key",
			       "virt-attest pki migration --force, and have "
			       "the other hosts' verifiers reenroll this one"},
		           "others may read or change the key that signs for "
		           "this host: %s",
		           tls->own_loose);
	if (tls->own.file.path[0] == '\0' || !tls->own.file.there)
		return;
	snprintf(a.subject, sizeof(a.subject), "migration CA");
	judge_time(&a, &tls->own);
}
