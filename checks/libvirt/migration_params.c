/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a migration is to be done, as libvirt's typed parameters. */
#include <libvirt/libvirt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "virt/migration_private.h"

enum { LIST_WORDS_MAX = 256 };

struct params {
	virTypedParameterPtr list;
	int n, room;
};

static void
add_text(struct params *p, const char *param, const char *text)
{
	if (virTypedParamsAddString(&p->list, &p->n, &p->room, param, text) !=
	    0)
		abort(); /* out of memory, as libvirt has it */
}

static void
add_list(struct params *p, const char *param, const char *words)
{
	char *copy = mem_text(words), *rest = copy, *word;
	int n = 0;

	while ((word = strsep(&rest, ",")) != NULL && n++ < LIST_WORDS_MAX)
		if (*word != '\0')
			add_text(p, param, word);
	free(copy);
}

static void
add_number(struct params *p, const struct option_row *row, const char *text)
{
	uint64_t number = 0;
	int said;

	if (!text_u64(text, INT64_MAX, &number))
		abort(); /* migration_set() took it */
	if (row->type == VIR_TYPED_PARAM_INT)
		said = virTypedParamsAddInt(&p->list, &p->n, &p->room,
		                            row->param, (int)number);
	else
		said = virTypedParamsAddULLong(&p->list, &p->n, &p->room,
		                               row->param, number);
	if (said != 0)
		abort();
}

/* Where the memory goes is the plan's, also when the operator left it open. */
static const char *
value_of(const struct option_row *row, const char *given,
         const struct plan *plan)
{
	return row->param != NULL &&
	               strcmp(row->param, VIR_MIGRATE_PARAM_URI) == 0
	           ? plan->migrate_uri
	           : given;
}

virTypedParameterPtr
migration_params(const struct migration_how *how, const struct plan *plan,
                 int *n)
{
	const struct option_row *row;
	struct params p = {0};

	for (size_t i = 0; (row = option_row_at(i)) != NULL; i++) {
		const char *value = value_of(row, how->values[i], plan);

		if (value == NULL || row->option.kind == MIGRATION_FLAG)
			continue;
		if (row->option.kind == MIGRATION_LIST)
			add_list(&p, row->param, value);
		else if (row->option.kind == MIGRATION_NUMBER)
			add_number(&p, row, value);
		else
			add_text(&p, row->param, value);
	}
	*n = p.n;
	return p.list;
}
