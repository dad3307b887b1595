/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypto/migration_ca.h"
#include "net/http.h"
#include "net/tls.h"
#include "sys/defaults.h"
#include "sys/log.h"
#include "sys/sys.h"

/* libvirt's certificate is the agent's own. */
#define DEFAULT_ENDPOINT AGENTD_TLS_CERT

static const struct {
	const char *name;
	bool rsa;
} algorithms[] = {
    {"ecc-p256", false}, {"ecc", false},     {"ecc256", false},
    {"rsa2048", true},   {"rsa-2048", true}, {"rsa", true},
};

static bool
algorithm_allowed(const char *value, struct err *err)
{
	for (size_t i = 0; i < LENGTH_OF(algorithms); i++)
		if (strcmp(algorithms[i].name, value) == 0)
			return true;
	return err_set(err, ERR_CONFIG, "not ecc-p256 or rsa2048");
}

/* A persistent handle (Part 2, 7.2), or nothing. */
static bool
parse_handle(const char *value, uint32_t *handle)
{
	char *end;
	unsigned long number = strtoul(value, &end, 16);

	*handle = (uint32_t)number;
	return strncmp(value, "0x81", 4) == 0 && strlen(value) == 10 &&
	       *end == '\0';
}

static bool
handle_allowed(const char *value, struct err *err)
{
	uint32_t handle;

	return *value == '\0' || parse_handle(value, &handle) ||
	       err_set(err, ERR_CONFIG,
	               "not a persistent handle (0x81 and six digits)");
}

/* clang-format off */
#define KEY(name, kind, fallback, min, max, check) \
	{#name, kind, offsetof(struct config, name), fallback, min, max, check}
#define TEXT(name, fallback, check) \
	KEY(name, CONFIG_TEXT, fallback, 0, 0, check)
#define LIST(name, fallback) KEY(name, CONFIG_LIST, fallback, 0, 0, NULL)
#define NUMBER(name, fallback, min, max) \
	KEY(name, CONFIG_NUMBER, fallback, min, max, NULL)
/* clang-format on */

static const struct config_key keys[] = {
    TEXT(listen, AGENTD_LISTEN, NULL),
    TEXT(tls_ca, DEFAULT_TLS_CA, NULL),
    TEXT(tls_cert, AGENTD_TLS_CERT, NULL),
    TEXT(tls_key, AGENTD_TLS_KEY, NULL),
    TEXT(tls_crl, "", NULL),
    TEXT(log_level, "notice", log_level_allowed),
    TEXT(metrics_listen, "", http_where_allowed),
    TEXT(tcti, AGENTD_TCTI, NULL),
    TEXT(ak_algorithm, "ecc-p256", algorithm_allowed),
    TEXT(ak_handle, "", handle_allowed),
    TEXT(boot_log, AGENTD_BOOT_LOG, NULL),
    TEXT(ima_log, AGENTD_IMA_LOG, NULL),
    LIST(endpoint_certs, DEFAULT_ENDPOINT),
    TEXT(migration_ca, DEFAULT_MIGRATION_CA, NULL),
    LIST(allowed_verifiers, ""),
    LIST(facts_verifiers, ""),
    NUMBER(max_clients, "256", 1, 10000),
};

bool
agentd_config_load(const struct daemon_options *options, struct config *config,
                   struct err *err)
{
	return daemon_config_load(options, keys, LENGTH_OF(keys), config, err);
}

void
agentd_config_keep(struct config *old, struct config *fresh,
                   struct buf *changed)
{
	static const char *const kept[] = {
	    "listen",   "tcti",    "ak_algorithm",   "ak_handle",
	    "boot_log", "ima_log", "metrics_listen", NULL};

	config_keep(keys, LENGTH_OF(keys), kept, old, fresh, changed);
}

void
agentd_config_done(struct config *config)
{
	config_done(keys, LENGTH_OF(keys), config);
}

struct tpm_options
agentd_tpm_options(const struct config *config)
{
	struct tpm_options options = {.tcti = config->tcti};

	for (size_t i = 0; i < LENGTH_OF(algorithms); i++)
		if (strcmp(algorithms[i].name, config->ak_algorithm) == 0)
			options.rsa = algorithms[i].rsa;
	(void)parse_handle(config->ak_handle, &options.ak_handle);
	return options;
}

void
agentd_log_paths(const struct config *config, const char *paths[MLOG_KINDS])
{
	paths[MLOG_BOOT] = config->boot_log;
	paths[MLOG_IMA] = config->ima_log;
}

bool
agentd_key_allowed(const struct config *config, const char *tls_key,
                   struct err *err)
{
	bool in_tpm;

	if (!tls_key_in_tpm(tls_key, &in_tpm, err))
		return false;
	/* Handshakes and quotes have a connection each; a bare TPM takes one,
	 * and whoever comes second waits for ever. */
	return !in_tpm || tpm_is_shared(config->tcti) ||
	       err_set(err, ERR_CONFIG,
	               "tls_key '%.80s' is in the TPM: tcti must name a "
	               "resource manager (device:/dev/tpmrm0 or tabrmd:), "
	               "'%.60s' takes one client at a time",
	               tls_key, config->tcti);
}

bool
agentd_endpoints(const struct config *config, struct endpoint_keys *endpoints,
                 bool *missing, struct err *err)
{
	const struct config_list *files = &config->endpoint_certs;

	*endpoints = (struct endpoint_keys){0};
	*missing = files->n == 1 &&
	           strcmp(files->items[0], DEFAULT_ENDPOINT) == 0 &&
	           access(DEFAULT_ENDPOINT, F_OK) != 0;
	for (size_t i = 0; !*missing && i < files->n; i++) {
		uint8_t sha256[SHA256_SIZE];

		if (!tls_spki_of_file(files->items[i], sha256, err))
			return false;
		if (!endpoint_keys_add(endpoints, "libvirt-tls", sha256))
			return err_set(err, ERR_CONFIG,
			               "endpoint_certs: more than %d keys",
			               ENDPOINT_KEYS_MAX);
	}
	return true;
}

/* What it lacks is told here already: a verifier would refuse the host. */
static bool
read_migration_ca(const char *path, struct certificate_bytes *out,
                  uint8_t key_sha256[SHA256_SIZE], struct err *err)
{
	AUTO(buf_done) struct buf pem = {0}, der = {.max = CERTIFICATE_MAX};
	struct migration_ca ca;
	struct err why = {0};

	if (!sys_read_file(path, MIGRATION_CA_PEM_MAX, &pem, err))
		return false;
	if (!migration_ca_unpem(buf_span(&pem), &der, &why) ||
	    !migration_ca_read(buf_span(&der), &ca, &why))
		return err_set(err, ERR_CONFIG, "migration_ca '%.80s': %.140s",
		               path, why.text);
	memcpy(out->at, der.at, der.len);
	out->len = der.len;
	memcpy(key_sha256, ca.key_sha256, SHA256_SIZE);
	return true;
}

bool
agentd_migration_ca(const struct config *config,
                    struct endpoint_keys *endpoints,
                    struct certificate_bytes *ca, struct err *err)
{
	const char *path = config->migration_ca;
	uint8_t sha256[SHA256_SIZE];

	*ca = (struct certificate_bytes){0};
	if (*path == '\0' || (strcmp(path, DEFAULT_MIGRATION_CA) == 0 &&
	                      access(path, F_OK) != 0))
		return true;
	return read_migration_ca(path, ca, sha256, err) &&
	       (endpoint_keys_add(endpoints, MIGRATION_CA_KIND, sha256) ||
	        err_set(err, ERR_CONFIG,
	                "endpoint_certs and migration_ca: more than %d keys",
	                ENDPOINT_KEYS_MAX));
}
