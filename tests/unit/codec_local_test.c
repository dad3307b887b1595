/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a host says of itself, both ways with every member; bent questions and
 * answers are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "proto/local_facts.h"

#define HASH(digit)                                                            \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"       \
	"a" digit

static const char asking_text[] =
    "{\"paths\":[{\"path\":\"/var/a \\\"b\\\"\",\"hash\":true},"
    "{\"path\":\"/dev/sda\",\"hash\":false}],"
    "\"links\":[\"br0\",\"eth0.7\"],\"addresses\":[\"192.0.2.1\"],"
    "\"names\":[\"host-b\"],\"swtpm\":true}";

static const char facts_text[] =
    "{\"missing\":\"m\",\"time_ms\":1790000000123,\"took_ms\":7,"
    "\"boot_id\":\"b-1\",\"kernel\":\"6.1.0\",\"hostname\":\"host-b\","
    "\"load_milli\":1250,\"cpus\":4294967295,\"maintenance\":\"yes\","
    "\"swtpm\":\"0.7.1\",\"qemu_conf_why\":\"w\",\"lock_manager\":\"lockd\","
    "\"migrate_tls_force\":\"1\",\"dynamic_ownership\":\"\","
    "\"qemu_user\":\"qemu\",\"qemu_group\":\"kvm\","
    "\"migration_port_min\":49152,\"migration_port_max\":49215,"
    "\"paths\":[{\"path\":\"/a\",\"exists\":true,\"why\":\"y\","
    "\"kind\":\"block\",\"size\":5,\"device\":2049,"
    "\"inode\":18446744073709551615,\"filesystem\":\"nfs4\","
    "\"mount_source\":\"s:/e\",\"filesystem_id\":\"00ff\","
    "\"wwid\":\"naa.5\",\"available\":6,\"sha256\":\"" HASH(
	"1") "\"}],"
	     "\"links\":[{\"name\":\"br0\",\"exists\":true,\"up\":true,"
	     "\"bridge\":true,\"openvswitch\":true,\"mtu\":9000,"
	     "\"vlan_filtering\":true}],"
	     "\"addresses\":[{\"name\":\"192.0.2.1\",\"yes\":true}],"
	     "\"names\":[{\"name\":\"host-b\",\"yes\":false,"
	     "\"told\":\"127.0.1.1\"}],"
	     "\"certificates\":[{\"file\":\"server-cert.pem\",\"exists\":true,"
	     "\"why\":\"x\",\"not_before\":1,\"not_after\":2,"
	     "\"names\":[\"host-b\",\"192.0.2.1\"],\"key_sha256\":\"" HASH(
		 "2") "\",\"is_ca\":true,\"signed_here\":true,\"signer_"
		      "sha256\":\"" HASH("3") "\"}]}";

static bool
decode_facts(const char *text, struct arena *arena, struct local_facts *facts,
             struct err *err)
{
	AUTO(json_auto) struct json *json = json_parse(span_str(text), err);

	return json != NULL && local_facts_decode(json, arena, facts, err);
}

static bool
decode_asking(const char *text, struct arena *arena,
              struct local_asking *asking, struct err *err)
{
	AUTO(json_auto) struct json *json = json_parse(span_str(text), err);

	return json != NULL && local_asking_decode(json, arena, asking, err);
}

static void
says(struct json *json, const char *text)
{
	AUTO(buf_done) struct buf out = {0};

	json_format(json, &out);
	buf_u8(&out, 0);
	assert_string_equal((const char *)out.at, text);
	json_free(json);
}

static void
every_member_goes_both_ways(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_facts f;
	struct local_asking a;
	struct err err = {0};

	(void)state;
	assert_true(decode_facts(facts_text, &arena, &f, &err));
	says(local_facts_encode(&f), facts_text);
	assert_true(decode_asking(asking_text, &arena, &a, &err));
	says(local_asking_encode(&a), asking_text);
}

static void
each_member_is_in_its_place(void **state)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_facts f;
	struct local_asking a;
	struct err err = {0};

	(void)state;
	assert_true(decode_facts(facts_text, &arena, &f, &err));
	assert_int_equal(f.time_ms, 1790000000123);
	assert_int_equal(f.cpus, UINT32_MAX);
	assert_string_equal(f.dynamic_ownership, "");
	assert_string_equal(f.qemu_group, "kvm");
	assert_int_equal(f.migration_port_max, 49215);
	assert_int_equal(f.n_paths, 1);
	assert_true(f.paths[0].inode == UINT64_MAX);
	assert_string_equal(f.paths[0].wwid, "naa.5");
	assert_int_equal(f.n_links, 1);
	assert_int_equal(f.links[0].mtu, 9000);
	assert_true(f.addresses[0].yes);
	assert_null(f.addresses[0].told);
	assert_false(f.names[0].yes);
	assert_string_equal(f.names[0].told, "127.0.1.1");
	assert_int_equal(f.certificates[0].n_names, 2);
	assert_string_equal(f.certificates[0].names[1], "192.0.2.1");
	assert_string_equal(f.certificates[0].signer_sha256, HASH("3"));
	assert_true(decode_asking(asking_text, &arena, &a, &err));
	assert_string_equal(a.paths[0].path, "/var/a \"b\"");
	assert_true(a.paths[0].hash);
	assert_false(a.paths[1].hash);
	assert_string_equal(a.links[1], "eth0.7");
	assert_string_equal(a.addresses[0], "192.0.2.1");
	assert_string_equal(a.names[0], "host-b");
	assert_true(a.swtpm);
}

static void
nothing_goes_both_ways(void **state)
{
	static const struct local_facts none;
	AUTO(arena_done) struct arena arena = {0};
	AUTO(json_auto) struct json *json = local_facts_encode(&none);
	struct local_asking a = {.n_links = 9};
	struct local_facts f;
	struct err err = {0};

	(void)state;
	memset(&f, 0xff, sizeof(f));
	assert_true(local_facts_decode(json, &arena, &f, &err));
	assert_memory_equal(&f, &none, sizeof(f));
	assert_true(decode_asking("{}", &arena, &a, &err));
	assert_int_equal(a.n_links + a.n_paths + a.n_names + a.n_addresses, 0);
	assert_false(a.swtpm);
}

/* `text` with the first `from` replaced. */
static char *
bend(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	size_t size = strlen(text) + strlen(to) + 1;
	char *bent = mem_new(size, 1);

	assert_non_null(at);
	snprintf(bent, size, "%.*s%s%s", (int)(at - text), text, to,
	         at + strlen(from));
	return bent;
}

struct bending {
	const char *from, *to, *says;
};

static const struct bending bent_facts[] = {
    {"\"time_ms\":1790000000123,", "", "'time_ms' is missing"},
    {"\"took_ms\":7", "\"took_ms\":-7", "'took_ms'"},
    {"\"took_ms\":7", "\"took_ms\":\"7\"", "'took_ms' is no int"},
    {"\"cpus\":4294967295", "\"cpus\":4294967296", "'cpus'"},
    {"\"kernel\":\"6.1.0\"", "\"kernel\":6", "'kernel' is no string"},
    {"\"kernel\":\"6.1.0\"", "\"kernel\":\"6\\n1\"", "control characters"},
    {"\"kernel\":\"6.1.0\"", "\"kernel\":\"6\\u001b[1\"", "control"},
    {"\"kernel\":\"6.1.0\"", "\"kernel\":\"6\\u00001\"", "NUL"},
    {"\"exists\":true", "\"exists\":1", "'exists' is no boolean"},
    {"\"exists\":true,\"why\"", "\"why\"", "'exists' is missing"},
    {"\"path\":\"/a\"", "\"path\":\"a\"", "no"},
    {"\"path\":\"/a\"", "\"path\":\"\"", "absolute"},
    {"\"kind\":\"block\"", "\"kind\":\"disk\"", "kind of file"},
    {"\"filesystem_id\":\"00ff\"", "\"filesystem_id\":\"00FF\"", "hexa"},
    {"\"sha256\":\"a", "\"sha256\":\"", "64 hexadecimal digits"},
    {"\"key_sha256\":\"a", "\"key_sha256\":\"g", "64 hexadecimal digits"},
    {"\"links\":[{", "\"link\":[{", "'links' is missing"},
    {"\"links\":[{", "\"links\":[7,{", "what is no object"},
    {"\"links\":[{", "\"links\":{\"x\":[{", ""},
    {"\"name\":\"br0\"", "\"name\":\"../br0\"", "network device"},
    {"\"names\":[\"host-b\"", "\"names\":[\"\"", "not a name"},
    {"\"names\":[\"host-b\"", "\"names\":[7", "no text"},
    {"\"file\":\"server-cert.pem\",", "", "'file' is missing"},
    {"\"certificates\":[", "\"certificate\":[", "'certificates' is missing"},
};

static const struct bending bent_askings[] = {
    {"\"/dev/sda\"", "\"dev/sda\"", "an absolute path"},
    {"\"/dev/sda\"", "\"/dev/s\\u0007a\"", "control characters"},
    {"\"path\":\"/dev/sda\",", "", "'path' is missing"},
    {"\"hash\":true", "\"hash\":\"yes\"", "'hash' is no boolean"},
    {"\"br0\"", "\"../../etc\"", "network device"},
    {"\"br0\"", "\"..\"", "network device"},
    {"\"br0\"", "\".\"", "network device"},
    {"\"br0\"", "\"\"", "network device"},
    {"\"br0\"", "null", "no text"},
    {"\"192.0.2.1\"", "\"\"", "an address"},
    {"[\"host-b\"]", "\"host-b\"", "'names' is no array"},
    {"\"swtpm\":true", "\"swtpm\":1", "'swtpm' is no boolean"},
};

static void
bent_ones_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH_OF(bent_facts); i++) {
		const struct bending *b = &bent_facts[i];
		AUTO(mem_auto) char *text = bend(facts_text, b->from, b->to);
		AUTO(arena_done) struct arena arena = {0};
		struct local_facts facts;
		struct err err = {0};

		if (decode_facts(text, &arena, &facts, &err))
			fail_msg("accepted: %s", b->to);
		if (strstr(err.text, b->says) == NULL)
			fail_msg("%s: %s", b->to, err.text);
	}
	for (size_t i = 0; i < LENGTH_OF(bent_askings); i++) {
		const struct bending *b = &bent_askings[i];
		AUTO(mem_auto) char *text = bend(asking_text, b->from, b->to);
		AUTO(arena_done) struct arena arena = {0};
		struct local_asking asking;
		struct err err = {0};

		if (decode_asking(text, &arena, &asking, &err))
			fail_msg("accepted: %s", b->to);
		if (strstr(err.text, b->says) == NULL)
			fail_msg("%s: %s", b->to, err.text);
	}
}

/* A list of `n` of the same text, or of objects, under a key. */
static void
put_list(struct buf *out, const char *key, const char *element, size_t n)
{
	buf_text(out, "{\"");
	buf_text(out, key);
	buf_text(out, "\":[");
	for (size_t i = 0; i < n; i++) {
		buf_text(out, i != 0 ? "," : "");
		buf_text(out, element);
	}
	buf_text(out, "]}");
	buf_u8(out, 0);
}

static void
a_list_has_its_limit(void **state)
{
	static const struct {
		const char *key, *element;
		size_t max;
	} lists[] = {
	    {"paths", "{\"path\":\"/a\"}", LOCAL_PATHS_MAX},
	    {"links", "\"br0\"", LOCAL_LINKS_MAX},
	    {"addresses", "\"::1\"", LOCAL_ADDRESSES_MAX},
	    {"names", "\"a\"", LOCAL_NAMES_MAX},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(lists); i++)
		for (size_t over = 0; over < 2; over++) {
			AUTO(arena_done) struct arena arena = {0};
			AUTO(buf_done) struct buf text = {0};
			struct local_asking asking;
			struct err err = {0};

			put_list(&text, lists[i].key, lists[i].element,
			         lists[i].max + over);
			assert_int_equal(decode_asking((const char *)text.at,
			                               &arena, &asking, &err),
			                 over == 0);
			if (over != 0)
				assert_int_equal(err.code, ERR_LIMIT);
		}
}

/* A text of `n` letters in the place of `old` fits or does not. */
static void
text_limit(const char *old, char first, size_t fits)
{
	for (size_t n = fits; n <= fits + 1; n++) {
		AUTO(mem_auto) char *letters = mem_new(n + 1, 1), *text = NULL;
		AUTO(arena_done) struct arena arena = {0};
		struct local_facts facts;
		struct err err = {0};

		memset(letters, 'a', n);
		letters[0] = first;
		text = bend(facts_text, old, letters);
		assert_int_equal(decode_facts(text, &arena, &facts, &err),
		                 n == fits);
		if (n > fits)
			assert_int_equal(err.code, ERR_LIMIT);
	}
}

static void
a_text_has_its_limit(void **state)
{
	(void)state;
	text_limit("/a", '/', LOCAL_PATH_SIZE - 1);
	text_limit("br0", 'b', LOCAL_LINK_SIZE - 1);
	text_limit("6.1.0", '6', LOCAL_TEXT_MAX);
	text_limit("naa.5", 'n', LOCAL_TEXT_MAX);
}

static void
a_certificate_has_no_more_names(void **state)
{
	static const char old[] = "\"names\":[\"host-b\",";

	(void)state;
	for (size_t over = 0; over < 2; over++) {
		AUTO(buf_done) struct buf list = {0};
		AUTO(mem_auto) char *text = NULL;
		AUTO(arena_done) struct arena arena = {0};
		struct local_facts facts;
		struct err err = {0};

		buf_text(&list, "\"names\":[");
		for (size_t i = 1; i < LOCAL_CERTIFICATE_NAMES_MAX + over; i++)
			buf_text(&list, "\"x\",");
		buf_u8(&list, 0);
		text = bend(facts_text, old, (const char *)list.at);
		assert_int_equal(decode_facts(text, &arena, &facts, &err),
		                 over == 0);
		if (over != 0)
			assert_int_equal(err.code, ERR_LIMIT);
	}
}

static void
what_it_does_not_know_is_ignored(void **state)
{
	AUTO(mem_auto)
	char *text =
	    bend(facts_text, "\"took_ms\":7", "\"took_ms\":7,\"later\":[1]");
	AUTO(arena_done) struct arena arena = {0};
	struct local_facts facts;
	struct err err = {0};

	(void)state;
	assert_true(decode_facts(text, &arena, &facts, &err));
	says(local_facts_encode(&facts), facts_text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_member_goes_both_ways),
	    cmocka_unit_test(each_member_is_in_its_place),
	    cmocka_unit_test(nothing_goes_both_ways),
	    cmocka_unit_test(bent_ones_are_refused),
	    cmocka_unit_test(a_list_has_its_limit),
	    cmocka_unit_test(a_text_has_its_limit),
	    cmocka_unit_test(a_certificate_has_no_more_names),
	    cmocka_unit_test(what_it_does_not_know_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
