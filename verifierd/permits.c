/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "permits.h"

#include <assert.h>
#include <string.h>

static void
drop(struct permits *permits, size_t i)
{
	permits->all[i] = permits->all[--permits->n];
}

static void
drop_overdue(struct permits *permits, uint64_t now_ms)
{
	for (size_t i = permits->n; i-- > 0;)
		if (now_ms >= permits->all[i].until_ms)
			drop(permits, i);
}

/* Its place, or `n`. */
static size_t
place_of(const struct permits *permits, const char *domain)
{
	size_t i = 0;

	while (i < permits->n && strcmp(permits->all[i].domain, domain) != 0)
		i++;
	return i;
}

bool
permits_have_room(struct permits *permits, const char *domain, uint64_t now_ms,
                  struct err *err)
{
	drop_overdue(permits, now_ms);
	return permits->n < PERMITS_MAX ||
	       place_of(permits, domain) < permits->n ||
	       err_set(err, ERR_BUSY,
	               "%d permits are open already: each ends with its use "
	               "or its time",
	               PERMITS_MAX);
}

void
permits_add(struct permits *permits, const struct permit *permit)
{
	size_t i = place_of(permits, permit->domain);

	assert(i < PERMITS_MAX);
	permits->all[i] = *permit;
	if (i == permits->n)
		permits->n++;
}

bool
permits_take(struct permits *permits, const char *domain, uint64_t now_ms,
             struct permit *out)
{
	size_t i;

	drop_overdue(permits, now_ms);
	i = place_of(permits, domain);
	if (i == permits->n)
		return false;
	*out = permits->all[i];
	drop(permits, i);
	return true;
}
