/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The words of the file, for who writes and who reads it. */
#ifndef TRUSTFILE_PRIVATE_H
#define TRUSTFILE_PRIVATE_H

#define TRUSTFILE_HEAD                                                         \
	"# virt-attest trust file 1: the migration CAs of this host and of "   \
	"those that are trusted now.\n"                                        \
	"# virt-attest-verifierd replaces it: what is changed here is lost.\n"
#define TRUSTFILE_OWN   "# own\n"
#define TRUSTFILE_BEGIN "-----BEGIN CERTIFICATE-----\n"
#define TRUSTFILE_END   "-----END CERTIFICATE-----\n"

enum { TRUSTFILE_LINE = 64 }; /* characters of base64 (RFC 7468, 2) */

#endif
