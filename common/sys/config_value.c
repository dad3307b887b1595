/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One key's value into its field. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sys/config_private.h"

static void *
field(const struct config_key *key, void *into)
{
	return (char *)into + key->offset;
}

void
config_field_clear(const struct config_key *key, void *into)
{
	struct config_list *list;
	char **text;

	switch (key->kind) {
	case CONFIG_TEXT:
		text = field(key, into);
		free(*text);
		*text = NULL;
		break;
	case CONFIG_LIST:
		list = field(key, into);
		for (size_t i = 0; i < list->n; i++)
			free(list->items[i]);
		free(list->items);
		*list = (struct config_list){0};
		break;
	case CONFIG_NUMBER:
		*(uint64_t *)field(key, into) = 0;
		break;
	}
}

static bool
lists_differ(const struct config_list *a, const struct config_list *b)
{
	if (a->n != b->n)
		return true;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return true;
	return false;
}

#define SWAP(type, a, b)                                                       \
	do {                                                                   \
		type swapped = *(a);                                           \
		*(a) = *(b);                                                   \
		*(b) = swapped;                                                \
	} while (0)

bool
config_field_swap(const struct config_key *key, void *a, void *b)
{
	void *one = field(key, a), *other = field(key, b);
	bool differed = false;

	switch (key->kind) {
	case CONFIG_TEXT:
		differed = strcmp(*(char **)one, *(char **)other) != 0;
		SWAP(char *, (char **)one, (char **)other);
		break;
	case CONFIG_LIST:
		differed = lists_differ(one, other);
		SWAP(struct config_list, (struct config_list *)one,
		     (struct config_list *)other);
		break;
	case CONFIG_NUMBER:
		differed = *(uint64_t *)one != *(uint64_t *)other;
		SWAP(uint64_t, (uint64_t *)one, (uint64_t *)other);
		break;
	}
	return differed;
}

static bool
allowed(const struct config_key *key, const char *value, const char *where,
        struct err *err)
{
	struct err why = {0};

	if (key->allowed == NULL || key->allowed(value, &why))
		return true;
	return err_set(err, ERR_CONFIG, "%s: %s", where, why.text);
}

bool
config_add_item(const struct config_key *key, const char *item,
                const char *where, void *into, struct err *err)
{
	struct config_list *list = field(key, into);

	if (!allowed(key, item, where, err))
		return false;
	list->items = mem_grow(list->items, list->n + 1, sizeof(*list->items));
	list->items[list->n++] = mem_text(item);
	return true;
}

static bool
set_number(const struct config_key *key, const char *value, const char *where,
           void *into, struct err *err)
{
	uint64_t number;

	if (!text_u64(value, key->max, &number) || number < key->min)
		return err_set(err, ERR_CONFIG,
		               "%s: '%.40s' is not %llu to %llu", where, value,
		               (unsigned long long)key->min,
		               (unsigned long long)key->max);
	*(uint64_t *)field(key, into) = number;
	return true;
}

/* "a,b,c"; the empty text is the empty list. */
static bool
set_list(const struct config_key *key, const char *value, const char *where,
         void *into, struct err *err)
{
	AUTO(mem_auto) char *copy = mem_text(value);
	char *rest = copy, *item;

	while (*value != '\0' && (item = strsep(&rest, ",")) != NULL)
		if (!config_add_item(key, item, where, into, err))
			return false;
	return true;
}

bool
config_set_text(const struct config_key *key, const char *value,
                const char *where, void *into, struct err *err)
{
	config_field_clear(key, into);
	if (key->kind == CONFIG_NUMBER)
		return set_number(key, value, where, into, err);
	if (key->kind == CONFIG_LIST)
		return set_list(key, value, where, into, err);
	if (!allowed(key, value, where, err))
		return false;
	*(char **)field(key, into) = mem_text(value);
	return true;
}
