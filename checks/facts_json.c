/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/facts_json.h"

#include <limits.h>

#include "checks/facts_shape.h"
#include "proto/codec.h"

static struct json *encode(const struct shape *, const char *from);

/* Where a text is not known a list has null, so that places keep their
 * meaning. */
static struct json *
encode_texts(const char *const *texts, size_t n)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < n; i++)
		if (texts[i] != NULL)
			json_add_text(array, texts[i]);
		else
			json_add(array, NULL);
	return array;
}

static struct json *
encode_objects(const struct shape *shape, const char *from, size_t n)
{
	struct json *array = json_new_array();

	for (size_t i = 0; i < n; i++)
		json_add(array, encode(shape, from + i * shape->size));
	return array;
}

static void
put_text(struct json *into, const char *name, const char *text)
{
	if (text != NULL)
		json_put_text(into, name, text);
}

static void
put_number(struct json *into, const char *name, uint64_t value, bool known)
{
	if (known)
		json_put_u64(into, name, value);
}

static void
put(struct json *into, const struct shape_member *m, const char *from)
{
	const void *at = from + m->at;
	const size_t *n = (const void *)(from + m->n_at); /* of a list */
	const uint64_t *u64 = at;
	const unsigned *number = at;

	switch (m->kind) {
	case SHAPE_TEXT:
		return put_text(into, m->name, *(const char *const *)at);
	case SHAPE_BOOL:
		return json_put_bool(into, m->name, *(const bool *)at);
	case SHAPE_U64:
		return json_put_u64(into, m->name, *u64);
	case SHAPE_KNOWN_U64:
		return put_number(into, m->name, *u64, *u64 != 0);
	case SHAPE_UNSIGNED:
		return put_number(into, m->name, *number, *number != UINT_MAX);
	case SHAPE_KNOWN_UNSIGNED:
		return put_number(into, m->name, *number,
		                  *number != 0 && *number != UINT_MAX);
	case SHAPE_INT:
		return json_put_i64(into, m->name, *(const int *)at);
	case SHAPE_CPU_MATCH:
		return put_text(into, m->name,
		                cpu_match_name(*(const enum cpu_match *)at));
	case SHAPE_TEXTS:
		return json_put(
		    into, m->name,
		    encode_texts(*(const char *const *const *)at, *n));
	case SHAPE_OBJECT:
		return json_put(into, m->name, encode(m->of, at));
	case SHAPE_OBJECTS:
		return json_put(
		    into, m->name,
		    encode_objects(m->of, *(const char *const *)at, *n));
	}
}

static struct json *
encode(const struct shape *shape, const char *from)
{
	struct json *object = json_new_object();

	for (const struct shape_member *m = shape->members; m->name != NULL;
	     m++)
		put(object, m, from);
	return object;
}

static struct json *
encode_missing(const char *why)
{
	struct json *object = json_new_object();

	json_put_text(object, "missing", why);
	return object;
}

/* A section; `why`: it is missing. */
static void
put_section(struct json *facts, const char *name, const char *why,
            const struct shape *shape, const void *from)
{
	json_put(facts, name,
	         why != NULL ? encode_missing(why) : encode(shape, from));
}

static void
put_local(struct json *facts, const char *name, const struct local_facts *local)
{
	json_put(facts, name,
	         local->missing != NULL ? encode_missing(local->missing)
	                                : local_facts_encode(local));
}

static struct json *
encode_trust(const struct trust *trust)
{
	struct json *object;

	if (trust->missing != NULL)
		return encode_missing(trust->missing);
	object = encode(&shape_trust, (const char *)trust);
	json_put(object, "verdict", verdict_encode(&trust->verdict));
	return object;
}

struct json *
facts_encode(const struct facts *f)
{
	struct json *facts = json_new_object();

	json_put_u64(facts, "version", FACTS_JSON_VERSION);
	json_put_u64(facts, "now_s", f->now_s);
	put_section(facts, "plan", NULL, &shape_plan, &f->plan);
	put_section(facts, "domain", f->domain.missing, &shape_domain,
	            &f->domain);
	put_section(facts, "source", f->source.missing, &shape_host,
	            &f->source);
	put_section(facts, "destination", f->destination.missing, &shape_host,
	            &f->destination);
	put_local(facts, "source_local", &f->source_local);
	put_local(facts, "destination_local", &f->destination_local);
	put_section(facts, "reach", f->reach.missing, &shape_reach, &f->reach);
	json_put(facts, "trust", encode_trust(&f->trust));
	return facts;
}
