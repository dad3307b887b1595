/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as what a host is asked about itself, and as what it says: what is
 * accepted is within its limits, fit for a terminal, and is written and read
 * again as the same. */
#include <stdlib.h>
#include <string.h>

#include "proto/local_facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

static void
must_be_same(struct json *once, struct json *twice)
{
	AUTO(buf_done) struct buf a = {0}, b = {0};

	json_format(once, &a);
	json_format(twice, &b);
	if (!span_eq(buf_span(&a), buf_span(&b)))
		abort();
	json_free(once);
	json_free(twice);
}

static void
asking_again(const struct json *json)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_asking first, second;
	struct json *once;

	if (!local_asking_decode(json, &arena, &first, NULL))
		return;
	if (first.n_paths > LOCAL_PATHS_MAX ||
	    first.n_links > LOCAL_LINKS_MAX ||
	    first.n_addresses > LOCAL_ADDRESSES_MAX ||
	    first.n_names > LOCAL_NAMES_MAX)
		abort();
	for (size_t i = 0; i < first.n_links; i++)
		if (strchr(first.links[i], '/') != NULL ||
		    strlen(first.links[i]) >= LOCAL_LINK_SIZE)
			abort();
	for (size_t i = 0; i < first.n_paths; i++)
		if (first.paths[i].path[0] != '/' ||
		    strlen(first.paths[i].path) >= LOCAL_PATH_SIZE)
			abort();
	once = local_asking_encode(&first);
	if (!local_asking_decode(once, &arena, &second, NULL))
		abort();
	must_be_same(once, local_asking_encode(&second));
}

static void
facts_again(const struct json *json)
{
	AUTO(arena_done) struct arena arena = {0};
	struct local_facts first, second;
	struct json *once;

	if (!local_facts_decode(json, &arena, &first, NULL))
		return;
	if (first.n_paths > LOCAL_PATHS_MAX ||
	    first.n_certificates > LOCAL_CERTIFICATES_MAX)
		abort();
	if (first.kernel != NULL && (!text_is_printable(first.kernel) ||
	                             strlen(first.kernel) > LOCAL_TEXT_MAX))
		abort();
	once = local_facts_encode(&first);
	if (!local_facts_decode(once, &arena, &second, NULL))
		abort();
	must_be_same(once, local_facts_encode(&second));
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct json *json = json_parse(span_of(at, len), NULL);

	if (json == NULL)
		return 0;
	asking_again(json);
	facts_again(json);
	json_free(json);
	return 0;
}
