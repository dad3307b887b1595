/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/child.h"

static bool
is_beside(const char *name, char out[CHILD_PATH_SIZE])
{
	ssize_t len = readlink("/proc/self/exe", out, CHILD_PATH_SIZE - 1);
	size_t size = strlen(name) + 1;
	char *slash;

	if (len <= 0)
		return false;
	out[len] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL || (size_t)(slash + 1 - out) + size > CHILD_PATH_SIZE)
		return false;
	memcpy(slash + 1, name, size);
	return access(out, X_OK) == 0;
}

const char *
child_beside(const char *name, const char *otherwise, char out[CHILD_PATH_SIZE])
{
	if (!is_beside(name, out))
		snprintf(out, CHILD_PATH_SIZE, "%s", otherwise);
	return out;
}
