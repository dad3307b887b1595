/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A pre-migration check of your own, as a shared object.
 *
 * Put it into LIBDIR/virt-attest/checks/NAME.so, owned by root and writable by
 * nobody else, as are the folders above it.  It exports one symbol:
 *
 *     const struct virt_attest_check virt_attest_check = {
 *             .version = VIRT_ATTEST_CHECK_VERSION,
 *             .id = "license-dongle",
 *             .compares = "the licence dongle's presence",
 *             .severity = VIRT_ATTEST_BLOCK,
 *             .run = my_run,
 *     };
 *
 * `run` is called in a process of its own, which ends with it: a check that
 * crashes, hangs or says nothing blocks the migration, and is named. */
#ifndef VIRT_ATTEST_CHECK_H
#define VIRT_ATTEST_CHECK_H

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header.  A virt-attest that knows another version refuses to run
 * the check, in words. */
#define VIRT_ATTEST_CHECK_VERSION 1

/* What a check says; zero is not a pass. */
enum virt_attest_outcome {
	VIRT_ATTEST_NOT_RUN = 0,
	VIRT_ATTEST_PASS = 1,
	VIRT_ATTEST_WARN = 2,
	VIRT_ATTEST_BLOCK = 3
};

/* Each text is UTF-8 and ends with a NUL; what is not printable becomes '?'. */
struct virt_attest_result {
	enum virt_attest_outcome outcome;
	char text[320];        /* one sentence */
	char source[160];      /* the source's value, or "" */
	char destination[160]; /* the destination's value, or "" */
	char remedy[240];      /* what to do, or "" */
};

struct virt_attest_check {
	unsigned version;     /* VIRT_ATTEST_CHECK_VERSION */
	const char *id;       /* letters, digits and '-'; at most 63 of them */
	const char *compares; /* in some words; at most 159 bytes */
	/* What it weighs when it could not run: VIRT_ATTEST_WARN or _BLOCK. */
	enum virt_attest_outcome severity;
	/* `facts` is a JSON object (docs/CHECKS.md), borrowed for the call;
	 * `result` is zeroed before. */
	void (*run)(const char *facts, struct virt_attest_result *result);
};

#ifdef __cplusplus
}
#endif

#endif
