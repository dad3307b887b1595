/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stddef.h>
#include <string.h>

#include "gateplan/ruleset.h"
#include "sys/control.h"
#include "sys/log.h"

static bool
prefix_allowed(const char *value, struct err *err)
{
	struct ip_prefix p;

	return parse_prefix(value, &p) ||
	       err_set(err, ERR_CONFIG,
	               "'%.64s' is no network such as 10.0.0.0/24 or fd00::/64",
	               value);
}

static bool
cgroup_allowed(const char *value, struct err *err)
{
	return ruleset_cgroup_allowed(value) ||
	       err_set(err, ERR_CONFIG,
	               "'%.64s' is no control group such as "
	               "system.slice/libvirtd.service",
	               value);
}

/* clang-format off */
#define KEY(name, kind, fallback, check) \
	{#name, kind, offsetof(struct config, name), fallback, 0, 0, check}
#define TEXT(name, fallback, check) KEY(name, CONFIG_TEXT, fallback, check)
#define LIST(name, fallback, check) KEY(name, CONFIG_LIST, fallback, check)
/* clang-format on */

static const struct config_key keys[] = {
    TEXT(socket, CONTROL_SOCKET, NULL),
    TEXT(log_level, "notice", log_level_allowed),
    LIST(networks, "", prefix_allowed),
    LIST(always, "", prefix_allowed),
    LIST(users, "libvirt-qemu", NULL),
    LIST(except, "virt-attest-verifierd,virt-attest-agentd", NULL),
    LIST(cgroups,
         "system.slice/libvirtd.service,system.slice/virtqemud.service,"
         "machine.slice",
         cgroup_allowed),
};

static bool
fits(const struct config_list *list, size_t max, const char *name,
     struct err *err)
{
	return list->n <= max ||
	       err_set(err, ERR_CONFIG, "%s: over %zu items", name, max);
}

/* Whose the sockets are that are looked at. */
static bool
is_about_somebody(struct config *c, struct err *err)
{
	for (size_t i = 0; i < c->users.n; i++)
		c->everybody |= strcmp(c->users.items[i], "*") == 0;
	if (c->everybody && c->users.n != 1)
		return err_set(err, ERR_CONFIG,
		               "users: \"*\" is everybody; nobody is named "
		               "beside it");
	/* Who takes it for "all of users but these" is told. */
	for (size_t i = 0; i < c->except.n && !c->everybody; i++)
		if (!is_own_account(c->except.items[i]))
			return err_set(err, ERR_CONFIG,
			               "except: '%.64s' is meant with users = "
			               "[\"*\"] alone",
			               c->except.items[i]);
	return c->users.n != 0 || c->cgroups.n != 0 ||
	       err_set(err, ERR_CONFIG,
	               "neither users nor cgroups: nobody would be refused");
}

bool
gated_config_load(const struct daemon_options *options, struct config *c,
                  struct err *err)
{
	if (!daemon_config_load(options, keys, LENGTH_OF(keys), c, err) ||
	    !fits(&c->networks, PREFIXES_MAX, "networks", err) ||
	    !fits(&c->always, PREFIXES_MAX, "always", err) ||
	    !fits(&c->users, USERS_MAX, "users", err) ||
	    !fits(&c->except, USERS_MAX, "except", err) ||
	    !fits(&c->cgroups, CGROUPS_MAX, "cgroups", err))
		return false;
	if (c->networks.n == 0)
		return err_set(err, ERR_CONFIG,
		               "networks: name those that migrations take; "
		               "without any there is no gate");
	return is_about_somebody(c, err);
}

void
gated_config_done(struct config *c)
{
	config_done(keys, LENGTH_OF(keys), c);
}
