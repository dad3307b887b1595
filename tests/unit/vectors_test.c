/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* proto/vectors/statement.txt: what a stranger's implementation must give too.
 * The file was made from PROTOCOL.md's words in another language, not by the
 * code that is tested. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "evidence/statement.h"

static void
vector_is(const char *name, const uint8_t got[SHA256_SIZE])
{
	FILE *file = fopen(SOURCE_DIR "/proto/vectors/statement.txt", "r");
	char line[256], hex[TEXT_HEX_SIZE(SHA256_SIZE)], want[300];
	bool found = false;

	assert_non_null(file);
	text_hex(span_of(got, SHA256_SIZE), hex);
	snprintf(want, sizeof(want), "%s %s\n", name, hex);
	while (fgets(line, sizeof(line), file) != NULL)
		found = found || strcmp(line, want) == 0;
	fclose(file);
	if (!found)
		fail_msg("no line '%s %s'", name, hex);
}

static void
statements(void **state)
{
	uint8_t leaves[3][SHA256_SIZE], root[SHA256_SIZE], key[SHA256_SIZE];
	struct endpoint_keys keys = {0};
	struct statement s;

	(void)state;
	endpoint_keys_digest(&keys, s.endpoint);
	vector_is("no-endpoint-keys", s.endpoint);
	memset(s.nonce, 0x11, NONCE_SIZE);
	memset(s.exporter, 0x22, EXPORTER_SIZE);
	statement_leaf(&s, leaves[0]);
	vector_is("leaf-1", leaves[0]);
	memset(key, 0x33, sizeof(key));
	assert_true(endpoint_keys_add(&keys, "libvirt-tls", key));
	endpoint_keys_digest(&keys, s.endpoint);
	vector_is("one-endpoint-key", s.endpoint);
	statement_leaf(&s, leaves[1]);
	vector_is("leaf-2", leaves[1]);
	statement_certify(&s, key);
	vector_is("certify-2", key);
	memset(s.nonce, 0x44, NONCE_SIZE);
	statement_leaf(&s, leaves[2]);
	vector_is("leaf-3", leaves[2]);
	tree_root((const uint8_t(*)[SHA256_SIZE])leaves, 3, root);
	vector_is("root-of-3", root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(statements)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
