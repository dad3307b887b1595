/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text of a fixed size made from bytes of others: UTF-8, printable, cut to fit
 * with "..." at its end. */
#ifndef EVIDENCE_PRINTABLE_H
#define EVIDENCE_PRINTABLE_H

#include "base/auto.h"
#include "base/span.h"

struct printable {
	char *out;
	size_t size; /* of `out`, with the NUL */
	size_t len;
	bool cut;
};

/* Starts with the empty text; `size` is at least 8. */
struct printable printable_of(char *out, size_t size);

/* Words of our own, as printf(3) has them; at most 160 bytes. */
void printable_add(struct printable *, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* UTF-8, up to a NUL; what is none, or not printable, is escaped. */
void printable_utf8(struct printable *, struct span);

/* UTF-16LE (UEFI's CHAR16), up to a NUL; a lone surrogate is escaped. */
void printable_utf16(struct printable *, struct span);

/* Bytes in hexadecimal. */
void printable_hex(struct printable *, struct span);

/* EFI_GUID as it is written: its first three fields are little-endian. */
void printable_guid(struct printable *, struct span guid);

#endif
