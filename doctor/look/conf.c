/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The few keys of the daemons' files that say where things are.  Others are
 * passed over: whether those are right is said by who starts with them. */
#include <string.h>

#include "look_private.h"
#include "sys/defaults.h"

#define TEXT(type, name, fallback)                                             \
	{                                                                      \
#name, CONFIG_TEXT, offsetof(struct type, name), fallback, 0,  \
		    0, NULL                                                    \
	}

static const struct config_key agentd_keys[] = {
    TEXT(look_agentd, listen, AGENTD_LISTEN),
    TEXT(look_agentd, tls_ca, DEFAULT_TLS_CA),
    TEXT(look_agentd, tls_cert, AGENTD_TLS_CERT),
    TEXT(look_agentd, tls_key, AGENTD_TLS_KEY),
    TEXT(look_agentd, tls_crl, ""),
    TEXT(look_agentd, tcti, AGENTD_TCTI),
    TEXT(look_agentd, boot_log, AGENTD_BOOT_LOG),
    TEXT(look_agentd, ima_log, AGENTD_IMA_LOG),
    TEXT(look_agentd, migration_ca, DEFAULT_MIGRATION_CA),
};

static const struct config_key verifierd_keys[] = {
    TEXT(look_verifierd, tls_ca, DEFAULT_TLS_CA),
    TEXT(look_verifierd, tls_cert, VERIFIERD_TLS_CERT),
    TEXT(look_verifierd, tls_key, VERIFIERD_TLS_KEY),
    TEXT(look_verifierd, tls_crl, ""),
    TEXT(look_verifierd, socket, CONTROL_SOCKET),
    TEXT(look_verifierd, store, VERIFIERD_STORE),
    TEXT(look_verifierd, trust_own, DEFAULT_MIGRATION_CA),
};

/* libvirt's own fallbacks. */
static const struct config_key libvirt_keys[] = {
    TEXT(look_libvirt, ca_file, "/etc/pki/CA/cacert.pem"),
    TEXT(look_libvirt, cert_file, "/etc/pki/libvirt/servercert.pem"),
    TEXT(look_libvirt, key_file, "/etc/pki/libvirt/private/serverkey.pem"),
    TEXT(look_libvirt, crl_file, ""),
};

struct table {
	const char *prefix; /* of a setting that is meant for it alone */
	const struct config_key *keys;
	size_t n;
};

static const struct table agentd = {"agentd.", agentd_keys,
                                    LENGTH_OF(agentd_keys)};
static const struct table verifierd = {"verifierd.", verifierd_keys,
                                       LENGTH_OF(verifierd_keys)};
static const struct table libvirt = {NULL, libvirt_keys,
                                     LENGTH_OF(libvirt_keys)};

/* "KEY=VALUE" when the table has the key; NULL. */
static const char *
meant_for(const struct table *t, const char *setting)
{
	size_t n;

	if (t->prefix == NULL)
		return NULL;
	if (strncmp(setting, t->prefix, strlen(t->prefix)) == 0)
		setting += strlen(t->prefix);
	n = strcspn(setting, "=");
	for (size_t i = 0; i < t->n; i++)
		if (strlen(t->keys[i].name) == n && setting[n] == '=' &&
		    strncmp(t->keys[i].name, setting, n) == 0)
			return setting;
	return NULL;
}

bool
health_knows(const char *setting)
{
	return meant_for(&agentd, setting) != NULL ||
	       meant_for(&verifierd, setting) != NULL;
}

static bool
has_setting(const struct look *look, const struct table *t)
{
	for (size_t i = 0; i < look->options.n_settings; i++)
		if (meant_for(t, look->options.settings[i]) != NULL)
			return true;
	return false;
}

bool
look_is_asked_of_agentd(const struct look *look)
{
	return look->options.agentd != NULL || has_setting(look, &agentd);
}

bool
look_is_asked_of_verifierd(const struct look *look)
{
	return look->options.verifierd != NULL || has_setting(look, &verifierd);
}

/* A wrong file leaves the fallbacks, which are looked at all the same. */
static bool
load(const struct look *look, const struct table *t, const char *path,
     void *into, struct err *err)
{
	const char *overrides[LOOK_SETTINGS_MAX];
	struct config_source from = {
	    .path = path, .overrides = overrides, .shared = true};
	struct err none = {0};

	for (size_t i = 0; i < look->options.n_settings; i++) {
		const char *one = meant_for(t, look->options.settings[i]);

		if (one != NULL && from.n_overrides < LOOK_SETTINGS_MAX)
			overrides[from.n_overrides++] = one;
	}
	if (config_load(t->keys, t->n, &from, into, err))
		return true;
	config_done(t->keys, t->n, into);
	from.path = NULL;
	from.n_overrides = 0;
	(void)!config_load(t->keys, t->n, &from, into, &none);
	return false;
}

bool
look_agentd_conf(struct look *look, const char *path, struct err *err)
{
	return load(look, &agentd, path, &look->agentd, err);
}

bool
look_verifierd_conf(struct look *look, const char *path, struct err *err)
{
	return load(look, &verifierd, path, &look->verifierd, err);
}

bool
look_libvirt_conf(struct look *look, const char *path, struct err *err)
{
	return load(look, &libvirt, path, &look->libvirt, err);
}

void
look_conf_done(struct look *look)
{
	config_done(agentd_keys, LENGTH_OF(agentd_keys), &look->agentd);
	config_done(verifierd_keys, LENGTH_OF(verifierd_keys),
	            &look->verifierd);
	config_done(libvirt_keys, LENGTH_OF(libvirt_keys), &look->libvirt);
}
