/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a host says of itself, and what it is asked. */
#include <assert.h>
#include <string.h>

#include "proto/fields_private.h"
#include "proto/local_facts.h"
#include "proto/message.h"

enum { ENVELOPE_MAX = 256 };
static_assert(LOCAL_ASKING_MAX + ENVELOPE_MAX <= LINE_FACTS_REQUEST_MAX,
              "the longest question fits its line");
static_assert(LOCAL_ANSWER_MAX + ENVELOPE_MAX <= LINE_FACTS_MAX,
              "the longest answer fits its line");
static_assert((size_t)LOCAL_PATH_SIZE <= (size_t)FIELD_TEXT_SIZE &&
                  (size_t)LOCAL_TEXT_MAX < (size_t)FIELD_TEXT_SIZE,
              "the longest text is read");

static bool
is_anything(const char *text)
{
	(void)text;
	return true;
}

static bool
is_there(const char *text)
{
	return text[0] != '\0';
}

static bool
is_absolute(const char *text)
{
	return text[0] == '/';
}

/* It becomes a part of a path. */
static bool
is_link(const char *text)
{
	return is_there(text) && strchr(text, '/') == NULL &&
	       strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

static bool
is_hex(const char *text)
{
	return is_there(text) &&
	       strspn(text, "0123456789abcdef") == strlen(text);
}

static bool
is_sha256(const char *text)
{
	return strlen(text) == 64 && is_hex(text);
}

static bool
is_kind(const char *text)
{
	static const char *const kinds[] = {"file", "block", "char",
	                                    "directory", "other"};

	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		if (strcmp(kinds[i], text) == 0)
			return true;
	return false;
}

static const struct text_rule
    any = {LOCAL_TEXT_MAX + 1, is_anything, "a text"},
    name = {LOCAL_TEXT_MAX + 1, is_there, "a name"},
    path = {LOCAL_PATH_SIZE, is_absolute, "an absolute path"},
    link = {LOCAL_LINK_SIZE, is_link, "the name of a network device"},
    address = {LOCAL_ADDRESS_SIZE, is_there, "an address"},
    hex = {LOCAL_TEXT_MAX + 1, is_hex, "hexadecimal"},
    sha256 = {LOCAL_TEXT_MAX + 1, is_sha256, "64 hexadecimal digits"},
    kind = {LOCAL_TEXT_MAX + 1, is_kind, "a kind of file"};

/* clang-format off */
#define TEXT(of, member, what) \
	{#member, FIELD_TEXT, false, offsetof(struct of, member), .rule = &(what)}
#define TEXT_OR_NULL(of, member, what) \
	{#member, FIELD_TEXT, true, offsetof(struct of, member), .rule = &(what)}
#define PLAIN(of, member, type) \
	{#member, type, false, offsetof(struct of, member), .rule = NULL}
#define BOOL(of, member) PLAIN(of, member, FIELD_BOOL)
#define U64(of, member) PLAIN(of, member, FIELD_U64)
#define LIST(of, member, type, optional, limit, ...) \
	{#member, type, optional, offsetof(struct of, member), \
	 .n_at = offsetof(struct of, n_##member), .max = limit, \
	 .size = sizeof(*((struct of *)0)->member), __VA_ARGS__}
/* clang-format on */

static const struct field path_asked_fields[] = {
    TEXT(local_path_asked, path, path),
    {"hash", FIELD_BOOL, true, offsetof(struct local_path_asked, hash),
     .rule = NULL},
    {0},
};

/* Who asks for less leaves a list out. */
static const struct field asking_fields[] = {
    LIST(local_asking, paths, FIELD_OBJECTS, true, LOCAL_PATHS_MAX,
         .fields = path_asked_fields),
    LIST(local_asking, links, FIELD_TEXTS, true, LOCAL_LINKS_MAX,
         .rule = &link),
    LIST(local_asking, addresses, FIELD_TEXTS, true, LOCAL_ADDRESSES_MAX,
         .rule = &address),
    LIST(local_asking, names, FIELD_TEXTS, true, LOCAL_NAMES_MAX,
         .rule = &name),
    {"swtpm", FIELD_BOOL, true, offsetof(struct local_asking, swtpm),
     .rule = NULL},
    {0},
};

static const struct field path_fields[] = {
    TEXT(local_path, path, path),
    BOOL(local_path, exists),
    TEXT_OR_NULL(local_path, why, any),
    TEXT_OR_NULL(local_path, kind, kind),
    U64(local_path, size),
    U64(local_path, device),
    U64(local_path, inode),
    TEXT_OR_NULL(local_path, filesystem, any),
    TEXT_OR_NULL(local_path, mount_source, any),
    TEXT_OR_NULL(local_path, filesystem_id, hex),
    TEXT_OR_NULL(local_path, wwid, any),
    U64(local_path, available),
    TEXT_OR_NULL(local_path, sha256, sha256),
    {0},
};

static const struct field link_fields[] = {
    TEXT(local_link, name, link),
    BOOL(local_link, exists),
    BOOL(local_link, up),
    BOOL(local_link, bridge),
    BOOL(local_link, openvswitch),
    U64(local_link, mtu),
    BOOL(local_link, vlan_filtering),
    {0},
};

static const struct field answer_fields[] = {
    TEXT(local_answer_bool, name, name),
    BOOL(local_answer_bool, yes),
    TEXT_OR_NULL(local_answer_bool, told, any),
    {0},
};

static const struct field certificate_fields[] = {
    TEXT(local_certificate, file, name),
    BOOL(local_certificate, exists),
    TEXT_OR_NULL(local_certificate, why, any),
    U64(local_certificate, not_before),
    U64(local_certificate, not_after),
    LIST(local_certificate, names, FIELD_TEXTS, false,
         LOCAL_CERTIFICATE_NAMES_MAX, .rule = &name),
    TEXT_OR_NULL(local_certificate, key_sha256, sha256),
    BOOL(local_certificate, is_ca),
    BOOL(local_certificate, signed_here),
    TEXT_OR_NULL(local_certificate, signer_sha256, sha256),
    {0},
};

static const struct field facts_fields[] = {
    TEXT_OR_NULL(local_facts, missing, any),
    U64(local_facts, time_ms),
    U64(local_facts, took_ms),
    TEXT_OR_NULL(local_facts, boot_id, any),
    TEXT_OR_NULL(local_facts, kernel, any),
    TEXT_OR_NULL(local_facts, hostname, any),
    U64(local_facts, load_milli),
    PLAIN(local_facts, cpus, FIELD_UNSIGNED),
    TEXT_OR_NULL(local_facts, maintenance, any),
    TEXT_OR_NULL(local_facts, swtpm, any),
    TEXT_OR_NULL(local_facts, qemu_conf_why, any),
    TEXT_OR_NULL(local_facts, lock_manager, any),
    TEXT_OR_NULL(local_facts, migrate_tls_force, any),
    TEXT_OR_NULL(local_facts, dynamic_ownership, any),
    TEXT_OR_NULL(local_facts, qemu_user, any),
    TEXT_OR_NULL(local_facts, qemu_group, any),
    U64(local_facts, migration_port_min),
    U64(local_facts, migration_port_max),
    LIST(local_facts, paths, FIELD_OBJECTS, false, LOCAL_PATHS_MAX,
         .fields = path_fields),
    LIST(local_facts, links, FIELD_OBJECTS, false, LOCAL_LINKS_MAX,
         .fields = link_fields),
    LIST(local_facts, addresses, FIELD_OBJECTS, false, LOCAL_ADDRESSES_MAX,
         .fields = answer_fields),
    LIST(local_facts, names, FIELD_OBJECTS, false, LOCAL_NAMES_MAX,
         .fields = answer_fields),
    LIST(local_facts, certificates, FIELD_OBJECTS, false,
         LOCAL_CERTIFICATES_MAX, .fields = certificate_fields),
    {0},
};

struct json *
local_asking_encode(const struct local_asking *asking)
{
	return fields_encode(asking_fields, asking);
}

bool
local_asking_decode(const struct json *object, struct arena *arena,
                    struct local_asking *asking, struct err *err)
{
	*asking = (struct local_asking){0};
	return fields_decode(asking_fields, object, arena, asking, err);
}

struct json *
local_facts_encode(const struct local_facts *facts)
{
	return fields_encode(facts_fields, facts);
}

bool
local_facts_decode(const struct json *object, struct arena *arena,
                   struct local_facts *facts, struct err *err)
{
	*facts = (struct local_facts){0};
	return fields_decode(facts_fields, object, arena, facts, err);
}
