/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store of roots.c, as vouch.c looks at it. */
#ifndef ROOTS_PRIVATE_H
#define ROOTS_PRIVATE_H

#include "openssl_private.h"

/* A certificate or a list, and where it came from. */
struct root {
	char *name;
	X509 *cert;
	X509_CRL *crl;
};

struct roots {
	X509_STORE *store; /* holds the same */
	struct root *entries;
	size_t n;
};

#endif
