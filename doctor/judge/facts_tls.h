/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The certificates of one end of TLS, as its files have them. */
#ifndef HEALTHJUDGE_FACTS_TLS_H
#define HEALTHJUDGE_FACTS_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "gatejudge/facts.h"

struct health_file {
	const char *path; /* "": none is meant */
	bool there;
	const char *hidden; /* this account may not read it: why; NULL */
	const char *wrong; /* it was read, and is not what it should be; NULL */
};

struct health_certificate {
	struct health_file file;
	uint64_t from_s, until_s; /* of a CA file: of the one that ends first */
	const char *names;        /* "host-a, 192.0.2.1"; "" */
	bool is_ca, is_signed;    /* by the CA that it is meant to be of */
};

struct health_key {
	struct health_file file;
	bool in_tpm;
	const char *loose; /* who else may read or change it; NULL */
	bool handed;       /* by the unit, to an account that may not read it */
	const char *closed; /* that account, where no unit does; NULL */
	enum seen of_the_certificate;
};

struct health_crl {
	struct health_file file;
	uint64_t until_s; /* 0: it does not say */
	bool is_signed, revokes;
};

struct health_tls {
	const char *who; /* "agentd" */
	bool meant;      /* it is to be there */
	bool is_server;  /* others know it by its names */
	struct health_certificate certificate, ca;
	struct health_key key;
	struct health_crl crl;
	/* Of QEMU: the CA that the agent tells of. */
	struct health_certificate own;
	const char *own_loose; /* who else may have that CA's key; NULL */
};

#endif
