/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "proto/json_private.h"

const struct json *
json_get(const struct json *object, const char *key)
{
	struct json_object *found = NULL;

	if (!json_is_object(object))
		return NULL;
	(void)json_object_object_get_ex(json_theirs(object), key, &found);
	return json_ours(found);
}

/* The member, when it is of that type. */
static struct json_object *
member(const struct json *object, const char *key, enum json_type type,
       struct err *err)
{
	struct json_object *found = json_theirs(json_get(object, key));

	if (found == NULL) {
		err_set(err, ERR_MALFORMED, "'%.40s' is missing", key);
		return NULL;
	}
	if (!json_object_is_type(found, type)) {
		err_set(err, ERR_MALFORMED, "'%.40s' is no %s", key,
		        json_type_to_name(type));
		return NULL;
	}
	return found;
}

/* A text that a C string can hold: no NUL in it. */
static bool
whole_text(struct json_object *o, char *out, size_t size)
{
	const char *text = json_object_get_string(o);
	size_t len = (size_t)json_object_get_string_len(o);

	return strlen(text) == len && text_copy(text, out, size);
}

bool
json_get_text(const struct json *object, const char *key, char *out,
              size_t size, struct err *err)
{
	struct json_object *found = member(object, key, json_type_string, err);

	out[0] = '\0';
	if (found == NULL)
		return false;
	if (!whole_text(found, out, size))
		return err_set(err, ERR_LIMIT,
		               "'%.40s' has a NUL or more than %zu characters",
		               key, size - 1);
	return true;
}

bool
json_get_u64(const struct json *object, const char *key, uint64_t max,
             uint64_t *out, struct err *err)
{
	struct json_object *found = member(object, key, json_type_int, err);

	*out = 0;
	if (found == NULL)
		return false;
	/* A negative number reads as INT64's sign: refuse it by that. */
	if (json_object_get_int64(found) < 0 ||
	    json_object_get_uint64(found) > max)
		return err_set(err, ERR_LIMIT, "'%.40s' is not 0 to %llu", key,
		               (unsigned long long)max);
	*out = json_object_get_uint64(found);
	return true;
}

bool
json_get_bool(const struct json *object, const char *key, bool *out,
              struct err *err)
{
	struct json_object *found = member(object, key, json_type_boolean, err);

	*out = found != NULL && json_object_get_boolean(found);
	return found != NULL;
}

bool
json_get_object(const struct json *object, const char *key,
                const struct json **out, struct err *err)
{
	*out = json_ours(member(object, key, json_type_object, err));
	return *out != NULL;
}

bool
json_get_array(const struct json *object, const char *key, size_t max,
               const struct json **out, struct err *err)
{
	struct json_object *found = member(object, key, json_type_array, err);

	*out = NULL;
	if (found == NULL)
		return false;
	if (json_object_array_length(found) > max)
		return err_set(err, ERR_LIMIT, "'%.40s' has more than %zu", key,
		               max);
	*out = json_ours(found);
	return true;
}

bool
json_get_base64(const struct json *object, const char *key, uint8_t *out,
                size_t size, size_t *len, struct err *err)
{
	struct json_object *found = member(object, key, json_type_string, err);
	AUTO(buf_done) struct buf bytes = {.max = size};
	struct span text;

	*len = 0;
	if (found == NULL)
		return false;
	text = span_of(json_object_get_string(found),
	               (size_t)json_object_get_string_len(found));
	if (text.len >= TEXT_BASE64_SIZE(size + 3))
		return err_set(err, ERR_LIMIT, "'%.40s' is over %zu bytes", key,
		               size);
	if (!text_unbase64(text, &bytes))
		return err_set(err, ERR_MALFORMED,
		               "'%.40s' is no base64 of at most %zu bytes", key,
		               size);
	if (bytes.len != 0)
		memcpy(out, bytes.at, bytes.len);
	*len = bytes.len;
	return true;
}

bool
json_get_bytes(const struct json *object, const char *key, uint8_t *out,
               size_t size, struct err *err)
{
	size_t len;

	if (!json_get_base64(object, key, out, size, &len, err))
		return false;
	if (len != size)
		return err_set(err, ERR_MALFORMED, "'%.40s' is not %zu bytes",
		               key, size);
	return true;
}

bool
json_want_text(const struct json *object, const char *key, char *out,
               size_t size, struct err *err)
{
	return json_get(object, key) == NULL ||
	       json_get_text(object, key, out, size, err);
}

bool
json_want_u64(const struct json *object, const char *key, uint64_t max,
              uint64_t *out, struct err *err)
{
	return json_get(object, key) == NULL ||
	       json_get_u64(object, key, max, out, err);
}

bool
json_want_bool(const struct json *object, const char *key, bool *out,
               struct err *err)
{
	return json_get(object, key) == NULL ||
	       json_get_bool(object, key, out, err);
}

size_t
json_count(const struct json *array)
{
	if (!json_object_is_type(json_theirs(array), json_type_array))
		return 0;
	return json_object_array_length(json_theirs(array));
}

const struct json *
json_at(const struct json *array, size_t index)
{
	return json_ours(json_object_array_get_idx(json_theirs(array), index));
}

bool
json_at_text(const struct json *array, size_t index, char *out, size_t size,
             struct err *err)
{
	struct json_object *found = json_theirs(json_at(array, index));

	out[0] = '\0';
	if (!json_object_is_type(found, json_type_string) ||
	    !whole_text(found, out, size))
		return err_set(err, ERR_MALFORMED,
		               "element %zu is no text of at most %zu "
		               "characters",
		               index, size - 1);
	return true;
}

bool
json_is_object(const struct json *j)
{
	return json_object_is_type(json_theirs(j), json_type_object);
}

bool
json_is_array(const struct json *j)
{
	return json_object_is_type(json_theirs(j), json_type_array);
}

const char *
json_as_text(const struct json *j)
{
	struct json_object *o = json_theirs(j);

	if (json_object_is_type(o, json_type_string) ||
	    json_object_is_type(o, json_type_int))
		return json_object_get_string(o);
	return NULL;
}

uint64_t
json_as_u64(const struct json *j)
{
	if (!json_object_is_type(json_theirs(j), json_type_int))
		return 0;
	return json_object_get_uint64(json_theirs(j));
}

bool
json_as_bool(const struct json *j)
{
	return json_object_is_type(json_theirs(j), json_type_boolean) &&
	       json_object_get_boolean(json_theirs(j));
}

bool
json_members(const struct json *object,
             bool (*each)(void *arg, const char *key, const struct json *value),
             void *arg)
{
	struct json_object_iterator at, end;

	if (!json_is_object(object))
		return true;
	at = json_object_iter_begin(json_theirs(object));
	end = json_object_iter_end(json_theirs(object));
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		if (!each(arg, json_object_iter_peek_name(&at),
		          json_ours(json_object_iter_peek_value(&at))))
			return false;
	return true;
}
