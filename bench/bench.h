/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the benchmark share. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/crypto.h"

enum { ROUNDS = 60, SERIES_MAX = 8192 };

/* Measured values; series_at() sorts them.  What is over SERIES_MAX is lost. */
struct series {
	double values[SERIES_MAX];
	size_t n;
};
void series_add(struct series *, double value);
double series_at(struct series *, double part); /* 0.5: the median */

/* A figure: ours against a limit that was measured in the same run. */
struct figure {
	const char *name;
	double ours, limit;
	const char *unit;
	double goal;
	bool at_least; /* the goal is a lower bound of ours / limit */
};

double now_us(void);
_Noreturn void die(const char *what, const struct err *);

/* A mutual TLS 1.3 handshake with the certificates in FOLDER/pki, OpenSSL to
 * OpenSSL over loopback, and nothing else. */
void measure_handshake(const char *folder, const char *host, struct series *);

/* ASKERS clients of an agent at "ADDRESS:PORT", each asking again as soon as it
 * is answered. */
enum { ASKERS = 64, ASKERS_SECONDS = 6 };
struct askers_result {
	double seconds, answers, signatures;
};
void measure_askers(const char *agent, const char *folder,
                    struct series *latency, struct askers_result *);

/* A durable database of SQLite's own, and one commit to it. */
struct sqlite3;
struct sqlite3 *bare_open(const char *folder, const char *name);
void bare_commit(struct sqlite3 *);

/* `virt-attest enroll --from FOLDER/rack.csv`, a list of ENROLMENTS hosts; and
 * what one enrolment cannot do without, by itself: the client's own work in a
 * handshake, the credential that is made and the quote that is verified, the
 * durable commit. */
enum { ENROLMENTS = 1000 };
struct enrolment_result {
	double seconds;
	double handshake_us, proof_us, commit_us; /* of one */
};
void measure_enrolment(const char *socket, const char *folder,
                       struct enrolment_result *);

/* A measurement list of 100000 entries, replayed into two banks; and its
 * hashes alone. */
enum { IMA_ENTRIES = 100000, IMA_ROUNDS = 7 };
void measure_imareplay(struct series *ours, struct series *limit);

/* An entry of ima-ng, whose digest is made of `n`; and the hashes that a list
 * of `n` entries of one size cannot do without. */
void ima_entry_add(struct buf *log, const char *path, uint32_t n);
double ima_hashes(struct span list, size_t n, struct digest *sha1,
                  struct digest *sha256);

/* A list of as many entries, appraised from nothing by a policy that lists each
 * file, and IMA_NEXT entries after them; beside the hashes alone. */
enum { IMA_NEXT = 100 };
struct imawalk_result {
	struct series first, first_limit, next, next_limit;
	double load_us;     /* to read the policy */
	size_t policy_size; /* in memory, by the process's own growth */
	size_t walk_size;   /* of a walk, while it goes on */
	size_t state_size;  /* of what is kept of a host */
};
void measure_imawalk(struct imawalk_result *);

#endif
