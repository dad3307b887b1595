/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes as text and back: hexadecimal and base64 (RFC 4648). */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/span.h"

/* Size in characters, with the NUL, of `n` bytes as text. */
#define TEXT_HEX_SIZE(n)    (2 * (n) + 1)
#define TEXT_BASE64_SIZE(n) (4 * (((n) + 2) / 3) + 1)

/* Lower-case hexadecimal of `s` with a NUL into `out`, which has at least
 * TEXT_HEX_SIZE(s.len) characters.  Returns `out`. */
char *text_hex(struct span s, char *out);

/* Base64 with padding and a NUL into `out` of TEXT_BASE64_SIZE(s.len). */
char *text_base64(struct span s, char *out);

/* Base64 in the alphabet of URLs (RFC 4648, 5) without padding, as JOSE has it
 * (RFC 7515, 2).  `out` is of TEXT_BASE64_SIZE(s.len), too. */
char *text_base64url(struct span s, char *out);

/* Append the bytes of hexadecimal (either case) or canonical base64 (padded,
 * no white space, unused bits zero) to `out`.  False, and `out` as it was,
 * when the text is anything else. */
MUST_CHECK bool text_unhex(const char *text, struct buf *out);
MUST_CHECK bool text_unbase64(struct span text, struct buf *out);

/* What text_base64url() wrote: at most TEXT_BASE64URL_MAX characters, no
 * padding, unused bits zero.  Otherwise as text_unbase64(). */
enum { TEXT_BASE64URL_MAX = 64 * 1024 };
MUST_CHECK bool text_unbase64url(struct span text, struct buf *out);

/* Decimal digits only, no sign or space, at most `max`. */
MUST_CHECK bool text_u64(const char *text, uint64_t max, uint64_t *out);

/* Copies `text` into `out` of `size`; false, and `out` empty, when it does
 * not fit with its NUL. */
MUST_CHECK bool text_copy(const char *text, char *out, size_t size);

/* Copies what fits of `s` into `out` of `size`, with its NUL; what is not
 * printable ASCII becomes '?'. */
void text_ascii(struct span s, char *out, size_t size);

/* Whether `text` is printable: no control character (a byte below 0x20, 0x7f,
 * U+0080 to U+009F) and none that turns the order of letters around or ends a
 * line.  What is not must not reach a terminal or a log. */
bool text_is_printable(const char *text);

/* In place: each byte that is not of a whole letter in UTF-8 (RFC 3629) becomes
 * '?'. */
void text_make_utf8(char *text);
/* That, and what is not printable does, too. */
void text_make_printable(char *text);

#endif
