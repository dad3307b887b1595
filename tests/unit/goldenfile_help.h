/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Golden values of other programs for tests: read, made, refused. */
#ifndef UNIT_GOLDENFILE_HELP_H
#define UNIT_GOLDENFILE_HELP_H

#include "proto/goldenfile.h"

/* Digests of one digit, in hexadecimal. */
#define H8(c)   c c c c c c c c
#define SHA1(c) H8(c) H8(c) H8(c) H8(c) H8(c)
#define SHA2(c) H8(c) H8(c) H8(c) H8(c) H8(c) H8(c) H8(c) H8(c)
#define SHA3(c) SHA2(c) H8(c) H8(c) H8(c) H8(c)

#define RECORD(pcr, c)                                                         \
	"{\"pcr\":" pcr                                                        \
	",\"digests\":[{\"hashAlg\":\"sha1\",\"digest\":\"" SHA1(              \
	    c) "\"},{\"hashAlg\":\"sha256\",\"digest\":\"" SHA2(c) "\"}]}"

/* For host-a, labelled "6.1". */
extern const struct goldenfile_choice usual;

void must_add(struct goldenfile *, const char *name, const char *text);
void must_make(const struct goldenfile *, const struct goldenfile_choice *,
               struct goldenfile_made *);
/* Not read, or read and not made; `why` is in what is said. */
void refused(const char *text, const char *why);
void not_made(const char *text, const struct goldenfile_choice *,
              const char *why);
/* The PCRs of the first bank. */
void expect_mask(const struct goldenfile_made *, uint16_t alg,
                 const char *pcrs);

#endif
