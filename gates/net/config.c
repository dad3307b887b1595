/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stddef.h>

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

bool
gated_config_load(const struct daemon_options *options, struct config *c,
                  struct err *err)
{
	if (!daemon_config_load(options, keys, LENGTH_OF(keys), c, err) ||
	    !fits(&c->networks, PREFIXES_MAX, "networks", err) ||
	    !fits(&c->always, PREFIXES_MAX, "always", err) ||
	    !fits(&c->users, USERS_MAX, "users", err) ||
	    !fits(&c->cgroups, CGROUPS_MAX, "cgroups", err))
		return false;
	if (c->networks.n == 0)
		return err_set(err, ERR_CONFIG,
		               "networks: name those that migrations take; "
		               "without any there is no gate");
	return c->users.n != 0 || c->cgroups.n != 0 ||
	       err_set(err, ERR_CONFIG,
	               "neither users nor cgroups: nobody would be refused");
}

void
gated_config_done(struct config *c)
{
	config_done(keys, LENGTH_OF(keys), c);
}
