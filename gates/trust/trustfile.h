/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of QEMU's file of migration CAs, as the trust gate writes it: this
 * host's own CA, then one for each host that is trusted, each in PEM below a
 * line that says of whom it is and how long it may stand.
 *
 *	# virt-attest trust file 1: ...
 *	# own
 *	-----BEGIN CERTIFICATE-----
 *	...
 *	# host=host-b until_ms=123456 boot=0123456789abcdef0123456789abcdef
 *	-----BEGIN CERTIFICATE-----
 *	...
 *
 * TLS libraries pass over what is between the certificates. */
#ifndef TRUSTFILE_TRUSTFILE_H
#define TRUSTFILE_TRUSTFILE_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/certificate.h"
#include "evidence/verdict.h"

enum {
	TRUSTFILE_HOSTS_MAX = 4096,
	TRUSTFILE_MAX = 32 * 1024 * 1024, /* bytes of the text */
	TRUSTFILE_BOOT_SIZE = 33,         /* a boot id: 32 digits and a NUL */
};

/* Whose certificate follows. */
struct trustfile_entry {
	char host[HOST_NAME_MAX_SIZE]; /* empty: this host's own */
	/* Of the clock that counts from that boot on; of the own: none. */
	uint64_t until_ms;
	char boot[TRUSTFILE_BOOT_SIZE];
};

/* Begins a text: the head, and this host's own CA (DER). */
void trustfile_begin(struct buf *out, struct span own);
/* Appends a host's CA (DER). */
void trustfile_add(struct buf *out, const struct trustfile_entry *,
                   struct span der);

/* Calls `each` for the entries of a text, in order, the own one first, with
 * all that stands for it (borrowed from `text`).  ERR_MALFORMED when the text
 * is not in all of its bytes one that was written as above; then what was told
 * before is void, too.  ERR_LIMIT. */
MUST_CHECK bool trustfile_read(struct span text,
                               void (*each)(void *arg,
                                            const struct trustfile_entry *,
                                            struct span block),
                               void *arg, struct err *);

/* Whether it may stand at this moment of this boot. */
bool trustfile_stands(const struct trustfile_entry *, uint64_t now_ms,
                      const char *boot);

/* 32 digits of a boot id, which may have dashes and a newline.  False, and
 * `out` empty, for anything else. */
MUST_CHECK bool trustfile_boot(const char *text, char out[TRUSTFILE_BOOT_SIZE]);

#endif
