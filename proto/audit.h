/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The audit log for others: its lines, its checkpoints, and an export of it.
 * PROTOCOL.md, "The audit log". */
#ifndef PROTO_AUDIT_H
#define PROTO_AUDIT_H

#include "evidence/audit.h"
#include "proto/jwt.h"

/* No other token of ours is of this type (RFC 8725, 3.11). */
#define CHECKPOINT_TYP "virt-attest-audit+jwt"

enum {
	CHECKPOINT_MAX = 511, /* characters of one */
	AUDIT_EXPORT_LINE_MAX = 16 * 1024,
};

/* That a log was so long, and ended so, at that time. */
struct checkpoint {
	struct audit_head head;
	uint64_t time_s; /* iat */
};

/* The claims. */
struct json *checkpoint_encode(const struct checkpoint *);
/* The checkpoint, if it is signed by this key: ERR_MALFORMED when it is none or
 * names another key, ERR_DENIED when the signature is not of the key. */
MUST_CHECK bool checkpoint_read(struct span jwt, const struct signing_public *,
                                struct checkpoint *, struct err *);

struct json *audit_line_encode(const struct audit_line *);
MUST_CHECK bool audit_line_decode(const struct json *, struct audit_line *,
                                  struct err *);

/* A head: {"size","head"}, as a checkpoint's claims have it. */
void audit_head_put(const struct audit_head *, struct json *into);
MUST_CHECK bool audit_head_get(const struct json *, struct audit_head *,
                               struct err *);

/* The first line of an export: what its first line of the log follows. */
struct json *export_begin(const struct audit_head *);
/* Its last line. */
struct json *export_end(const char *checkpoint);

/* An export that is being read.  Before the first line: {.key = ...}, and
 * .walk.known where something is known. */
struct export_reading {
	const struct signing_public *key;
	struct audit_walk walk;
	struct checkpoint checkpoint; /* what it ends with */
	bool begun, ended;
};

/* One line of the file, without its end.  ERR_CONFLICT or ERR_DENIED: it is not
 * what the key signed; ERR_MALFORMED: it is no export. */
MUST_CHECK bool export_line(struct export_reading *, struct span line,
                            struct err *);
/* After the last one: the export is whole. */
MUST_CHECK bool export_done(const struct export_reading *, struct err *);

#endif
