/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "checks/look.h"

#include <string.h>

#include "checks/words.h"

const char *
end_name(enum end end)
{
	return end == SOURCE ? "the source" : "the destination";
}

/* The host's own facts; NULL when there are none, and that is told. */
static const struct local_facts *
local_of(const struct facts *f, enum end end, struct result *r)
{
	const struct local_facts *local =
	    end == SOURCE ? &f->source_local : &f->destination_local;

	if (local->missing == NULL)
		return local;
	if (r != NULL)
		result_not_run(r, "%s", local->missing);
	return NULL;
}

static void
not_asked(struct result *r, enum end end, const char *what, const char *name)
{
	if (r != NULL)
		result_not_run(r, "%s was not asked about %s '%s'",
		               end_name(end), what, or_unknown(name));
}

/* `path` is of `len`: it need not end there. */
static const struct local_path *
path_of(const struct facts *f, enum end end, const char *path, size_t len,
        struct result *r)
{
	const struct local_facts *local = local_of(f, end, r);

	if (local == NULL)
		return NULL;
	for (size_t i = 0; i < local->n_paths; i++) {
		const struct local_path *one = &local->paths[i];

		if (strlen(one->path) != len ||
		    strncmp(one->path, path, len) != 0)
			continue;
		if (one->why == NULL)
			return one;
		if (r != NULL)
			result_not_run(r, "%s could not look at '%s': %s",
			               end_name(end), one->path, one->why);
		return NULL;
	}
	not_asked(r, end, "path", path);
	return NULL;
}

const struct local_path *
look_path(const struct facts *f, enum end end, const char *path,
          struct result *r)
{
	return path_of(f, end, path, strlen(path), r);
}

const struct local_path *
look_folder_of(const struct facts *f, enum end end, const char *path,
               struct result *r)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;

	return path_of(f, end, path, slash == path ? 1 : len, r);
}

const struct local_link *
look_link(const struct facts *f, enum end end, const char *name,
          struct result *r)
{
	const struct local_facts *local = local_of(f, end, r);

	if (local == NULL)
		return NULL;
	for (size_t i = 0; i < local->n_links; i++)
		if (same_text(local->links[i].name, name))
			return &local->links[i];
	not_asked(r, end, "network device", name);
	return NULL;
}

const struct local_answer_bool *
look_address(const struct facts *f, enum end end, const char *address,
             struct result *r)
{
	const struct local_facts *local = local_of(f, end, r);

	if (local == NULL)
		return NULL;
	for (size_t i = 0; i < local->n_addresses; i++)
		if (same_text(local->addresses[i].name, address))
			return &local->addresses[i];
	not_asked(r, end, "address", address);
	return NULL;
}

const struct lookup_facts *
look_up(const struct looked *l, const char *name, struct result *r)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct lookup_facts *one = &l->list[i];

		if (!same_text(one->name, name))
			continue;
		if (one->why == NULL)
			return one;
		if (r != NULL)
			result_not_run(r, "%s does not tell of %s '%s': %s",
			               end_name(l->end), l->what, name,
			               one->why);
		return NULL;
	}
	not_asked(r, l->end, l->what, name);
	return NULL;
}

bool
moves_no_state(const struct facts *f, struct result *r)
{
	if (f->plan.offline)
		result_pass(r, "only the definition moves: no device has to");
	return f->plan.offline;
}
