/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Does to a TPM what a boot did: extends what its logs say, into every bank.
 *
 *   boot-tool TCTI BOOT-LOG|- [IMA-LOG [FIRST [COUNT]]]
 *
 * FIRST and COUNT choose entries of IMA's list: a machine that goes on running.
 * A software TPM only, for a real one has booted already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include "evidence/bootlog.h"
#include "evidence/bootlog_type.h"
#include "evidence/imareplay.h"

enum { FILE_MAX = 64 * 1024 * 1024 };

static void
die(const char *what)
{
	fprintf(stderr, "boot-tool: %s\n", what);
	exit(1);
}

/* Good until the next one is read. */
static struct span
read_file(const char *path)
{
	static uint8_t bytes[FILE_MAX];
	FILE *file = fopen(path, "rb");
	size_t len;

	if (file == NULL)
		die(path);
	len = fread(bytes, 1, FILE_MAX, file);
	fclose(file);
	return span_of(bytes, len);
}

static void
extend(ESYS_CONTEXT *esys, unsigned pcr, const TPML_DIGEST_VALUES *digests)
{
	if (Esys_PCR_Extend(esys, ESYS_TR_PCR0 + pcr, ESYS_TR_PASSWORD,
	                    ESYS_TR_NONE, ESYS_TR_NONE,
	                    digests) != TSS2_RC_SUCCESS)
		die("a PCR could not be extended");
}

static void
add(TPML_DIGEST_VALUES *v, uint16_t alg, struct span digest)
{
	TPMT_HA *to = &v->digests[v->count++];

	to->hashAlg = alg;
	memcpy(&to->digest, digest.at, digest.len);
}

static void
boot(ESYS_CONTEXT *esys, struct span bytes)
{
	struct bootlog_event e;
	struct bootlog log;

	if (!bootlog_open(bytes, &log, NULL))
		die("no boot log");
	while (bootlog_next(&log, &e, NULL) == BOOTLOG_EVENT) {
		TPML_DIGEST_VALUES values = {0};

		if (e.type == EV_NO_ACTION)
			continue;
		for (size_t i = 0; i < e.n_digests; i++)
			add(&values, e.digests[i].alg, e.digests[i].value);
		extend(esys, e.pcr, &values);
	}
}

static void
measure(ESYS_CONTEXT *esys, const struct imalog_entry *e)
{
	static const uint16_t banks[] = {TPM_ALG_SHA1, TPM_ALG_SHA256};
	TPML_DIGEST_VALUES values = {0};

	for (size_t i = 0; i < LENGTH_OF(banks); i++) {
		struct digest d = {.len =
		                       (uint8_t)crypto_digest_size(banks[i])};

		if (e->violation)
			memset(d.at, 0xff, d.len);
		else if (!imareplay_hash(e, banks[i], &d))
			die("an entry without its data");
		add(&values, banks[i], digest_span(&d));
	}
	extend(esys, e->pcr, &values);
}

static void
run(ESYS_CONTEXT *esys, struct span bytes, uint64_t first, uint64_t count)
{
	struct imalog_entry e;
	struct imalog log = {0};

	if (!imalog_recognize(bytes, &log.form, &log.alg))
		die("no list of IMA's");
	imalog_feed(&log, bytes);
	while (imalog_next(&log, &e, NULL) == IMALOG_ENTRY)
		if (e.n >= first && e.n - first < count)
			measure(esys, &e);
}

int
main(int argc, char **argv)
{
	TSS2_TCTI_CONTEXT *tcti = NULL;
	ESYS_CONTEXT *esys = NULL;

	if (argc < 3 || argc > 6)
		die("TCTI BOOT-LOG|- [IMA-LOG [FIRST [COUNT]]]");
	if (Tss2_TctiLdr_Initialize(argv[1], &tcti) != TSS2_RC_SUCCESS ||
	    Esys_Initialize(&esys, tcti, NULL) != TSS2_RC_SUCCESS)
		die("no TPM there");
	if (strcmp(argv[2], "-") != 0)
		boot(esys, read_file(argv[2]));
	if (argc > 3)
		run(esys, read_file(argv[3]),
		    argc > 4 ? strtoull(argv[4], NULL, 10) : 0,
		    argc > 5 ? strtoull(argv[5], NULL, 10) : UINT64_MAX);
	Esys_Finalize(&esys);
	Tss2_TctiLdr_Finalize(&tcti);
	return 0;
}
