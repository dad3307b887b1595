/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *
mem_new(size_t n, size_t size)
{
	void *at = calloc(n != 0 ? n : 1, size);

	if (at == NULL)
		abort();
	return at;
}

void *
mem_grow(void *at, size_t n, size_t size)
{
	void *grown;

	if (size != 0 && n > SIZE_MAX / size)
		abort();
	grown = realloc(at, n * size != 0 ? n * size : 1);
	if (grown == NULL)
		abort();
	return grown;
}

char *
mem_text(const char *text)
{
	size_t size;
	char *copy;

	if (text == NULL)
		return NULL;
	size = strlen(text) + 1;
	copy = mem_new(1, size);
	memcpy(copy, text, size);
	return copy;
}

void
mem_auto(void *at)
{
	free(*(void **)at);
}
