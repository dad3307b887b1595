/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a migration CA, and as a PEM file of one: what is taken has
 * names that it is limited to, each a word. */
#include <stdlib.h>
#include <string.h>

#include "crypto/migration_ca.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
must_be_word(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	must(len != 0 && len < size);
	for (size_t i = 0; i < len; i++)
		must(text[i] > 0x20 && text[i] < 0x7f);
}

static void
take(struct span der)
{
	struct migration_ca ca;
	struct err err = {0};

	if (!migration_ca_read(der, &ca, &err)) {
		must(err.code == ERR_PEER || err.code == ERR_MALFORMED ||
		     err.code == ERR_LIMIT);
		return;
	}
	must(ca.n_names != 0 && ca.n_names <= MIGRATION_CA_NAMES_MAX);
	for (size_t i = 0; i < ca.n_names; i++) {
		must_be_word(ca.names[i], MIGRATION_CA_NAME_SIZE);
		must(migration_ca_covers(ca.names[i], ca.names[i]));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	AUTO(buf_done) struct buf der = {0};
	struct err err = {0};

	take(span_of(at, len));
	if (migration_ca_unpem(span_of(at, len), &der, &err))
		take(buf_span(&der));
	else
		must(der.len == 0);
	return 0;
}
