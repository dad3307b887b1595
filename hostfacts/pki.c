/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pki.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "crypto/tls_certificate.h"
#include "words.h"

#define CA_FILE "ca-cert.pem"

enum { ENDS = 2, CAS_TOLD_MAX = LOCAL_CERTIFICATES_MAX - ENDS };

static const char *
hex_of(const uint8_t digest[SHA256_SIZE], struct arena *arena)
{
	char hex[TEXT_HEX_SIZE(SHA256_SIZE)];

	return arena_text(arena, text_hex(span_of(digest, SHA256_SIZE), hex));
}

static void
take(const struct tls_certificate *from, struct arena *arena,
     struct local_certificate *c)
{
	c->not_before = from->not_before_s;
	c->not_after = from->not_after_s;
	c->is_ca = from->is_ca;
	c->key_sha256 = hex_of(from->key_sha256, arena);
	c->n_names = from->n_names;
	c->names = arena_new(arena, from->n_names + 1, sizeof(*c->names));
	for (size_t i = 0; i < from->n_names; i++)
		c->names[i] = arena_text(arena, from->names[i]);
	c->signed_here = from->is_signed;
	if (from->is_signed)
		c->signer_sha256 = hex_of(from->signer_sha256, arena);
}

static struct local_certificate *
add(struct local_facts *f, const char *file)
{
	struct local_certificate *c = &f->certificates[f->n_certificates++];

	*c = (struct local_certificate){.file = file};
	return c;
}

/* False, and one entry says why, when the file cannot be read. */
static bool
read_file(const char *folder, const char *file, struct arena *arena,
          struct local_facts *f, struct buf *out)
{
	char path[LOCAL_PATH_SIZE + 32];
	struct local_certificate *c;
	struct stat is;
	int why;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	if (words_file(path, TLS_FILE_MAX, out))
		return true;
	why = errno;
	c = add(f, file);
	c->exists = stat(path, &is) == 0;
	if (why != ENOENT && why != ENOTDIR)
		c->why = words_errno(arena, why);
	return false;
}

/* The first `max` of a file; an entry at least. */
static void
tell(const char *file, struct span pem, struct span cas, size_t max,
     struct arena *arena, struct local_facts *f)
{
	struct tls_certificate *read = mem_new(max, sizeof(*read));
	struct local_certificate *c;
	struct err err = {0};
	size_t n;

	if (!tls_certificates_read(pem, cas, read, max, &n, &err)) {
		c = add(f, file);
		c->exists = true;
		c->why = words_shown(arena, err.text);
	}
	for (size_t i = 0; i < n; i++) {
		c = add(f, file);
		c->exists = true;
		take(&read[i], arena, c);
	}
	free(read);
}

void
pki_look(const char *folder, struct arena *arena, struct local_facts *f)
{
	static const char *const files[ENDS] = {"server-cert.pem",
	                                        "client-cert.pem"};
	AUTO(buf_done) struct buf cas = {0};
	bool has_cas;

	f->certificates =
	    arena_new(arena, LOCAL_CERTIFICATES_MAX, sizeof(*f->certificates));
	f->n_certificates = 0;
	has_cas = read_file(folder, CA_FILE, arena, f, &cas);
	if (!has_cas)
		buf_done(&cas);
	for (size_t i = 0; i < ENDS; i++) {
		AUTO(buf_done) struct buf pem = {0};

		if (read_file(folder, files[i], arena, f, &pem))
			tell(files[i], buf_span(&pem), buf_span(&cas), 1, arena,
			     f);
	}
	if (has_cas)
		tell(CA_FILE, buf_span(&cas), buf_span(&cas), CAS_TOLD_MAX,
		     arena, f);
}
