/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Credentials in tpm2-tools' file format, made and opened by our own code:
 *   make EK(TPM2B_PUBLIC) NAME SECRET OUT
 *   name TCTI rsa|ecc OUT
 *   activate TCTI rsa|ecc EK-TEMPLATE CREDENTIAL OUT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/reader.h"
#include "evidence/credential.h"
#include "source/tpm.h"

enum { TOOLS_MAGIC = 0xbadcc0de, TOOLS_VERSION = 1, FILE_MAX = 4096 };

static struct err err;

static void
must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "credential-tool: %s: %s\n", what, err.text);
	exit(1);
}

static struct span
slurp(const char *path, uint8_t at[FILE_MAX])
{
	FILE *file = fopen(path, "rb");
	size_t len;

	must(file != NULL, path);
	len = fread(at, 1, FILE_MAX, file);
	fclose(file);
	return span_of(at, len);
}

static void
spill(const char *path, struct span bytes)
{
	FILE *file = fopen(path, "wb");

	must(file != NULL &&
	         fwrite(bytes.at, 1, bytes.len, file) == bytes.len &&
	         fclose(file) == 0,
	     path);
}

static void
make(char **argv)
{
	AUTO(buf_done) struct buf out = {0};
	uint8_t ek_at[FILE_MAX], name_at[FILE_MAX], secret_at[FILE_MAX];
	struct span ek = slurp(argv[0], ek_at), name = slurp(argv[1], name_at);
	struct span secret = slurp(argv[2], secret_at);
	struct tpm_name object = {.len = name.len};
	struct sealed_seed seed;
	struct tpm_public area;
	struct credential c;

	ek = span_of(ek.at + 2, ek.len - 2);
	must(name.len <= NAME_MAX_SIZE, "name");
	must(secret.len == CREDENTIAL_SECRET_SIZE, "secret");
	memcpy(object.at, name.at, name.len);
	must(tpm_public_parse(ek, &area, &err), "EK");
	must(crypto_seal_seed(&area.key, area.name_alg, CREDENTIAL_LABEL, &seed,
	                      &err),
	     "seed");
	must(credential_make(ek, &seed, &object, secret.at, &c, &err),
	     "credential");
	buf_u32(&out, TOOLS_MAGIC);
	buf_u32(&out, TOOLS_VERSION);
	buf_sized(&out, span_of(c.blob, c.blob_len));
	buf_sized(&out, span_of(c.sealed, c.sealed_len));
	spill(argv[3], buf_span(&out));
}

static struct tpm *
open_tpm(char **argv)
{
	const struct tpm_options options = {.tcti = argv[0],
	                                    .rsa = strcmp(argv[1], "rsa") == 0};
	struct tpm *tpm = tpm_open(&options, &err);

	must(tpm != NULL, argv[0]);
	return tpm;
}

static void
show_name(char **argv)
{
	struct tpm *tpm = open_tpm(argv);
	struct tpm_name name;
	struct identity id;

	must(tpm_identity(tpm, &id, &err), "identity");
	tpm_close(tpm);
	must(tpm_name_of(span_of(id.ak.at, id.ak.len), &name), "name");
	spill(argv[2], tpm_name_span(&name));
}

static void
activate(char **argv)
{
	struct activation a = {0};
	struct activated secret;
	uint8_t at[FILE_MAX];
	struct reader r = reader_of(slurp(argv[3], at));
	struct span blob, sealed;
	struct tpm *tpm = open_tpm(argv);

	must(reader_u32(&r) == TOOLS_MAGIC && reader_u32(&r) == TOOLS_VERSION,
	     "not of tpm2-tools");
	blob = reader_sized(&r);
	sealed = reader_sized(&r);
	must(reader_is_done(&r) && blob.len <= CREDENTIAL_BLOB_MAX &&
	         sealed.len <= SEALED_MAX,
	     "credential");
	snprintf(a.ek, sizeof(a.ek), "%s", argv[2]);
	memcpy(a.credential.blob, blob.at, blob.len);
	memcpy(a.credential.sealed, sealed.at, sealed.len);
	a.credential.blob_len = blob.len;
	a.credential.sealed_len = sealed.len;
	must(tpm_activate(tpm, &a, &secret, &err), "activate");
	tpm_close(tpm);
	spill(argv[4], span_of(secret.secret, secret.len));
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *verb;
		int words;
		void (*run)(char **);
	} verbs[] = {{"make", 4, make},
	             {"name", 3, show_name},
	             {"activate", 5, activate}};

	for (size_t i = 0; argc > 1 && i < LENGTH_OF(verbs); i++)
		if (strcmp(verbs[i].verb, argv[1]) == 0 &&
		    argc == verbs[i].words + 2) {
			verbs[i].run(argv + 2);
			return 0;
		}
	return 1;
}
