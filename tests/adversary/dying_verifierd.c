/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The verifier on a machine that dies at the worst moment.  The file that
 * DIE_AT names holds how many more writes, syncs and truncations of the store
 * it lives; the last one is done half.  SQLite calls these functions of the
 * program before those of the C library. */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Whether this is the last call of its life. */
static int
is_last(void)
{
	const char *path = getenv("DIE_AT");
	FILE *file = path != NULL ? fopen(path, "r+") : NULL;
	long left = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%ld", &left) == 1) {
		rewind(file);
		fprintf(file, "%-10ld", left - 1);
	}
	fclose(file);
	return left == 1;
}

static void
die(void)
{
	(void)remove(getenv("DIE_AT"));
	(void)raise(SIGKILL);
}

typedef ssize_t write_fn(int, const void *, size_t, off64_t);
typedef int sync_fn(int);
typedef int truncate_fn(int, off64_t);

ssize_t
pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
	write_fn *real = (write_fn *)dlsym(RTLD_NEXT, "pwrite64");

	if (is_last()) {
		(void)real(fd, bytes, n / 2, at);
		die();
	}
	return real(fd, bytes, n, at);
}

int
fdatasync(int fd)
{
	if (is_last())
		die();
	return ((sync_fn *)dlsym(RTLD_NEXT, "fdatasync"))(fd);
}

int
ftruncate64(int fd, off64_t size)
{
	if (is_last())
		die();
	return ((truncate_fn *)dlsym(RTLD_NEXT, "ftruncate64"))(fd, size);
}
