/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "qemu_conf.h"

#include <string.h>

#include "base/text.h"
#include "words.h"

struct seen {
	struct arena *arena;
	struct local_facts *facts;
	struct qemu_conf_folders *folders;
};

struct key {
	const char *name;
	size_t text;   /* of a member of local_facts ... */
	size_t number; /* ... or this one, a port */
	size_t folder; /* ... or one of qemu_conf_folders */
};

#define NONE           SIZE_MAX
#define FACT(member)   offsetof(struct local_facts, member)
#define FOLDER(member) offsetof(struct qemu_conf_folders, member)

static const struct key keys[] = {
    {"lock_manager", FACT(lock_manager), NONE, NONE},
    {"migrate_tls_force", FACT(migrate_tls_force), NONE, NONE},
    {"dynamic_ownership", FACT(dynamic_ownership), NONE, NONE},
    {"user", FACT(qemu_user), NONE, NONE},
    {"group", FACT(qemu_group), NONE, NONE},
    {"migration_port_min", NONE, FACT(migration_port_min), NONE},
    {"migration_port_max", NONE, FACT(migration_port_max), NONE},
    {"migrate_tls_x509_cert_dir", NONE, NONE, FOLDER(migrate)},
    {"default_tls_x509_cert_dir", NONE, NONE, FOLDER(fallback)},
};

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span
trim(struct span s)
{
	while (s.len != 0 && is_blank(s.at[0]))
		s = span_of(s.at + 1, s.len - 1);
	while (s.len != 0 && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

/* What stands in quotes, or a number; false for another value (a list). */
static bool
value_of(struct span s, struct span *out)
{
	const uint8_t *end;
	size_t n = 0;

	if (s.len == 0)
		return false;
	if (s.at[0] == '"' || s.at[0] == '\'') {
		end = memchr(s.at + 1, s.at[0], s.len - 1);
		*out = span_of(s.at + 1,
		               end != NULL ? (size_t)(end - s.at) - 1 : 0);
		return end != NULL;
	}
	while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
		n++;
	*out = span_of(s.at, n);
	s = trim(span_of(s.at + n, s.len - n));
	return n != 0 && (s.len == 0 || s.at[0] == '#');
}

static void
take_text(struct seen *seen, size_t at, const char *value)
{
	const char **member = (void *)((char *)seen->facts + at);

	if ((*member)[0] == '\0' && words_kept(seen->arena, value) != NULL)
		*member = words_kept(seen->arena, value);
}

static void
take(struct seen *seen, const struct key *key, const char *value)
{
	uint64_t number, *port;
	char *folder;

	if (key->text != NONE) {
		take_text(seen, key->text, value);
	} else if (key->number != NONE) {
		port = (void *)((char *)seen->facts + key->number);
		if (*port == 0 && text_u64(value, UINT16_MAX, &number))
			*port = number;
	} else {
		folder = (char *)seen->folders + key->folder;
		if (folder[0] == '\0' && value[0] == '/')
			(void)!text_copy(value, folder, LOCAL_PATH_SIZE);
	}
}

static void
look_at_line(struct seen *seen, struct span line)
{
	const uint8_t *equals;
	char text[LOCAL_PATH_SIZE];
	struct span name, value;

	line = trim(line);
	equals = line.len != 0 ? memchr(line.at, '=', line.len) : NULL;
	if (equals == NULL || line.at[0] == '#')
		return;
	name = trim(span_of(line.at, (size_t)(equals - line.at)));
	line = trim(
	    span_of(equals + 1, line.len - (size_t)(equals + 1 - line.at)));
	if (!value_of(line, &value) || value.len >= sizeof(text))
		return;
	if (value.len != 0)
		memcpy(text, value.at, value.len);
	text[value.len] = '\0';
	for (size_t i = 0; i < LENGTH_OF(keys); i++)
		if (span_eq(name, span_str(keys[i].name)))
			take(seen, &keys[i], text);
}

void
qemu_conf_read(struct span text, struct arena *arena, struct local_facts *facts,
               struct qemu_conf_folders *folders)
{
	struct seen seen = {arena, facts, folders};

	*folders = (struct qemu_conf_folders){0};
	facts->migration_port_min = facts->migration_port_max = 0;
	facts->lock_manager = facts->migrate_tls_force = "";
	facts->dynamic_ownership = facts->qemu_user = facts->qemu_group = "";
	while (text.len != 0) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.at) : text.len;

		look_at_line(&seen, span_of(text.at, len));
		len += end != NULL;
		text = span_of(text.at + len, text.len - len);
	}
}
