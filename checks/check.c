/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const outcome_names[] = {
#define X(id, name) name,
    OUTCOMES(X)
#undef X
};

const char *
outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}

bool
outcome_of(const char *name, enum outcome *outcome)
{
	for (size_t i = 0; i < LENGTH_OF(outcome_names); i++)
		if (strcmp(outcome_names[i], name) == 0) {
			*outcome = (enum outcome)i;
			return true;
		}
	return false;
}

static unsigned
gravity(enum outcome outcome)
{
	static const unsigned of[] = {
	    [OUTCOME_PASS] = 0,
	    [OUTCOME_WARN] = 1,
	    [OUTCOME_NOT_RUN] = 2,
	    [OUTCOME_BLOCK] = 3,
	};

	return of[outcome];
}

static bool
add(struct result *r, enum outcome outcome, const char *format, va_list args)
{
	if (r->text[0] != '\0') {
		if (outcome == r->outcome)
			r->more++;
		if (gravity(outcome) <= gravity(r->outcome))
			return false;
	}
	*r = (struct result){.outcome = outcome};
	vsnprintf(r->text, sizeof(r->text), format, args);
	return true;
}

bool
result_add(struct result *r, enum outcome outcome, const char *format, ...)
{
	va_list args;
	bool stands;

	va_start(args, format);
	stands = add(r, outcome, format, args);
	va_end(args);
	return stands;
}

#define FINDING(name, outcome)                                                 \
	bool result_##name(struct result *r, const char *format, ...)          \
	{                                                                      \
		va_list args;                                                  \
		bool stands;                                                   \
                                                                               \
		va_start(args, format);                                        \
		stands = add(r, outcome, format, args);                        \
		va_end(args);                                                  \
		return stands;                                                 \
	}

FINDING(pass, OUTCOME_PASS)
FINDING(warn, OUTCOME_WARN)
FINDING(block, OUTCOME_BLOCK)
FINDING(not_run, OUTCOME_NOT_RUN)

void
result_values(struct result *r, const char *source, const char *destination)
{
	snprintf(r->source, sizeof(r->source), "%s",
	         source != NULL ? source : "");
	snprintf(r->destination, sizeof(r->destination), "%s",
	         destination != NULL ? destination : "");
}

void
result_values_u64(struct result *r, uint64_t source, uint64_t destination,
                  const char *unit)
{
	snprintf(r->source, sizeof(r->source), "%llu%s%s",
	         (unsigned long long)source, unit[0] != '\0' ? " " : "", unit);
	snprintf(r->destination, sizeof(r->destination), "%llu%s%s",
	         (unsigned long long)destination, unit[0] != '\0' ? " " : "",
	         unit);
}

void
result_remedy(struct result *r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(r->remedy, sizeof(r->remedy), format, args);
	va_end(args);
}

/* Why a fact that a check needs is not there; NULL: it is. */
static const char *
missing(unsigned needs, const struct facts *f)
{
	const struct {
		unsigned need;
		const char *why;
	} sections[] = {
	    {NEEDS_DOMAIN, f->domain.missing},
	    {NEEDS_SOURCE, f->source.missing},
	    {NEEDS_DESTINATION, f->destination.missing},
	    {NEEDS_SOURCE_LOCAL, f->source_local.missing},
	    {NEEDS_DESTINATION_LOCAL, f->destination_local.missing},
	    {NEEDS_VERDICT, f->trust.missing},
	};

	for (size_t i = 0; i < LENGTH_OF(sections); i++)
		if ((needs & sections[i].need) != 0 && sections[i].why != NULL)
			return sections[i].why;
	return NULL;
}

void
check_run(const struct migration_check *check, const struct facts *facts,
          struct result *result)
{
	const char *why = missing(check->needs, facts);

	*result = (struct result){0};
	if (why != NULL)
		result_not_run(result, "%s", why);
	else
		check->run(facts, result);
	if (result->text[0] == '\0')
		result_not_run(result, "the check came to no result");
}
