/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The certificates that QEMU migrates with. */
#ifndef HOSTFACTS_PKI_H
#define HOSTFACTS_PKI_H

#include "proto/local_facts.h"

/* Those of a folder in QEMU's layout: server-cert.pem, client-cert.pem, and as
 * many of ca-cert.pem as an answer has room for. */
void pki_look(const char *folder, struct arena *, struct local_facts *);

#endif
