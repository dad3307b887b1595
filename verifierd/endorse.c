/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "endorse.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence/endorsement.h"
#include "evidence/iak.h"
#include "sys/sys.h"

enum { ROOTS_FILE_MAX = 4 * 1024 * 1024 };

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* A name goes to terminals and into JSON. */
static void
show_name(const char *name, char *out, size_t size)
{
	size_t i = 0;

	for (; name[i] != '\0' && i + 1 < size; i++) {
		bool shows = name[i] >= 0x20 && name[i] < 0x7f;

		out[i] = shows ? name[i] : '?';
	}
	out[i] = '\0';
}

/* Each file counts, whatever it is called: a list that was passed over would
 * revoke nobody. */
static bool
add_file(struct roots *roots, const char *folder, const char *name,
         struct err *err)
{
	AUTO(buf_done) struct buf bytes = {0};
	char path[PATH_MAX], shown[100];
	struct stat file;

	show_name(name, shown, sizeof(shown));
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    sizeof(path))
		return err_set(err, ERR_CONFIG, "%s: a too long name", shown);
	/* A pipe would keep us waiting for its other end. */
	if (stat(path, &file) != 0 || !S_ISREG(file.st_mode))
		return err_set(err, ERR_CONFIG, "%s: not a file", shown);
	if (!sys_read_file(path, ROOTS_FILE_MAX, &bytes, NULL))
		return err_set(err, ERR_CONFIG, "%s: cannot be read", shown);
	return roots_add(roots, shown, buf_span(&bytes), err);
}

struct roots *
endorse_roots(const char *folder, struct err *err)
{
	struct roots *roots = roots_new();
	struct dirent **files = NULL;
	struct err why = {0};
	bool ok = true;
	int n = 0;

	if (folder[0] == '\0' || (strcmp(folder, EK_ROOTS_DEFAULT) == 0 &&
	                          access(folder, F_OK) != 0))
		return roots;
	n = scandir(folder, &files, is_visible, alphasort);
	if (n < 0)
		ok = err_set(&why, ERR_CONFIG, "%.150s: %s", folder,
		             strerror(errno));
	for (int i = 0; i < n; i++) {
		ok = ok && add_file(roots, folder, files[i]->d_name, &why);
		free(files[i]);
	}
	free(files);
	if (ok)
		return roots;
	err_set(err, ERR_CONFIG, "ek_roots: %s", why.text);
	roots_free(roots);
	return NULL;
}

static struct span
public_span(const struct ek *ek)
{
	return span_of(ek->public_area.at, ek->public_area.len);
}

/* An EK is one of the TCG's templates, by the name that it goes by. */
static bool
ek_allowed(const struct ek *ek, struct err *err)
{
	const struct ek_template *t = ek_template_of(ek->algorithm);

	if (t == NULL)
		return err_set(err, ERR_PEER,
		               "endorsement key: no template '%s'",
		               ek->algorithm);
	return ek_public_allowed(public_span(ek), t, err);
}

/* `v` says what for, and which certificate. */
static bool
vouch(const struct roots *roots, const struct identity *id,
      struct span public_area, struct vouching v, struct vouched *out,
      struct err *err)
{
	struct span chain[CERTIFICATE_CHAIN_MAX];
	struct tpm_public area;

	for (size_t i = 0; i < id->n_chain; i++)
		chain[i] = span_of(id->chain[i].at, id->chain[i].len);
	v.chain = chain;
	v.n_chain = id->n_chain;
	v.now_s = sys_unix_s();
	*out = (struct vouched){0};
	if (v.leaf.len == 0)
		return err_set(err, ERR_PEER, "the TPM keeps no certificate");
	if (!tpm_public_parse(public_area, &area, err))
		return false;
	v.key = area.key;
	return roots_vouch(roots, &v, out, err);
}

/* What a CA says of this key, by the configured policy on dates. */
static bool
certified(const struct config *config, const struct roots *roots,
          const struct identity *id, struct endorsement *e, struct err *err)
{
	const struct certificate_bytes *leaf =
	    e->iak != NULL ? &e->iak->certificate : &e->ek->certificate;
	const struct public_bytes *key =
	    e->iak != NULL ? &e->iak->public_area : &e->ek->public_area;
	const struct vouching v = {
	    .use = e->iak != NULL ? CERTIFICATE_OF_IAK : CERTIFICATE_OF_EK,
	    .leaf = span_of(leaf->at, leaf->len),
	};
	struct vouched vouched;
	bool ok =
	    vouch(roots, id, span_of(key->at, key->len), v, &vouched, err);

	e->certificate = vouched.certificate;
	if (ok && vouched.expired[0] != '\0' &&
	    strcmp(config->ek_expired, "refuse") == 0)
		return err_set(err, ERR_PEER, "%s", vouched.expired);
	snprintf(e->note, sizeof(e->note), "%s", vouched.expired);
	return ok;
}

/* The operator's word is enough; a certificate beside it is still told. */
static bool
by_operator(const struct config *config, const struct roots *roots,
            const struct identity *id, struct endorsement *e, struct err *err)
{
	struct err why = {0};

	e->endorser = ENDORSED_BY_OPERATOR;
	if (!ek_allowed(e->ek, err))
		return false;
	if (!certified(config, roots, id, e, &why) &&
	    e->ek->certificate.len != 0)
		snprintf(e->note, sizeof(e->note),
		         "no CA vouches for the EK's certificate: %.150s",
		         why.text);
	return true;
}

/* `why` is of the first certificate that does not do, or of its absence. */
static bool
by_certificate(const struct config *config, const struct roots *roots,
               const struct identity *id, struct endorsement *e,
               struct err *why)
{
	struct err of_this = {0};

	e->endorser = ENDORSED_BY_CERTIFICATE;
	if (ek_allowed(e->ek, &of_this) &&
	    certified(config, roots, id, e, &of_this))
		return true;
	if (why->code == ERR_NONE && e->ek->certificate.len != 0)
		err_set(why, of_this.code, "%s: %s", e->ek->algorithm,
		        of_this.text);
	return false;
}

/* The IAK certifies the AK; the EK that goes with them is any of the TPM's. */
static bool
by_iak(const struct config *config, const struct roots *roots,
       const struct identity *id, struct endorsement *e, struct err *why)
{
	for (size_t i = 0; i < id->n_iaks && id->n_eks != 0; i++) {
		const struct iak *iak = &id->iaks[i];
		struct span area = public_span(&id->eks[0]);
		const struct iak_template *t;
		struct err of_this = {0};

		*e = (struct endorsement){
		    .ek = &id->eks[0], .iak = iak, .endorser = ENDORSED_BY_IAK};
		crypto_sha256(&area, 1, e->ek_sha256);
		t = iak_template_of(
		    span_of(iak->public_area.at, iak->public_area.len),
		    &of_this);
		if (t != NULL && ek_allowed(e->ek, &of_this) &&
		    certified(config, roots, id, e, &of_this))
			return true;
		if (why->code == ERR_NONE)
			err_set(why, of_this.code, "IAK %s: %s",
			        t != NULL ? t->name : "of no template",
			        of_this.text);
	}
	return false;
}

static bool
choose(const struct config *config, const struct roots *roots,
       const struct identity *id, const uint8_t *pinned, struct endorsement *e,
       struct err *err)
{
	struct err why = {0};

	for (size_t i = 0; i < id->n_eks; i++) {
		struct span area = public_span(&id->eks[i]);

		*e = (struct endorsement){.ek = &id->eks[i]};
		crypto_sha256(&area, 1, e->ek_sha256);
		if (pinned != NULL &&
		    memcmp(e->ek_sha256, pinned, SHA256_SIZE) == 0)
			return by_operator(config, roots, id, e, err);
		if (pinned == NULL &&
		    by_certificate(config, roots, id, e, &why))
			return true;
	}
	if (pinned != NULL)
		return err_set(err, ERR_PEER,
		               "the host's TPM has no such endorsement key");
	if (by_iak(config, roots, id, e, &why))
		return true;
	return err_set(err, ERR_PEER,
	               "no CA vouches for the host's TPM (%.100s): compare "
	               "'virt-attest-agentd --show-ek' on the host and give "
	               "--ek-sha256",
	               why.code != ERR_NONE ? why.text
	                                    : "it keeps no certificate");
}

bool
endorse(const struct config *config, const struct identity *id,
        const uint8_t *pinned_sha256, struct endorsement *e, struct err *err)
{
	struct roots *roots = endorse_roots(config->ek_roots, err);
	bool ok;

	if (roots == NULL)
		return false;
	ok = choose(config, roots, id, pinned_sha256, e, err);
	roots_free(roots);
	return ok;
}
