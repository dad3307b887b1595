/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/config.h"

#include <assert.h>
#include <libconfig.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/config_private.h"
#include "sys/sys.h"

enum { FILE_MAX = 256 * 1024, WHERE_MAX = 320 };

static const struct config_key *
find_key(const struct config_key *keys, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

static bool
wrong_type(const char *where, const char *what, struct err *err)
{
	return err_set(err, ERR_CONFIG, "%s: %s is wanted", where, what);
}

static bool
set_from_list(const struct config_key *key, config_setting_t *from,
              const char *where, void *into, struct err *err)
{
	config_field_clear(key, into);
	if (!config_setting_is_array(from))
		return wrong_type(where, "a list in brackets", err);
	for (int i = 0; i < config_setting_length(from); i++) {
		const char *item = config_setting_get_string_elem(from, i);

		if (item == NULL)
			return wrong_type(where, "a list of texts", err);
		if (!config_add_item(key, item, where, into, err))
			return false;
	}
	return true;
}

static bool
set_from(const struct config_key *key, config_setting_t *from,
         const char *where, void *into, struct err *err)
{
	char number[24];

	switch (config_setting_type(from)) {
	case CONFIG_TYPE_STRING:
		if (key->kind != CONFIG_TEXT)
			break;
		return config_set_text(key, config_setting_get_string(from),
		                       where, into, err);
	case CONFIG_TYPE_INT:
	case CONFIG_TYPE_INT64:
		if (key->kind != CONFIG_NUMBER)
			break;
		snprintf(number, sizeof(number), "%lld",
		         config_setting_get_int64(from));
		return config_set_text(key, number, where, into, err);
	default:
		break;
	}
	if (key->kind == CONFIG_LIST)
		return set_from_list(key, from, where, into, err);
	return wrong_type(where,
	                  key->kind == CONFIG_TEXT ? "a text in quotes"
	                                           : "a whole number",
	                  err);
}

struct table {
	const struct config_key *keys;
	size_t n;
	const char *path;
	void *into;
	bool shared;
};

static bool
take_settings(const struct table *t, config_t *file, struct err *err)
{
	config_setting_t *root = config_root_setting(file);

	for (int i = 0; i < config_setting_length(root); i++) {
		config_setting_t *from =
		    config_setting_get_elem(root, (unsigned)i);
		const char *name = config_setting_name(from);
		const struct config_key *key = find_key(t->keys, t->n, name);
		char where[WHERE_MAX];

		snprintf(where, sizeof(where), "%.200s:%u: %.64s", t->path,
		         config_setting_source_line(from), name);
		if (key == NULL && t->shared)
			continue;
		if (key == NULL)
			return err_set(err, ERR_CONFIG, "%s: no such key",
			               where);
		if (!set_from(key, from, where, t->into, err))
			return false;
	}
	return true;
}

/* libconfig's @include would read files that nobody named here. */
static bool
has_include(const char *text)
{
	for (const char *at = text; at != NULL; at = strchr(at, '\n')) {
		at += strspn(at, " \t\r\n");
		if (strncmp(at, "@include", 8) == 0)
			return true;
	}
	return false;
}

/* libvirt's own sample of uri_aliases ends its list with a comma, and libvirt
 * reads that; libconfig does not. */
static void
drop_last_commas(char *at)
{
	char *comma = NULL;

	for (; *at != '\0'; at++) {
		if (*at == '#') {
			at += strcspn(at, "\n");
			if (*at == '\0')
				return;
		} else if (*at == '"') {
			comma = NULL;
			for (at++; *at != '"'; at++) {
				if (*at == '\\' && at[1] != '\0')
					at++;
				if (*at == '\0')
					return;
			}
		} else if (*at == ']' && comma != NULL) {
			*comma = ' ';
		} else if (*at == ',') {
			comma = at;
		} else if (strchr(" \t\r\n", *at) == NULL) {
			comma = NULL;
		}
	}
}

static bool
load_file(const struct table *t, struct err *err)
{
	AUTO(buf_done) struct buf text = {0};
	struct stat is;
	config_t file;
	bool ok;

	/* Of a pipe there is nothing to read the second time, or all waits for
	 * who writes into it. */
	if (stat(t->path, &is) == 0 && S_ISFIFO(is.st_mode))
		return err_set(err, ERR_CONFIG, "%.200s: a pipe and no file",
		               t->path);
	if (!sys_read_file(t->path, FILE_MAX, &text, err))
		return false;
	/* What stands behind one would be passed over in silence. */
	if (text.len != 0 && memchr(text.at, '\0', text.len) != NULL)
		return err_set(err, ERR_CONFIG, "%.200s: no text: a NUL byte",
		               t->path);
	buf_u8(&text, '\0');
	if (has_include((const char *)text.at))
		return err_set(err, ERR_CONFIG, "%.200s: no @include here",
		               t->path);
	drop_last_commas((char *)text.at);
	config_init(&file);
	if (config_read_string(&file, (const char *)text.at) == CONFIG_TRUE)
		ok = take_settings(t, &file, err);
	else
		ok =
		    err_set(err, ERR_CONFIG, "%.200s:%d: %s", t->path,
		            config_error_line(&file), config_error_text(&file));
	config_destroy(&file);
	return ok;
}

static bool
take_override(const struct table *t, const char *text, struct err *err)
{
	AUTO(mem_auto) char *name = mem_text(text);
	char *value = strchr(name, '='), where[WHERE_MAX];
	const struct config_key *key;

	if (value == NULL)
		return err_set(err, ERR_CONFIG, "-o %.64s: not KEY=VALUE",
		               text);
	*value++ = '\0';
	snprintf(where, sizeof(where), "-o %.64s", name);
	key = find_key(t->keys, t->n, name);
	if (key == NULL)
		return err_set(err, ERR_CONFIG, "%s: no such key", where);
	return config_set_text(key, value, where, t->into, err);
}

bool
config_load(const struct config_key *keys, size_t n_keys,
            const struct config_source *from, void *into, struct err *err)
{
	const struct table t = {keys, n_keys, from->path, into, from->shared};

	for (size_t i = 0; i < n_keys; i++)
		if (!config_set_text(&keys[i], keys[i].fallback, keys[i].name,
		                     into, err))
			return false;
	if (from->path != NULL && !load_file(&t, err))
		return false;
	for (size_t i = 0; i < from->n_overrides; i++)
		if (!take_override(&t, from->overrides[i], err))
			return false;
	return true;
}

void
config_keep(const struct config_key *keys, size_t n_keys,
            const char *const *names, void *old, void *fresh,
            struct buf *changed)
{
	for (; *names != NULL; names++) {
		const struct config_key *key = find_key(keys, n_keys, *names);

		assert(key != NULL);
		if (!config_field_swap(key, old, fresh))
			continue;
		if (changed->len != 0)
			buf_add(changed, span_str(", "));
		buf_add(changed, span_str(*names));
	}
}

void
config_done(const struct config_key *keys, size_t n_keys, void *into)
{
	for (size_t i = 0; i < n_keys; i++)
		config_field_clear(&keys[i], into);
}
