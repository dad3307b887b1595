/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ruleset.h"

enum { COMMAND_SIZE = 256 };

static struct book_host *
find(struct book *b, const char *host)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->hosts[i].name, host) == 0)
			return &b->hosts[i];
	return NULL;
}

static struct book_host *
add(struct book *b, const char *host)
{
	if (b->n == BOOK_HOSTS_MAX)
		return NULL;
	if (b->n == b->cap) {
		b->cap = b->cap == 0 ? 16 : 2 * b->cap;
		b->hosts = mem_grow(b->hosts, b->cap, sizeof(*b->hosts));
	}
	b->hosts[b->n] = (struct book_host){0};
	/* A host's name is bounded where it is decoded. */
	(void)!text_copy(host, b->hosts[b->n].name, HOST_NAME_MAX_SIZE);
	return &b->hosts[b->n++];
}

bool
book_take(struct book *b, const char *host, uint64_t until_ms, uint64_t now_ms,
          const struct ip *ips, size_t n)
{
	struct book_host *h = find(b, host);

	if (until_ms <= now_ms || n == 0) {
		if (h != NULL)
			*h = b->hosts[--b->n];
		return true;
	}
	if (h == NULL)
		h = add(b, host);
	if (h == NULL)
		return false;
	h->until_ms = until_ms;
	h->listed = true;
	h->n = n < STANDING_ADDRESSES_MAX ? n : STANDING_ADDRESSES_MAX;
	memcpy(h->ips, ips, h->n * sizeof(*ips));
	return true;
}

void
book_list(struct book *b)
{
	for (size_t i = 0; i < b->n; i++)
		b->hosts[i].listed = false;
}

void
book_listed(struct book *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->hosts[i].listed)
			b->hosts[kept++] = b->hosts[i];
	b->n = kept;
}

/* By address; of one address the longest first. */
static int
by_ip(const void *one, const void *other)
{
	const struct book_entry *a = one, *b = other;
	int order = ip_compare(&a->ip, &b->ip);

	if (order != 0)
		return order;
	return (a->until_ms < b->until_ms) - (a->until_ms > b->until_ms);
}

static struct book_entries
wanted_at(const struct book *b, uint64_t now_ms)
{
	struct book_entries e = {0};
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->hosts[i].n;
	e.at = mem_new(n + 1, sizeof(*e.at));
	n = 0;
	for (size_t i = 0; i < b->n; i++)
		for (size_t j = 0; j < b->hosts[i].n; j++)
			if (b->hosts[i].until_ms > now_ms)
				e.at[n++] = (struct book_entry){
				    b->hosts[i].ips[j], b->hosts[i].until_ms};
	qsort(e.at, n, sizeof(*e.at), by_ip);
	for (size_t i = 0; i < n; i++)
		if (e.n == 0 || ip_compare(&e.at[e.n - 1].ip, &e.at[i].ip) != 0)
			e.at[e.n++] = e.at[i];
	return e;
}

static const char *
set_of(const struct ip *ip)
{
	return ip->six ? RULESET_ATTESTED "6" : RULESET_ATTESTED "4";
}

/* A kernel may leave the timeout of an element that is there as it is, and
 * refuse to delete one that is not (it may have run out a moment ago).  So it
 * is added, deleted and added: one transaction, and no packet sees less than
 * its end. */
static void
put_gone(const struct ip *ip, struct buf *out)
{
	char text[IP_TEXT_SIZE], line[COMMAND_SIZE];

	ip_format(ip, text);
	snprintf(line, sizeof(line),
	         "add element " RULESET_TABLE " %s { %s }\n"
	         "delete element " RULESET_TABLE " %s { %s }\n",
	         set_of(ip), text, set_of(ip), text);
	buf_text(out, line);
}

static void
put_until(const struct book_entry *e, uint64_t now_ms, struct buf *out)
{
	char text[IP_TEXT_SIZE], line[COMMAND_SIZE];

	snprintf(line, sizeof(line),
	         "add element " RULESET_TABLE " %s { %s timeout %llums }\n",
	         set_of(&e->ip), ip_format(&e->ip, text),
	         (unsigned long long)(e->until_ms - now_ms));
	buf_text(out, line);
}

void
book_changes(const struct book *b, uint64_t now_ms, struct buf *out,
             struct book_entries *next)
{
	const struct book_entries *told = &b->told;
	struct book_entries none = {0};
	size_t i = 0, j = 0;

	*next = wanted_at(b, now_ms);
	if (b->anew) {
		buf_text(out,
		         "flush set " RULESET_TABLE " " RULESET_ATTESTED "4\n"
		         "flush set " RULESET_TABLE " " RULESET_ATTESTED "6\n");
		told = &none;
	}
	while (i < told->n || j < next->n) {
		int order = i == told->n ? 1
		            : j == next->n
		                ? -1
		                : ip_compare(&told->at[i].ip, &next->at[j].ip);

		if (order == 0 &&
		    told->at[i].until_ms == next->at[j].until_ms) {
			i++;
			j++;
			continue;
		}
		/* Also what should have run out by itself: the kernel's clock
		 * may have stood still with the machine. */
		if (order <= 0)
			put_gone(&told->at[i].ip, out);
		i += order <= 0;
		if (order >= 0)
			put_until(&next->at[j++], now_ms, out);
	}
}

void
book_told(struct book *b, struct book_entries *next)
{
	free(b->told.at);
	b->told = *next;
	b->anew = false;
	*next = (struct book_entries){0};
}

void
book_done(struct book *b)
{
	free(b->hosts);
	free(b->told.at);
	*b = (struct book){0};
}
