/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A store in a folder of its own, and what tests put into it.  Any failure
 * fails the test. */
#ifndef TESTS_STORE_HELP_H
#define TESTS_STORE_HELP_H

#include "store/store.h"

/* cmocka's set-up and tear-down: the folder. */
int store_set_up(void **);
int store_tear_down(void **);

/* Opens the folder's store (makes it the first time). */
struct store *store_here(void);
/* Into the closed store's file, past the store. */
void store_tamper(const char *sql);
/* What a statement counts there. */
int store_count(const char *sql);
/* The file. */
const char *store_file(void);

/* A host with a value in each member, told apart by `n` where two hosts may
 * differ. */
struct attester sample_host(const char *name, uint8_t n);
/* A golden value with a value in each member: two banks, unequal PCRs. */
struct golden sample_golden(const char *scope, uint8_t n);
/* The same, with one bank and what is judged by logs: PCR 4 and 7 by events, 10
 * by an IMA policy, the TPM's firmware.  Its texts come apart. */
struct golden sample_judged(const char *scope, uint8_t n);

/* Adds the host with sample_golden() as its first one, and returns its id. */
uint64_t add_host(struct store *, const struct attester *);
uint64_t add_golden(struct store *, const struct golden *);
/* With its texts; `golden` gets its id and their digests. */
void add_golden_texts(struct store *, struct golden *, const char *events,
                      const char *ima_policy);

/* Lines of the audit log, whose chain holds. */
uint64_t audit_length(struct store *);

/* The SHA-256 of a text. */
struct digest text_digest(const char *text);
/* Whether the store has a text, as it was written. */
bool has_text(struct store *, const char *text);

void assert_host_eq(const struct attester *, const struct attester *);
void assert_golden_eq(const struct golden *, const struct golden *);

#endif
