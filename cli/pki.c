/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `virt-attest pki` is virt-attest-pki, from where this program came. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

#define PKI "virt-attest-pki"

int
run_pki(struct cli *cli)
{
	char path[PATH_MAX + sizeof(PKI)];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash = n > 0 ? memrchr(path, '/', (size_t)n) : NULL;

	if (slash == NULL) {
		fprintf(stderr, "virt-attest: where am I? %s\n",
		        strerror(errno));
		return STATUS_FAILED;
	}
	memcpy(slash + 1, PKI, sizeof(PKI));
	execv(path, cli->words - 1); /* the word "pki" is its argv[0] */
	fprintf(stderr, "virt-attest: %s: %s\n", path, strerror(errno));
	return STATUS_FAILED;
}
