/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as a trust file: what is taken is told whole, its own CA first, and
 * of hosts that have names. */
#include <stdlib.h>
#include <string.h>

#include "evidence/attester.h"
#include "trustfile/trustfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

struct told {
	const uint8_t *end; /* of what was told */
	size_t n;
};

static void
take(void *arg, const struct trustfile_entry *e, struct span block)
{
	struct told *t = arg;
	char boot[TRUSTFILE_BOOT_SIZE];

	must(block.at == t->end && block.len != 0);
	t->end += block.len;
	must((e->host[0] == '\0') == (t->n++ == 0));
	if (e->host[0] == '\0')
		return;
	must(attester_name_allowed(e->host, NULL));
	must(trustfile_boot(e->boot, boot) && strcmp(boot, e->boot) == 0);
	must(!trustfile_stands(e, e->until_ms, boot));
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct told t = {at, 0};
	struct err err = {0};

	if (trustfile_read(span_of(at, len), take, &t, &err))
		must(t.n != 0 && t.end == at + len);
	else
		must(err.code == ERR_MALFORMED || err.code == ERR_LIMIT);
	return 0;
}
