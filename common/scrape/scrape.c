/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scrape/scrape.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "scrape/scrape_private.h"

struct scrape {
	struct http *http;
	uint64_t started_us;
	void (*put)(void *arg, struct metrics *);
	void *arg;
};

static const struct metric build = {
    METRIC_INFO,
    "virt_attest_build",
    NULL,
    false,
    "The version of virt-attest that runs.",
};

static void
put_build(struct metrics *m)
{
	const struct metric_label labels[] = {{"version", VIRT_ATTEST_VERSION},
	                                      {NULL, NULL}};

	metrics_begin(m, &build);
	metrics_put(m, labels, 1);
}

static const char *
get(void *arg, const char *accept, struct buf *body)
{
	const struct scrape *s = arg;
	struct metrics m = {
	    .old = strstr(accept, "application/openmetrics-text") == NULL,
	};

	s->put(s->arg, &m);
	put_build(&m);
	scrape_put_process(&m, s->started_us);
	buf_add(body, metrics_end(&m));
	metrics_done(&m);
	return metrics_type(m.old);
}

struct scrape *
scrape_new(struct loop *loop, const char *where,
           void (*put)(void *arg, struct metrics *), void *arg, struct err *err)
{
	struct scrape *s;
	struct http_page page = {.path = "/metrics", .get = get};

	if (*where == '\0')
		return NULL;
	s = mem_new(1, sizeof(*s));
	s->started_us = scrape_started_us();
	s->put = put;
	s->arg = arg;
	page.arg = s;
	s->http = http_listen(loop, where, &page, err);
	if (s->http != NULL)
		return s;
	free(s);
	return NULL;
}

const char *
scrape_address(const struct scrape *s)
{
	return http_address(s->http);
}

void
scrape_free(struct scrape *s)
{
	if (s == NULL)
		return;
	http_free(s->http);
	free(s);
}
