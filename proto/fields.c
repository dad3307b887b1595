/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/fields_private.h"

#include <string.h>

/* Members are copied in and out: a table knows no type. */
static void
load(void *out, size_t size, const void *from, size_t at)
{
	memcpy(out, (const char *)from + at, size);
}

static void
store(void *into, size_t at, const void *value, size_t size)
{
	memcpy((char *)into + at, value, size);
}

static struct json *
list_encode(const struct field *f, const void *from)
{
	struct json *array = json_new_array();
	const char *items, *text;
	size_t n;

	load(&n, sizeof(n), from, f->n_at);
	load(&items, sizeof(items), from, f->at);
	for (size_t i = 0; i < n; i++) {
		if (f->type == FIELD_OBJECTS) {
			json_add(array,
			         fields_encode(f->fields, items + i * f->size));
			continue;
		}
		load(&text, sizeof(text), items, i * f->size);
		json_add_text(array, text);
	}
	return array;
}

static void
field_encode(const struct field *f, const void *from, struct json *into)
{
	const char *text = NULL;
	unsigned small = 0;
	uint64_t number = 0;
	bool yes = false;

	switch (f->type) {
	case FIELD_TEXT:
		load(&text, sizeof(text), from, f->at);
		if (text != NULL)
			json_put_text(into, f->name, text);
		break;
	case FIELD_BOOL:
		load(&yes, sizeof(yes), from, f->at);
		json_put_bool(into, f->name, yes);
		break;
	case FIELD_U64:
		load(&number, sizeof(number), from, f->at);
		json_put_u64(into, f->name, number);
		break;
	case FIELD_UNSIGNED:
		load(&small, sizeof(small), from, f->at);
		json_put_u64(into, f->name, small);
		break;
	case FIELD_TEXTS:
	case FIELD_OBJECTS:
		json_put(into, f->name, list_encode(f, from));
		break;
	}
}

struct json *
fields_encode(const struct field *fields, const void *from)
{
	struct json *object = json_new_object();

	for (const struct field *f = fields; f->name != NULL; f++)
		field_encode(f, from, object);
	return object;
}

static bool
text_keep(const struct field *f, const char *text, struct arena *arena,
          const char **out, struct err *err)
{
	/* It goes to terminals and logs. */
	if (!text_is_printable(text))
		return err_set(err, ERR_MALFORMED,
		               "'%s' has control characters", f->name);
	if (!f->rule->holds(text))
		return err_set(err, ERR_MALFORMED, "'%s' is not %s", f->name,
		               f->rule->is);
	*out = arena_text(arena, text);
	return true;
}

static bool
text_decode(const struct field *f, const struct json *object,
            struct arena *arena, void *into, struct err *err)
{
	char text[FIELD_TEXT_SIZE];
	const char *kept;

	if (!json_get_text(object, f->name, text, f->rule->size, err) ||
	    !text_keep(f, text, arena, &kept, err))
		return false;
	store(into, f->at, &kept, sizeof(kept));
	return true;
}

static bool
element_decode(const struct field *f, const struct json *array, size_t i,
               struct arena *arena, void *into, struct err *err)
{
	char text[FIELD_TEXT_SIZE];
	const char *kept;

	if (f->type == FIELD_OBJECTS) {
		if (!json_is_object(json_at(array, i)))
			return err_set(err, ERR_MALFORMED,
			               "'%s' has what is no object", f->name);
		return fields_decode(f->fields, json_at(array, i), arena, into,
		                     err);
	}
	if (!json_at_text(array, i, text, f->rule->size, err) ||
	    !text_keep(f, text, arena, &kept, err))
		return false;
	store(into, 0, &kept, sizeof(kept));
	return true;
}

static bool
list_decode(const struct field *f, const struct json *object,
            struct arena *arena, void *into, struct err *err)
{
	const struct json *array;
	char *items;
	size_t n;

	if (!json_get_array(object, f->name, f->max, &array, err))
		return false;
	n = json_count(array);
	if (n == 0)
		return true;
	items = arena_new(arena, n, f->size);
	for (size_t i = 0; i < n; i++)
		if (!element_decode(f, array, i, arena, items + i * f->size,
		                    err))
			return false;
	store(into, f->at, &items, sizeof(items));
	store(into, f->n_at, &n, sizeof(n));
	return true;
}

static bool
field_decode(const struct field *f, const struct json *object,
             struct arena *arena, void *into, struct err *err)
{
	uint64_t number;
	unsigned small;
	bool yes;

	switch (f->type) {
	case FIELD_TEXT:
		return text_decode(f, object, arena, into, err);
	case FIELD_BOOL:
		if (!json_get_bool(object, f->name, &yes, err))
			return false;
		store(into, f->at, &yes, sizeof(yes));
		return true;
	case FIELD_U64:
		if (!json_get_u64(object, f->name, UINT64_MAX, &number, err))
			return false;
		store(into, f->at, &number, sizeof(number));
		return true;
	case FIELD_UNSIGNED:
		if (!json_get_u64(object, f->name, UINT32_MAX, &number, err))
			return false;
		small = (unsigned)number;
		store(into, f->at, &small, sizeof(small));
		return true;
	case FIELD_TEXTS:
	case FIELD_OBJECTS:
		return list_decode(f, object, arena, into, err);
	}
	return false;
}

bool
fields_decode(const struct field *fields, const struct json *object,
              struct arena *arena, void *into, struct err *err)
{
	for (const struct field *f = fields; f->name != NULL; f++)
		if (!(f->optional && json_get(object, f->name) == NULL) &&
		    !field_decode(f, object, arena, into, err))
			return false;
	return true;
}
