/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The facts as JSON: all that the headers have is there, under their names. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "checks/facts_json.h"
#include "checks/facts_shape.h"

enum { LIST_LENGTH = 2, FILE_MAX = 64 * 1024, SHAPES_MAX = 64 };

/* --- every structure and member of the headers is in the shapes --- */

static size_t
collect(const struct shape *shape, const struct shape **all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (all[i] == shape)
			return n;
	assert_true(n < SHAPES_MAX);
	all[n++] = shape;
	for (const struct shape_member *m = shape->members; m->name != NULL;
	     m++)
		if (m->of != NULL)
			n = collect(m->of, all, n);
	return n;
}

static size_t
all_shapes(const struct shape **all)
{
	static const struct shape *const roots[] = {&shape_plan, &shape_domain,
	                                            &shape_host, &shape_reach,
	                                            &shape_trust};
	size_t n = 0;

	for (size_t i = 0; i < LENGTH_OF(roots); i++)
		n = collect(roots[i], all, n);
	return n;
}

static const struct shape *
shape_of(const char *name)
{
	const struct shape *all[SHAPES_MAX];
	size_t n = all_shapes(all);

	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

static bool
has_member(const struct shape *shape, const char *name)
{
	for (const struct shape_member *m = shape->members; m->name != NULL;
	     m++)
		if (strcmp(m->name, name) == 0)
			return true;
	return false;
}

static char *
read_file(const char *name)
{
	char path[512];
	char *text = calloc(1, FILE_MAX);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", SOURCE_DIR, name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_in_range(fread(text, 1, FILE_MAX - 1, file), 100, FILE_MAX - 2);
	fclose(file);
	return text;
}

/* Comments become spaces. */
static char *
read_header(const char *name)
{
	char *text = read_file(name);
	char *at, *end;

	while ((at = strstr(text, "/*")) != NULL) {
		end = strstr(at, "*/");
		assert_non_null(end);
		memset(at, ' ', (size_t)(end + 2 - at));
	}
	return text;
}

/* "const char *name, *uuid" and the like: the names are the last words. */
/* docs/CHECKS.md has it, between backquotes. */
static bool
is_documented(const char *name)
{
	static char *text;
	char quoted[128];

	if (text == NULL)
		text = read_file("docs/CHECKS.md");
	snprintf(quoted, sizeof(quoted), "`%s`", name);
	return strstr(text, quoted) != NULL;
}

static unsigned
see_members(const char *structure, char *declaration)
{
	const struct shape *shape = shape_of(structure);
	unsigned seen = 0;
	char *save = NULL;

	for (char *part = strtok_r(declaration, ",", &save); part != NULL;
	     part = strtok_r(NULL, ",", &save)) {
		char *name;

		while (part[0] != '\0' &&
		       strchr(" \t\n", part[strlen(part) - 1]) != NULL)
			part[strlen(part) - 1] = '\0';
		name = part + strlen(part);
		while (name > part && strchr(" \t\n*", name[-1]) == NULL)
			name--;
		if (name[0] == '\0' || strncmp(name, "n_", 2) == 0 ||
		    strcmp(name, "missing") == 0 ||
		    (strcmp(structure, "trust") == 0 &&
		     strcmp(name, "verdict") == 0))
			continue;
		if (!is_documented(name))
			fail_msg("struct %s: CHECKS.md does not tell of '%s'",
			         structure, name);
		/* proto/codec_local.c has tables of its own. */
		if (strncmp(structure, "local_", 6) != 0 &&
		    (shape == NULL || !has_member(shape, name)))
			fail_msg("struct %s: '%s' is not in the JSON",
			         structure, name);
		seen++;
	}
	return seen;
}

static unsigned
see_header(const char *header)
{
	char *text = read_header(header);
	unsigned seen = 0;
	char *at = text;

	while ((at = strstr(at, "\nstruct ")) != NULL) {
		char name[64];
		char *body, *save = NULL;
		char *end = strstr(at, "\n};");

		assert_int_equal(sscanf(at, " struct %63[a-z_]", name), 1);
		body = at + strcspn(at, "{;");
		if (*body != '{') {
			at = body; /* a function */
			continue;
		}
		assert_true(end != NULL && body < end);
		*end = '\0';
		at = end + 1;
		if (strcmp(name, "facts") == 0 ||
		    strcmp(name, "local_asking") == 0)
			continue; /* its sections, by hand; not told */
		for (char *one = strtok_r(body + 1, ";", &save); one != NULL;
		     one = strtok_r(NULL, ";", &save))
			seen += see_members(name, one);
	}
	free(text);
	return seen;
}

static void
every_member_of_the_headers_is_told(void **state)
{
	(void)state;
	/* Fewer seen: it is this test that does not read them any more. */
	assert_in_range(see_header("checks/facts.h"), 25, 1000);
	assert_in_range(see_header("checks/domain_facts.h"), 55, 1000);
	assert_in_range(see_header("checks/device_facts.h"), 36, 1000);
	assert_in_range(see_header("checks/host_facts.h"), 70, 1000);
	assert_in_range(see_header("proto/local_facts.h"), 50, 1000);
}

/* --- every member's value arrives --- */

/* Elements of one list differ by it. */
static unsigned salt;

static void fill(const struct shape *, char *into);

static void
fill_list(const struct shape_member *m, char *into)
{
	if (m->kind == SHAPE_TEXTS) {
		const char **texts = calloc(LIST_LENGTH, sizeof(*texts));

		texts[1] = m->name;
		*(const char ***)(void *)(into + m->at) = texts;
	} else {
		char *objects = calloc(LIST_LENGTH, m->of->size);

		for (unsigned i = 0; i < LIST_LENGTH; i++) {
			salt = i;
			fill(m->of, objects + i * m->of->size);
		}
		salt = 0;
		*(char **)(void *)(into + m->at) = objects;
	}
	*(size_t *)(void *)(into + m->n_at) = LIST_LENGTH;
}

static void
fill(const struct shape *shape, char *into)
{
	for (const struct shape_member *m = shape->members; m->name != NULL;
	     m++) {
		void *at = into + m->at;

		if (m->kind == SHAPE_TEXT)
			*(const char **)at = m->name;
		else if (m->kind == SHAPE_BOOL)
			*(bool *)at = true;
		else if (m->kind == SHAPE_U64 || m->kind == SHAPE_KNOWN_U64)
			*(uint64_t *)at = (1ULL << 53) + m->at + salt;
		else if (m->kind == SHAPE_UNSIGNED ||
		         m->kind == SHAPE_KNOWN_UNSIGNED)
			*(unsigned *)at = 7 + (unsigned)m->at + salt;
		else if (m->kind == SHAPE_INT)
			*(int *)at = -1;
		else if (m->kind == SHAPE_CPU_MATCH)
			*(enum cpu_match *)at = CPU_SUPERSET;
		else if (m->kind == SHAPE_OBJECT)
			fill(m->of, at);
		else
			fill_list(m, into);
	}
}

static void
empty(const struct shape *shape, char *from)
{
	for (const struct shape_member *m = shape->members; m->name != NULL;
	     m++) {
		char **at = (void *)(from + m->at);

		if (m->kind == SHAPE_OBJECT)
			empty(m->of, from + m->at);
		for (size_t i = 0; m->kind == SHAPE_OBJECTS && i < LIST_LENGTH;
		     i++)
			empty(m->of, *at + i * m->of->size);
		if (m->kind == SHAPE_OBJECTS || m->kind == SHAPE_TEXTS)
			free(*at);
	}
}

static void see(const struct shape *, const struct json *);

static bool
see_list(const struct shape_member *m, const struct json *value)
{
	if (json_count(value) != LIST_LENGTH)
		return false;
	if (m->kind == SHAPE_TEXTS)
		return json_at(value, 0) == NULL &&
		       strcmp(json_as_text(json_at(value, 1)), m->name) == 0;
	for (unsigned i = 0; i < LIST_LENGTH; i++) {
		salt = i;
		see(m->of, json_at(value, i));
	}
	salt = 0;
	return true;
}

static bool
see_one(const struct shape_member *m, const struct json *value)
{
	switch (m->kind) {
	case SHAPE_TEXT:
		return strcmp(json_as_text(value), m->name) == 0;
	case SHAPE_BOOL:
		return json_as_bool(value);
	case SHAPE_U64:
	case SHAPE_KNOWN_U64:
		return json_as_u64(value) == (1ULL << 53) + m->at + salt;
	case SHAPE_UNSIGNED:
	case SHAPE_KNOWN_UNSIGNED:
		return json_as_u64(value) == 7 + m->at + salt;
	case SHAPE_INT:
		return strcmp(json_as_text(value), "-1") == 0;
	case SHAPE_CPU_MATCH:
		return strcmp(json_as_text(value), "superset") == 0;
	case SHAPE_OBJECT:
		see(m->of, value);
		return true;
	case SHAPE_TEXTS:
	case SHAPE_OBJECTS:
		return see_list(m, value);
	}
	return false;
}

static void
see(const struct shape *shape, const struct json *object)
{
	for (const struct shape_member *m = shape->members; m->name != NULL;
	     m++) {
		const struct json *value = json_get(object, m->name);

		if (value == NULL || !see_one(m, value))
			fail_msg("%s.%s", shape->name, m->name);
	}
}

static void
every_value_arrives(void **state)
{
	static struct facts f;
	static const struct {
		const char *name;
		const struct shape *shape;
		void *at;
	} sections[] = {
	    {"plan", &shape_plan, &f.plan},
	    {"domain", &shape_domain, &f.domain},
	    {"source", &shape_host, &f.source},
	    {"destination", &shape_host, &f.destination},
	    {"reach", &shape_reach, &f.reach},
	    {"trust", &shape_trust, &f.trust},
	};
	AUTO(json_auto) struct json *facts = NULL;
	AUTO(json_auto) struct json *read = NULL;
	AUTO(buf_done) struct buf text = {0};

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(sections); i++)
		fill(sections[i].shape, sections[i].at);
	f.now_s = 1234567890123;
	f.source_local.hostname = "here";
	f.destination_local.missing = "no agent there";
	verdict_set(&f.trust.verdict, "host-b", VERDICT_UNTRUSTED,
	            REASON_GOLDEN, NULL);
	facts = facts_encode(&f);
	/* As a check of others reads it. */
	json_format(facts, &text);
	read = json_parse(buf_span(&text), NULL);
	assert_non_null(read);
	assert_int_equal(json_as_u64(json_get(read, "version")), 1);
	assert_true(json_as_u64(json_get(read, "now_s")) == f.now_s);
	for (size_t i = 0; i < LENGTH_OF(sections); i++) {
		see(sections[i].shape, json_get(read, sections[i].name));
		empty(sections[i].shape, sections[i].at);
	}
	assert_string_equal(
	    json_as_text(json_get(json_get(read, "source_local"), "hostname")),
	    "here");
	assert_string_equal(
	    json_as_text(
		json_get(json_get(read, "destination_local"), "missing")),
	    "no agent there");
	assert_string_equal(
	    json_as_text(json_get(json_get(json_get(read, "trust"), "verdict"),
	                          "verdict")),
	    "untrusted");
}

/* --- what is not known is not there --- */

static void
what_is_not_known_is_left_out(void **state)
{
	static struct facts f;
	AUTO(json_auto) struct json *facts = NULL;
	AUTO(buf_done) struct buf text = {0};
	const struct json *at;

	(void)state;
	f.domain.snapshots = UINT_MAX;
	f.destination.missing = "no libvirt there";
	f.reach.missing = "nobody looked";
	f.trust.missing = "no verifier";
	facts = facts_encode(&f);
	at = json_get(facts, "domain");
	assert_null(json_get(at, "name"));
	assert_null(json_get(at, "memory_kib"));
	assert_null(json_get(at, "snapshots"));
	assert_non_null(json_get(at, "checkpoints"));
	assert_int_equal(json_count(json_get(at, "disks")), 0);
	assert_null(json_get(json_get(facts, "source"), "cpu_match"));
	json_format(json_get(facts, "destination"), &text);
	json_format(json_get(facts, "reach"), &text);
	json_format(json_get(facts, "trust"), &text);
	buf_u8(&text, 0);
	assert_string_equal((const char *)text.at,
	                    "{\"missing\":\"no libvirt there\"}"
	                    "{\"missing\":\"nobody looked\"}"
	                    "{\"missing\":\"no verifier\"}");
}

static void
every_match_has_its_word(void **state)
{
	(void)state;
	assert_null(cpu_match_name(CPU_MATCH_UNKNOWN));
	assert_string_equal(cpu_match_name(CPU_INCOMPATIBLE), "incompatible");
	assert_string_equal(cpu_match_name(CPU_IDENTICAL), "identical");
	assert_string_equal(cpu_match_name(CPU_SUPERSET), "superset");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_member_of_the_headers_is_told),
	    cmocka_unit_test(every_value_arrives),
	    cmocka_unit_test(what_is_not_known_is_left_out),
	    cmocka_unit_test(every_match_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
