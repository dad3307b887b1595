/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the verifier keeps: hosts, golden values, verdicts, and the audit log.
 * SQLite stands behind this header and does not pass it.  Every change is one
 * transaction with its line in the audit log, durable when the call returns;
 * a call that fails changed nothing.  ERR_IO: the database could not (full,
 * locked, damaged), and the text says what. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "crypto/signing.h"
#include "evidence/attester.h"
#include "store/audit.h"

/* Opens (and makes, with its tables) "sqlite:PATH".  ERR_CONFIG for another
 * kind, ERR_VERSION for tables of a later version, ERR_EXISTS when another
 * process holds it. */
struct store *store_open(const char *uri, struct err *);
void store_close(struct store *);

/* Between the two, calls are parts of one transaction, and durable when
 * store_batch_end() returns true: many verdicts, one write to the disk.  A part
 * that fails is undone alone; when the end fails, everything is. */
MUST_CHECK bool store_batch_begin(struct store *, struct err *);
MUST_CHECK bool store_batch_end(struct store *, struct err *);

/* `actor` says who: "uid=0", "hook", "verifierd". */

/* An IMA policy of 100,000 files has some 12 MiB. */
enum { STORE_TEXT_MAX = 64 * 1024 * 1024 };

/* A golden value to be added, and its texts: `golden->id` is set, and `events`
 * and `ima_policy` of it become the texts' digests.  An empty text is none.  A
 * text is kept once, however many refer to it, and gone with the last. */
struct golden_new {
	struct golden *golden;
	struct span events, ima_policy;
};

/* A host and its first golden value, both or neither.  ERR_EXISTS when the name
 * is taken. */
MUST_CHECK bool store_host_add(struct store *, const struct attester *,
                               const struct golden_new *first,
                               const char *actor, struct err *);
MUST_CHECK bool store_host_get(struct store *, const char *name,
                               struct attester *, struct err *);
/* The one host enrolled with this address; ERR_NOT_FOUND, or ERR_CONFLICT when
 * several are. */
MUST_CHECK bool store_host_by_address(struct store *, const char *address,
                                      struct attester *, struct err *);
/* The first host in name's order, other than `but`, that is enrolled with the
 * EK of this digest or with this AK; ERR_NOT_FOUND when there is none. */
MUST_CHECK bool store_host_by_keys(struct store *,
                                   const uint8_t ek_sha256[SHA256_SIZE],
                                   struct span ak, const char *but,
                                   struct attester *, struct err *);
/* Another identity in the place of `known`, that the operator was shown: its
 * verdicts and its boot session go, its golden values are revoked, and `first`
 * is its new one.  ERR_NOT_FOUND when the name is not enrolled, ERR_CONFLICT
 * when it is another identity's by now. */
MUST_CHECK bool store_host_replace(struct store *, const struct attester *known,
                                   const struct attester *,
                                   const struct golden_new *first,
                                   const char *actor, struct err *);
/* The host, its own golden values and verdicts; the audit log stays. */
MUST_CHECK bool store_host_forget(struct store *, const char *name,
                                  const char *actor, struct err *);
/* Calls `each` for every host in name's order until it returns false. */
MUST_CHECK bool store_hosts(struct store *,
                            bool (*each)(void *arg, const struct attester *),
                            void *arg, struct err *);

/* A text that a golden value refers to, or a verdict rests on, by its SHA-256.
 */
MUST_CHECK bool store_text_get(struct store *,
                               const uint8_t sha256[SHA256_SIZE],
                               struct buf *out, struct err *);

/* `golden->id` is set.  ERR_NOT_FOUND when its host is not enrolled. */
MUST_CHECK bool store_golden_add(struct store *, const struct golden_new *,
                                 const char *actor, struct err *);
MUST_CHECK bool store_golden_get(struct store *, uint64_t id, struct golden *,
                                 struct err *);
/* candidate -> active -> revoked, candidate -> revoked; else ERR_CONFLICT. */
MUST_CHECK bool store_golden_set(struct store *, uint64_t id, enum golden_state,
                                 const char *actor, struct err *);
/* All of them, or those of one scope (host or group name), by id. */
MUST_CHECK bool store_goldens(struct store *, const char *scope,
                              bool (*each)(void *arg, const struct golden *),
                              void *arg, struct err *);
/* Those that are live now for this host or its group, newest first: an array
 * of `*n` (at most STORE_LIVE_MAX) that is the caller's to free(). */
enum { STORE_LIVE_MAX = 64 };
MUST_CHECK bool store_goldens_live(struct store *, const struct attester *,
                                   uint64_t now_s, struct golden **out,
                                   size_t *n, struct err *);

/* What a verdict rests on: a record (JSON) of the question and its answer, and
 * the boot log that was looked at.  Either may be empty. */
struct basis {
	struct span record, boot_log;
};
/* A verdict with its basis.  The last STORE_VERDICTS_KEPT of a host are kept.
 * `asker` says who asked and for what ("uid=0 domain=db1"). */
enum { STORE_VERDICTS_KEPT = 32 };
MUST_CHECK bool store_verdict_add(struct store *, const struct verdict *,
                                  const struct basis *, const char *asker,
                                  struct err *);
/* The newest one; `record` and `boot_log` may be NULL, and get what it rests
 * on.  ERR_NOT_FOUND when there is none. */
MUST_CHECK bool store_verdict_last(struct store *, const char *host,
                                   struct verdict *, struct buf *record,
                                   struct buf *boot_log, struct err *);
/* The boot session of the newest *trusted* verdict; `*found` says whether
 * there is one. */
MUST_CHECK bool store_session_last(struct store *, const char *host,
                                   struct boot_session *, bool *found,
                                   struct err *);

/* The verifier's own signing key and its name (`kid`).  ERR_NOT_FOUND when it
 * has none, ERR_EXISTS when it has one already: a key is for ever.  Whoever
 * gets it wipes it. */
enum { SIGNING_KID_MAX = 64 };
MUST_CHECK bool store_key_get(struct store *, uint8_t key[SIGNING_KEY_SIZE],
                              char kid[SIGNING_KID_MAX], struct err *);
MUST_CHECK bool store_key_add(struct store *,
                              const uint8_t key[SIGNING_KEY_SIZE],
                              const char *kid, const char *actor, struct err *);

#endif
