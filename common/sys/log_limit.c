/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sys/log_limit.h"

#include <pthread.h>

struct kind {
	const char *format;
	uint64_t since_ms, lines, left_out;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kind kinds[LOG_KINDS_MAX];
static size_t n_kinds;

static bool
is_over(const struct kind *k, uint64_t now_ms)
{
	return now_ms - k->since_ms >= LOG_KIND_MS;
}

static struct kind *
kind_of(const char *format)
{
	for (size_t i = 0; i < n_kinds; i++)
		if (kinds[i].format == format)
			return &kinds[i];
	if (n_kinds == LOG_KINDS_MAX)
		return NULL;
	kinds[n_kinds].format = format;
	return &kinds[n_kinds++];
}

static bool
lets(struct kind *k, uint64_t now_ms)
{
	if (k == NULL)
		return true;
	/* What was left out is told first, and begins the time anew. */
	if (k->left_out == 0 && (k->lines == 0 || is_over(k, now_ms))) {
		k->since_ms = now_ms;
		k->lines = 0;
	}
	if (k->lines < LOG_KIND_LINES) {
		k->lines++;
		return true;
	}
	k->left_out++;
	return false;
}

bool
log_limit_lets(const char *format, uint64_t now_ms)
{
	bool ok;

	pthread_mutex_lock(&lock);
	ok = lets(kind_of(format), now_ms);
	pthread_mutex_unlock(&lock);
	return ok;
}

bool
log_limit_left_out(uint64_t now_ms, const char **format, uint64_t *lines)
{
	bool found = false;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < n_kinds && !found; i++) {
		struct kind *k = &kinds[i];

		found = k->left_out != 0 && is_over(k, now_ms);
		if (!found)
			continue;
		*format = k->format;
		*lines = k->left_out;
		k->left_out = k->lines = 0;
	}
	pthread_mutex_unlock(&lock);
	return found;
}
