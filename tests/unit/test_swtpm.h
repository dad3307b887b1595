/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A software TPM in a folder of its own, behind a Unix socket.  Never part of
 * a program. */
#ifndef TESTS_TEST_SWTPM_H
#define TESTS_TEST_SWTPM_H

#include <stdbool.h>
#include <sys/types.h>

struct test_swtpm {
	char dir[64];
	char tcti[128];
	pid_t pid;
};

/* Makes the folder.  False when swtpm is not installed: skip. */
bool test_swtpm_new(struct test_swtpm *);
/* Runs until it takes connections; its state stays over stop and start. */
void test_swtpm_start(struct test_swtpm *);
void test_swtpm_stop(struct test_swtpm *);
/* Stops it when it runs, and removes the folder. */
void test_swtpm_free(struct test_swtpm *);

#endif
