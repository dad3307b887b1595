/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host's memory, free pages and CPUs now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "host_private.h"

enum { MEMORY_STATS_MAX = 32 };

/* What the kernel could give: free, and what only caches.  Some of what is
 * cached cannot be given (tmpfs): a host at its limit looks better here. */
static void
read_stats(struct host_facts *host, const virNodeMemoryStats *stats, size_t n)
{
	static const char *const parts[] = {VIR_NODE_MEMORY_STATS_FREE,
	                                    VIR_NODE_MEMORY_STATS_BUFFERS,
	                                    VIR_NODE_MEMORY_STATS_CACHED};

	host->memory_available_kib = 0;
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < LENGTH_OF(parts); k++)
			if (strcmp(stats[i].field, parts[k]) == 0)
				host->memory_available_kib += stats[i].value;
		if (strcmp(stats[i].field, VIR_NODE_MEMORY_STATS_TOTAL) == 0)
			host->memory_total_kib = stats[i].value;
	}
}

static void
ask_stats(struct host_question *h)
{
	virNodeMemoryStats stats[MEMORY_STATS_MAX];
	int n = 0;

	if (CALL(h->endpoint, virNodeGetMemoryStats, h->connection,
	         VIR_NODE_MEMORY_STATS_ALL_CELLS, NULL, &n, 0) != 0 ||
	    n <= 0 || n > MEMORY_STATS_MAX)
		return;
	memset(stats, 0, sizeof(stats));
	if (CALL(h->endpoint, virNodeGetMemoryStats, h->connection,
	         VIR_NODE_MEMORY_STATS_ALL_CELLS, stats, &n, 0) == 0)
		read_stats(h->host, stats, (size_t)n);
}

void
host_memory(struct host_question *h)
{
	virNodeInfo info = {0};
	unsigned long long free_bytes;

	if (CALL(h->endpoint, virNodeGetInfo, h->connection, &info) != 0) {
		h->host->memory_why = endpoint_said(h->endpoint, h->arena);
		return;
	}
	h->host->cpus_max = info.cpus;
	h->host->memory_total_kib = info.memory;
	free_bytes = CALL(h->endpoint, virNodeGetFreeMemory, h->connection);
	if (free_bytes == 0) { /* how it says that it failed */
		h->host->memory_why = endpoint_said(h->endpoint, h->arena);
		return;
	}
	h->host->memory_free_kib = free_bytes / 1024;
	/* At least that much, should the statistics not be told. */
	h->host->memory_available_kib = h->host->memory_free_kib;
	ask_stats(h);
}

/* Those of one cell stand together, as the capabilities had them. */
static bool
ask_cell(struct host_question *h, struct pages_facts *pages, size_t n)
{
	unsigned *sizes = mem_new(n, sizeof(*sizes));
	unsigned long long *counts = mem_new(n, sizeof(*counts));
	bool ok;

	for (size_t i = 0; i < n; i++)
		sizes[i] = (unsigned)pages[i].size_kib;
	ok = CALL(h->endpoint, virNodeGetFreePages, h->connection, (unsigned)n,
	          sizes, pages[0].cell, 1, counts, 0) >= 0;
	for (size_t i = 0; ok && i < n; i++)
		pages[i].free = counts[i];
	free(sizes);
	free(counts);
	return ok;
}

void
host_pages(struct host_question *h)
{
	struct host_facts *host = h->host;
	size_t n;

	if (host->n_pages == 0) {
		host->pages_why = "its capabilities name no pages";
		return;
	}
	for (size_t at = 0; at < host->n_pages; at += n) {
		for (n = 1; at + n < host->n_pages &&
		            host->pages[at + n].cell == host->pages[at].cell;)
			n++;
		if (!ask_cell(h, host->pages + at, n)) {
			host->pages_why = endpoint_said(h->endpoint, h->arena);
			return;
		}
	}
	host->pages_why = NULL;
}

static bool
is_online(const unsigned char *map, int cpu)
{
	return (map[cpu / 8] >> (cpu % 8) & 1) != 0;
}

/* "0-3,8" */
static const char *
map_text(struct arena *arena, const unsigned char *map, int n)
{
	AUTO(buf_done) struct buf out = {0};
	char text[48];

	for (int cpu = 0, last; cpu < n; cpu = last + 1) {
		for (last = cpu; last + 1 < n && is_online(map, last + 1);)
			last++;
		if (!is_online(map, cpu)) {
			last = cpu;
			continue;
		}
		snprintf(text, sizeof(text), last == cpu ? "%s%d" : "%s%d-%d",
		         out.len != 0 ? "," : "", cpu, last);
		buf_text(&out, text);
	}
	buf_u8(&out, 0);
	return arena_text(arena, (const char *)out.at);
}

void
host_online(struct host_question *h)
{
	unsigned char *map = NULL;
	unsigned online = 0;
	int n = CALL(h->endpoint, virNodeGetCPUMap, h->connection, &map,
	             &online, 0);

	if (n > 0)
		h->host->online = map_text(h->arena, map, n);
	free(map);
}
