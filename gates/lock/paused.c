/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "paused.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static const char mark[] = "virt-attest:resume-it-before-it-migrates:";

char *
paused_state(const char *next_state)
{
	const char *inner = next_state != NULL ? next_state : "";
	size_t len = strlen(inner);
	char *state = mem_new(1, PAUSED_FILL + len + 1);

	memset(state, 'x', PAUSED_FILL);
	snprintf(state, sizeof(mark), "%s", mark);
	state[sizeof(mark) - 1] = 'x'; /* not its NUL */
	memcpy(state + PAUSED_FILL, inner, len + 1);
	return state;
}

const char *
paused_inner(const char *state)
{
	if (state == NULL || strncmp(state, mark, sizeof(mark) - 1) != 0)
		return state;
	if (strlen(state) <= PAUSED_FILL)
		return NULL;
	return state + PAUSED_FILL;
}
