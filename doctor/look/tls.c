/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates, keys and revocation lists, as they lie in files. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crypto/migration_ca.h"
#include "crypto/tls_certificate.h"
#include "crypto/tls_files.h"
#include "look_private.h"
#include "qemu_conf.h"
#include "words.h"

enum { NAMES_SHOWN_MAX = 200, CHAIN_MAX = 8 };

static bool
read_file(struct arena *arena, const char *path, struct health_file *f,
          struct buf *out)
{
	f->path = arena_text(arena, path);
	if (path[0] == '\0')
		return false;
	f->there = true;
	if (words_file(path, TLS_FILE_MAX, out))
		return true;
	f->there = errno != ENOENT && errno != ENOTDIR;
	*(errno == EACCES || errno == EPERM ? &f->hidden : &f->wrong) =
	    words_errno(arena, errno);
	buf_done(out);
	return false;
}

static const char *
names_of(struct arena *arena, const struct tls_certificate *c)
{
	char text[NAMES_SHOWN_MAX] = "";

	for (size_t i = 0; i < c->n_names; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		         "%s%s", i == 0 ? "" : ", ", c->names[i]);
	return words_shown(arena, text);
}

static void
take(struct arena *arena, const struct tls_certificate *from,
     struct health_certificate *c)
{
	c->from_s = from->not_before_s;
	c->until_s = from->not_after_s;
	c->names = names_of(arena, from);
	c->is_ca = from->is_ca;
	c->is_signed = from->is_signed;
}

/* The first is the end's own; the others lead from it to the CA. */
static bool
look_certificate(struct arena *arena, struct span pem, struct span cas,
                 struct health_certificate *c, struct tls_certificate *own)
{
	struct tls_certificate *all = arena_new(arena, CHAIN_MAX, sizeof(*all));
	struct err err = {0};
	size_t n;

	if (!tls_certificates_read(pem, cas, all, CHAIN_MAX, &n, &err)) {
		c->file.wrong = words_shown(arena, err.text);
		return false;
	}
	take(arena, &all[0], c);
	for (size_t i = 1; i < n; i++)
		c->is_signed |= all[i].is_signed;
	*own = all[0];
	return true;
}

/* Of a file with several CAs (an old one beside its successor) the one that
 * counts: who signed the certificate, else who lives longest. */
static void
look_ca(struct arena *arena, struct span pem, const struct tls_certificate *own,
        struct health_certificate *c)
{
	struct tls_certificate *all =
	    arena_new(arena, TLS_CAS_MAX, sizeof(*all));
	struct err err = {0};
	size_t n, best = 0;

	if (!tls_certificates_read(pem, (struct span){0}, all, TLS_CAS_MAX, &n,
	                           &err)) {
		c->file.wrong = words_shown(arena, err.text);
		return;
	}
	for (size_t i = 1; i < n; i++)
		if (all[i].not_after_s > all[best].not_after_s)
			best = i;
	for (size_t i = 0; i < n; i++)
		if (own->is_signed &&
		    memcmp(all[i].key_sha256, own->signer_sha256,
		           SHA256_SIZE) == 0)
			best = i;
	take(arena, &all[best], c);
}

/* Who beside root, the caller and the daemon's account may read or change it.
 * A group that may read it was given that on purpose. */
static const char *
loose(struct arena *arena, const char *path, const char *account)
{
	struct look_account daemon;
	struct stat st;

	if (stat(path, &st) != 0)
		return NULL;
	look_account(account, &daemon);
	if ((st.st_mode & (S_IRWXO | S_IWGRP)) != 0 ||
	    (st.st_uid != 0 && st.st_uid != geteuid() &&
	     (!daemon.there || st.st_uid != daemon.uid)))
		return look_owner(arena, &st);
	return NULL;
}

struct files {
	const char *ca, *certificate, *key, *crl, *account;
	const struct health_daemon *unit; /* of ours; NULL */
};

/* The key that a daemon of ours takes (service_key()): the configured one if
 * its account may read it, else what its unit hands over. */
static const char *
key_in_use(const struct files *files, struct health_key *k)
{
	const char *handed = files->unit != NULL ? files->unit->tls_key : NULL;
	struct look_account account;
	struct stat st;
	int why = stat(files->key, &st) == 0 ? 0 : errno;

	look_account(files->account, &account);
	if (files->unit == NULL || !files->unit->unit ||
	    (why != 0 && why != ENOENT) ||
	    (why == 0 && look_may(&account, &st, S_IROTH) != SEEN_NO))
		return files->key;
	k->handed = handed != NULL && access(handed, F_OK) == 0;
	if (!k->handed && why == 0)
		k->closed = files->account;
	return k->handed ? handed : files->key;
}

static void
look_key(struct arena *arena, const struct files *files,
         const struct tls_certificate *own, struct health_key *k)
{
	static const char handle[] = "handle:", in_tpm[] = "BEGIN TSS2 PRIVATE";
	uint8_t digest[SHA256_SIZE];
	struct buf pem = {0};
	struct err err = {0};
	const char *path;

	k->in_tpm = strncmp(files->key, handle, strlen(handle)) == 0;
	path = k->in_tpm ? files->key : key_in_use(files, k);
	if (k->in_tpm) {
		k->file.path = arena_text(arena, path);
		return;
	}
	if (path[0] != '\0')
		k->loose = loose(arena, path, files->account);
	if (!read_file(arena, path, &k->file, &pem))
		return;
	if (pem.len != 0 &&
	    memmem(pem.at, pem.len, in_tpm, strlen(in_tpm)) != NULL)
		k->in_tpm = true;
	else if (!tls_private_key_digest(buf_span(&pem), digest, &err))
		k->file.wrong = words_shown(arena, err.text);
	else if (own->not_after_s != 0)
		k->of_the_certificate =
		    memcmp(digest, own->key_sha256, SHA256_SIZE) == 0 ? SEEN_YES
								      : SEEN_NO;
	explicit_bzero(pem.at, pem.len);
	buf_done(&pem);
}

static void
look_crl(struct arena *arena, const char *path, struct span cas,
         struct span certificate, struct health_crl *l)
{
	AUTO(buf_done) struct buf pem = {0};
	struct tls_crl crl;
	struct err err = {0};

	if (!read_file(arena, path, &l->file, &pem))
		return;
	if (!tls_crl_read(buf_span(&pem), cas, certificate, &crl, &err)) {
		l->file.wrong = words_shown(arena, err.text);
		return;
	}
	l->until_s = crl.until_s;
	l->is_signed = crl.is_signed;
	l->revokes = crl.revokes;
}

static void
look_end(struct arena *arena, const struct files *files, struct health_tls *t)
{
	AUTO(buf_done) struct buf ca = {0}, pem = {0};
	struct tls_certificate *own = arena_new(arena, 1, sizeof(*own));
	bool has_ca;

	t->certificate.names = t->ca.names = t->own.names = "";
	t->own.file.path = "";
	has_ca = read_file(arena, files->ca, &t->ca.file, &ca);
	if (read_file(arena, files->certificate, &t->certificate.file, &pem))
		(void)!look_certificate(arena, buf_span(&pem), buf_span(&ca),
		                        &t->certificate, own);
	if (has_ca)
		look_ca(arena, buf_span(&ca), own, &t->ca);
	look_key(arena, files, own, &t->key);
	look_crl(arena, files->crl, buf_span(&ca), buf_span(&pem), &t->crl);
}

void
look_agentd_tls(struct look *look, struct arena *arena)
{
	const struct look_agentd *c = &look->agentd;
	struct health_tls *t = &look->facts.agentd_tls;

	*t = (struct health_tls){.who = "agentd",
	                         .meant = health_is_set_up(&look->facts.agentd),
	                         .is_server = true};
	if (t->meant)
		look_end(arena,
		         &(struct files){c->tls_ca, c->tls_cert, c->tls_key,
		                         c->tls_crl, "virt-attest-agentd",
		                         &look->facts.agentd},
		         t);
}

void
look_verifierd_tls(struct look *look, struct arena *arena)
{
	const struct look_verifierd *c = &look->verifierd;
	struct health_tls *t = &look->facts.verifierd_tls;

	*t = (struct health_tls){.who = "verifierd",
	                         .meant =
	                             health_is_set_up(&look->facts.verifierd)};
	if (t->meant)
		look_end(arena,
		         &(struct files){c->tls_ca, c->tls_cert, c->tls_key,
		                         c->tls_crl, "virt-attest-verifierd",
		                         &look->facts.verifierd},
		         t);
}

/* Those that the agent has, too, are told of once. */
void
look_libvirt_tls(struct look *look, struct arena *arena)
{
	const struct look_libvirt *c = &look->libvirt;
	struct health_tls *t = &look->facts.libvirt_tls;

	*t = (struct health_tls){.who = "libvirt TLS", .is_server = true};
	t->meant = access(c->cert_file, F_OK) == 0 &&
	           !(health_is_set_up(&look->facts.agentd) &&
	             strcmp(c->cert_file, look->agentd.tls_cert) == 0);
	if (t->meant)
		look_end(arena,
		         &(struct files){c->ca_file, c->cert_file, c->key_file,
		                         c->crl_file, "libvirt-qemu", NULL},
		         t);
}

/* QEMU's folder, as libvirt chooses it. */
static const char *
folder_of_qemu(struct arena *arena)
{
	static const char path[] = "/etc/libvirt/qemu.conf",
			  own[] = "/etc/pki/libvirt-migrate";
	AUTO(buf_done) struct buf text = {0};
	struct qemu_conf_folders folders = {0};
	struct local_facts facts = {0};

	if (words_file(path, QEMU_CONF_MAX, &text))
		qemu_conf_read(buf_span(&text), arena, &facts, &folders);
	if (folders.migrate[0] != '\0')
		return arena_text(arena, folders.migrate);
	if (access(own, F_OK) == 0)
		return own;
	return folders.fallback[0] != '\0' ? arena_text(arena, folders.fallback)
	                                   : "/etc/pki/qemu";
}

static void
look_own(struct arena *arena, const char *path, struct health_certificate *c)
{
	AUTO(buf_done) struct buf pem = {0}, der = {.max = CERTIFICATE_MAX};
	struct migration_ca ca;
	struct err err = {0};

	if (!read_file(arena, path, &c->file, &pem))
		return;
	if (!migration_ca_unpem(buf_span(&pem), &der, &err) ||
	    !migration_ca_read(buf_span(&der), &ca, &err)) {
		c->file.wrong = words_shown(arena, err.text);
		return;
	}
	c->from_s = ca.not_before_s;
	c->until_s = ca.not_after_s;
	c->names = ca.n_names != 0 ? words_shown(arena, ca.names[0]) : "";
}

void
look_migration_tls(struct look *look, struct arena *arena)
{
	const char *folder = folder_of_qemu(arena);
	struct health_tls *t = &look->facts.migration_tls;
	char ca[LOOK_PATH_SIZE], cert[LOOK_PATH_SIZE], key[LOOK_PATH_SIZE];

	*t = (struct health_tls){.who = "QEMU TLS", .is_server = true};
	t->own.file.path = t->own.names = "";
	snprintf(ca, sizeof(ca), "%.4000s/ca-cert.pem", folder);
	snprintf(cert, sizeof(cert), "%.4000s/server-cert.pem", folder);
	snprintf(key, sizeof(key), "%.4000s/server-key.pem", folder);
	t->meant = access(cert, F_OK) == 0;
	if (t->meant)
		look_end(
		    arena,
		    &(struct files){ca, cert, key, "", "libvirt-qemu", NULL},
		    t);
	if (!health_is_set_up(&look->facts.verifierd))
		return;
	look_own(arena, look->verifierd.trust_own, &t->own);
	/* Beside it, where somebody kept it (pki migration --keep-key). */
	snprintf(key, sizeof(key), "%s", look->verifierd.trust_own);
	if (strrchr(key, '/') == NULL)
		return;
	*strrchr(key, '/') = '\0';
	snprintf(ca, sizeof(ca), "%.4000s/migration-ca-key.pem", key);
	t->own_loose = loose(arena, ca, "root");
}
