/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store/store_private.h"

const struct store_numbers *
store_look(const struct store *store)
{
	return &store->numbers;
}

bool
store_audit_lines(struct store *store, uint64_t *lines, struct err *err)
{
	struct query q = query_begin(store, "SELECT sequence FROM audit_head");
	bool failed, ok = false;

	*lines = 0;
	if (query_row(&q, &failed, err)) {
		*lines = column_u64(&q, INT64_MAX);
		ok = query_sound(&q, err);
	}
	query_end(&q);
	return ok;
}
