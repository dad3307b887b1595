/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AGENTD_CONFIG_H
#define AGENTD_CONFIG_H

#include "evidence/mlog.h"
#include "source/tpm.h"
#include "sys/daemon.h"

/* agentd.conf, as it is written. */
struct config {
	char *listen;
	char *tls_ca, *tls_cert, *tls_key, *tls_crl;
	char *log_level;
	char *metrics_listen; /* empty: nobody may ask */
	char *tcti, *ak_algorithm, *ak_handle;
	char *boot_log, *ima_log;
	struct config_list endpoint_certs;
	char *migration_ca;
	struct config_list allowed_verifiers, facts_verifiers;
	uint64_t max_clients;
};

MUST_CHECK bool agentd_config_load(const struct daemon_options *,
                                   struct config *, struct err *);
void agentd_config_done(struct config *);

/* What the TPM source wants of it; borrows from the configuration. */
struct tpm_options agentd_tpm_options(const struct config *);

/* Takes from the fresh one what wants a restart (config_keep()). */
void agentd_config_keep(struct config *old, struct config *fresh,
                        struct buf *changed);

/* Whether `tls_key`, when it is in the TPM, can be there beside the attestation
 * key: `tcti` must be shared. */
MUST_CHECK bool agentd_key_allowed(const struct config *, const char *tls_key,
                                   struct err *);

/* The files of the measurement logs; borrows from the configuration. */
void agentd_log_paths(const struct config *, const char *paths[MLOG_KINDS]);

/* The keys of endpoint_certs.  The default file may be missing (then that part
 * is off, and `*missing` says so); one that was named may not. */
MUST_CHECK bool agentd_endpoints(const struct config *, struct endpoint_keys *,
                                 bool *missing, struct err *);

/* The certificate of migration_ca, and its key among the endpoints.  As with
 * those: the default file may be missing, and is none then. */
MUST_CHECK bool agentd_migration_ca(const struct config *,
                                    struct endpoint_keys *,
                                    struct certificate_bytes *, struct err *);

#endif
