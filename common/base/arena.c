/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct arena_piece {
	struct arena_piece *next;
	_Alignas(max_align_t) unsigned char at[];
};

void *
arena_new(struct arena *arena, size_t n, size_t size)
{
	struct arena_piece *piece;

	if (size != 0 && n > (SIZE_MAX - sizeof(*piece)) / size)
		abort();
	piece = mem_new(1, sizeof(*piece) + n * size);
	piece->next = arena->pieces;
	arena->pieces = piece;
	return piece->at;
}

const char *
arena_text(struct arena *arena, const char *text)
{
	size_t size;

	if (text == NULL)
		return NULL;
	size = strlen(text) + 1;
	return memcpy(arena_new(arena, size, 1), text, size);
}

void
arena_take(struct arena *arena, struct arena *from)
{
	struct arena_piece **last = &from->pieces;

	while (*last != NULL)
		last = &(*last)->next;
	*last = arena->pieces;
	arena->pieces = from->pieces;
	from->pieces = NULL;
}

void
arena_done(struct arena *arena)
{
	struct arena_piece *piece;

	while ((piece = arena->pieces) != NULL) {
		arena->pieces = piece->next;
		free(piece);
	}
}
