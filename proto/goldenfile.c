/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/goldenfile.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "evidence/pcrread.h"
#include "proto/goldenfile_private.h"

static const struct {
	const char *name, *text;
} forms[] = {
#define X(id, name, text) [GOLDENFILE_##id] = {name, text},
    GOLDENFILE_FORMS(X)
#undef X
};

const char *
goldenfile_form_name(enum goldenfile_form form)
{
	return forms[form].name;
}

const char *
goldenfile_form_text(enum goldenfile_form form)
{
	return forms[form].text;
}

bool
goldenfile_add_value(struct goldenfile *g, unsigned pcr, uint16_t bank,
                     struct span value, struct err *err)
{
	struct goldenfile_value *v;

	for (size_t i = 0; i < g->n_values; i++)
		if (g->values[i].pcr == pcr &&
		    span_eq(digest_span(&g->values[i].value), value))
			return true;
	if (g->n_values == GOLDENFILE_VALUES_MAX)
		return err_set(err, ERR_LIMIT, "over %d PCR values",
		               GOLDENFILE_VALUES_MAX);
	if (g->values == NULL)
		g->values = mem_new(GOLDENFILE_VALUES_MAX, sizeof(*g->values));
	v = &g->values[g->n_values++];
	v->pcr = (uint8_t)pcr;
	v->bank = bank;
	v->value.len = (uint8_t)value.len;
	memcpy(v->value.at, value.at, value.len);
	return true;
}

static bool
is_export(const struct json *object)
{
	return json_get(object, "pcr_values") != NULL;
}

static bool
read_export(struct goldenfile *g, struct goldenfile_source *from,
            struct err *err)
{
	(void)err;
	g->export = from->object;
	from->object = NULL;
	return true;
}

static bool
is_text(const struct json *object)
{
	return object == NULL;
}

static bool
read_pcrread(struct goldenfile *g, struct goldenfile_source *from,
             struct err *err)
{
	struct pcr_values values;

	if (!pcrread_parse(from->text, &values, err))
		return false;
	for (size_t b = 0; b < values.selection.n; b++)
		for (unsigned p = 0; p < PCR_COUNT; p++)
			if ((values.selection.banks[b].mask >> p & 1) != 0 &&
			    !goldenfile_add_value(
				g, p, values.selection.banks[b].alg,
				digest_span(&values.values[b][p]), err))
				return false;
	return true;
}

static bool
is_anything(const struct json *object)
{
	(void)object;
	return true;
}

static bool
refuse(struct goldenfile *g, struct goldenfile_source *from, struct err *err)
{
	(void)g;
	(void)from;
	return err_set(err, ERR_UNSUPPORTED,
	               "JSON, but neither an exported golden value, a "
	               ".pcrlock file nor a tpm_policy");
}

/* The first that fits. */
static const struct {
	enum goldenfile_form form;
	bool (*is)(const struct json *);
	bool (*read)(struct goldenfile *, struct goldenfile_source *,
	             struct err *);
} readers[] = {
    {GOLDENFILE_PCRREAD, is_text, read_pcrread},
    {GOLDENFILE_EXPORT, is_export, read_export},
    {GOLDENFILE_PCRLOCK, goldenfile_is_pcrlock, goldenfile_read_pcrlock},
    {GOLDENFILE_KEYLIME, goldenfile_is_keylime, goldenfile_read_keylime},
    {GOLDENFILE_NONE, is_anything, refuse},
};

static bool
read_form(struct goldenfile *g, struct goldenfile_source *from, struct err *err)
{
	enum goldenfile_form form;
	size_t i = 0;

	while (!readers[i].is(from->object))
		i++; /* the last one is anything's */
	form = readers[i].form;
	if (g->n_files != 0 && (form != g->form || form != GOLDENFILE_PCRLOCK))
		return err_set(err, ERR_CONFIG,
		               "of several files each must be a .pcrlock file, "
		               "and this is %s",
		               forms[form].text);
	if (form != GOLDENFILE_EXPORT && from->text.len > GOLDENFILE_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "over %d bytes",
		               GOLDENFILE_BYTES_MAX);
	g->form = form;
	g->n_files++;
	return readers[i].read(g, from, err);
}

/* What begins like JSON is JSON, or nothing. */
static bool
read_source(struct goldenfile *g, struct goldenfile_source *from,
            struct err *err)
{
	if (from->text.len == 0)
		return err_set(err, ERR_MALFORMED, "empty");
	if (from->text.at[0] == '{' || from->text.at[0] == '[') {
		from->object = json_parse(from->text, err);
		if (from->object == NULL)
			return false;
	}
	return read_form(g, from, err);
}

static bool
is_space(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

bool
goldenfile_add(struct goldenfile *g, const char *name, struct span text,
               struct err *err)
{
	struct goldenfile_source from = {.name = name, .text = text};
	struct err inner = {0};
	bool ok;

	if (strlen(name) >= GOLDENFILE_NAME_MAX || !text_is_printable(name))
		return err_set(err, ERR_MALFORMED,
		               "a file's name has control characters, or over "
		               "%d bytes",
		               GOLDENFILE_NAME_MAX - 1);
	while (from.text.len != 0 && is_space(text.at[from.text.len - 1]))
		from.text.len--;
	ok = read_source(g, &from, &inner);
	json_free(from.object);
	return ok || err_set(err, inner.code, "%.60s: %s", name, inner.text);
}

void
goldenfile_done(struct goldenfile *g)
{
	json_free(g->export);
	bootref_done(&g->events);
	free(g->values);
	*g = (struct goldenfile){0};
}
