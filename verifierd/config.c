/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "ek_roots.h"
#include "net/http.h"
#include "sys/defaults.h"
#include "sys/log.h"

/* A key that this version does not act on is not taken in silence. */
static bool
must_be_empty(const char *value, struct err *err)
{
	return *value == '\0' ||
	       err_set(err, ERR_CONFIG, "has no effect in this version");
}

static bool
expiry_allowed(const char *value, struct err *err)
{
	return strcmp(value, "warn") == 0 || strcmp(value, "refuse") == 0 ||
	       err_set(err, ERR_CONFIG, "not warn or refuse");
}

static bool
approval_allowed(const char *value, struct err *err)
{
	return strcmp(value, "one") == 0 || strcmp(value, "two") == 0 ||
	       err_set(err, ERR_CONFIG, "not one or two");
}

/* clang-format off */
#define KEY(name, kind, fallback, min, max, check) \
	{#name, kind, offsetof(struct config, name), fallback, min, max, check}
#define TEXT(name, fallback, check) \
	KEY(name, CONFIG_TEXT, fallback, 0, 0, check)
#define NUMBER(name, fallback, min, max) \
	KEY(name, CONFIG_NUMBER, fallback, min, max, NULL)
/* clang-format on */

static const struct config_key keys[] = {
    TEXT(listen, "", must_be_empty),
    TEXT(tls_ca, DEFAULT_TLS_CA, NULL),
    TEXT(tls_cert, VERIFIERD_TLS_CERT, NULL),
    TEXT(tls_key, VERIFIERD_TLS_KEY, NULL),
    TEXT(tls_crl, "", NULL),
    TEXT(log_level, "notice", log_level_allowed),
    TEXT(socket, CONTROL_SOCKET, NULL),
    TEXT(store, VERIFIERD_STORE, NULL),
    TEXT(ek_roots, EK_ROOTS_DEFAULT, NULL),
    TEXT(ek_expired, "warn", expiry_allowed),
    TEXT(golden_approval, "one", approval_allowed),
    TEXT(metrics_listen, "", http_where_allowed),
    TEXT(read_group, "", NULL),
    TEXT(admin_group, "", NULL),
    NUMBER(agent_port, "16515", 1, UINT16_MAX),
    NUMBER(deadline_ms, "10000", 100, 600000),
    NUMBER(max_age_s, "300", 1, 86400),
    NUMBER(reattest_s, "60", 0, 86400),
    NUMBER(audit_checkpoint_s, "3600", 0, 604800),
    NUMBER(audit_keep_days, "0", 0, 36500),
    TEXT(trust_file, "", NULL),
    TEXT(trust_own, DEFAULT_MIGRATION_CA, NULL),
    TEXT(events_dir, "/etc/virt-attest/events.d", NULL),
    TEXT(host_name, "", NULL),
    TEXT(pass_keys, VERIFIERD_PASS_KEYS, NULL),
};

/* Else a host that answers would not be trusted from one answer to the next. */
static bool
pace_allowed(const struct config *c, struct err *err)
{
	return c->reattest_s == 0 ||
	       c->reattest_s * 1000 + c->deadline_ms <= c->max_age_s * 1000 ||
	       err_set(err, ERR_CONFIG,
	               "reattest_s (%llu s) and deadline_ms (%llu ms) do not "
	               "fit in max_age_s (%llu s): a host that answers each "
	               "time would be stale in between",
	               (unsigned long long)c->reattest_s,
	               (unsigned long long)c->deadline_ms,
	               (unsigned long long)c->max_age_s);
}

bool
verifierd_config_load(const struct daemon_options *options,
                      struct config *config, struct err *err)
{
	return daemon_config_load(options, keys, LENGTH_OF(keys), config,
	                          err) &&
	       pace_allowed(config, err);
}

void
verifierd_config_keep(struct config *old, struct config *fresh,
                      struct buf *changed)
{
	static const char *const kept[] = {
	    "listen",         "socket",     "store",
	    "metrics_listen", "trust_file", "trust_own",
	    "events_dir",     "pass_keys",  NULL};

	config_keep(keys, LENGTH_OF(keys), kept, old, fresh, changed);
}

void
verifierd_config_done(struct config *config)
{
	config_done(keys, LENGTH_OF(keys), config);
}
