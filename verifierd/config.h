/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef VERIFIERD_CONFIG_H
#define VERIFIERD_CONFIG_H

#include <sys/types.h>

#include "sys/daemon.h"

/* verifierd.conf, as it is written. */
struct config {
	char *listen; /* of a later version; must be empty */
	char *tls_ca, *tls_cert, *tls_key, *tls_crl;
	char *log_level;
	char *socket, *store;
	char *ek_roots;        /* folder of the CAs of EK certificates */
	char *ek_expired;      /* "warn" or "refuse" */
	char *golden_approval; /* "one" or "two": operators */
	char *metrics_listen;  /* empty: nobody may ask */
	char *read_group, *admin_group;
	uint64_t agent_port, deadline_ms, max_age_s;
	uint64_t reattest_s; /* 0: only when somebody asks */
	/* The trust gate: QEMU's file of migration CAs, empty: off; and the CA
	 * of this host, always in it. */
	char *trust_file, *trust_own;
	uint64_t audit_checkpoint_s; /* 0: only when somebody asks */
	uint64_t audit_keep_days;    /* 0: for ever */
	char *events_dir;            /* executables to be told of events */
	char *host_name; /* of this host, as others enrolled it; empty: ask */
	char *pass_keys; /* folder of the keys of other hosts' verifiers */
};

MUST_CHECK bool verifierd_config_load(const struct daemon_options *,
                                      struct config *, struct err *);
/* Takes from the fresh one what wants a restart (config_keep()). */
void verifierd_config_keep(struct config *old, struct config *fresh,
                           struct buf *changed);
void verifierd_config_done(struct config *);

#endif
