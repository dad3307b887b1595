/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a call failed.  Lower floors fill it; only the programs log it. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#include "base/auto.h"

/* The kinds of failure.  A name is also the error's class on both wires. */
#define ERR_CODES(X)                                                           \
	X(NONE, "None")                                                        \
	X(INTERNAL, "Internal")       /* our own: no verdict can rest on it */ \
	X(MALFORMED, "Malformed")     /* bytes that are not what they say */   \
	X(LIMIT, "Limit")             /* over a limit that has a name */       \
	X(UNSUPPORTED, "Unsupported") /* well-formed, not spoken here */       \
	X(VERSION, "VersionRefused")  /* a higher major version */             \
	X(COMMAND, "CommandNotFound") /* no such request */                    \
	X(DENIED, "Denied")           /* the caller may not */                 \
	X(NOT_FOUND, "NotFound")      /* no such host, golden value, file */   \
	X(EXISTS, "Exists")           /* there already, and not the same */    \
	X(CONFLICT, "Conflict")       /* not in this state */                  \
	X(BUSY, "Busy")               /* a queue is full: ask again */         \
	X(UNAVAILABLE, "Unavailable") /* the TPM or peer is not there now */   \
	X(LOCKOUT, "Lockout")         /* the TPM is in dictionary lockout */   \
	X(TPM, "TpmFailure")          /* the TPM answered with a failure */    \
	X(TIMEOUT, "Timeout")         /* a deadline passed */                  \
	X(PEER, "PeerRefused")        /* TLS: certificate, name, version */    \
	X(CONFIG, "Config")           /* a configuration file or option */     \
	X(IO, "Io")                   /* the system call said no */

enum err_code {
#define X(name, text) ERR_##name,
	ERR_CODES(X)
#undef X
	    ERR_COUNT
};

enum { ERR_TEXT_MAX = 240 };

struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX];
};

/* Fill `err` (which may be NULL) and return false, so that a failing function
 * ends in `return err_set(...)`.  A longer text is cut. */
bool err_set(struct err *err, enum err_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The class of a code as both wires write it: "Malformed". */
const char *err_class(enum err_code code);

/* The code of a class; ERR_INTERNAL for a class that we do not know. */
enum err_code err_of_class(const char *class);

#endif
