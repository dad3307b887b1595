/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* URIs as libvirt reads them, and which of them lead to one host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "move_private.h"
#include "proto/destination.h"
#include "sys/config.h"

struct libvirt_conf {
	struct config_list uri_aliases;
};

static const struct config_key keys[] = {
    {"uri_aliases", CONFIG_LIST, offsetof(struct libvirt_conf, uri_aliases), "",
     0, 0, NULL},
};

/* The one that libvirt reads for this account. */
static bool
conf_path(char *path, size_t size)
{
	const char *dir = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int len;

	if (geteuid() == 0)
		len = snprintf(path, size, "/etc/libvirt/libvirt.conf");
	else if (dir != NULL && dir[0] == '/')
		len = snprintf(path, size, "%s/libvirt/libvirt.conf", dir);
	else if (home != NULL && home[0] == '/')
		len = snprintf(path, size, "%s/.config/libvirt/libvirt.conf",
		               home);
	else
		return false;
	return len > 0 && (size_t)len < size && access(path, F_OK) == 0;
}

/* What libvirt takes for an alias. */
static bool
may_be_alias(const char *text)
{
	return text[strspn(text,
	                   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXY"
	                   "Z0123456789_-")] == '\0';
}

static const char *
find_alias(const struct config_list *aliases, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < aliases->n; i++)
		if (strncmp(aliases->items[i], name, len) == 0 &&
		    aliases->items[i][len] == '=')
			return aliases->items[i] + len + 1;
	return NULL;
}

bool
uri_resolve(const char *text, struct arena *arena, const char **out,
            struct err *err)
{
	struct libvirt_conf conf = {0};
	struct config_source from = {.shared = true};
	const char *uri = NULL;
	char path[512];
	bool ok = true;

	if (may_be_alias(text) && conf_path(path, sizeof(path))) {
		from.path = path;
		ok = config_load(keys, LENGTH_OF(keys), &from, &conf, err);
		if (ok)
			uri = find_alias(&conf.uri_aliases, text);
	}
	*out = arena_text(arena, uri != NULL ? uri : text);
	config_done(keys, LENGTH_OF(keys), &conf);
	return ok;
}

/* destination_parse() knows plain names and data URIs, too: those are no
 * libvirt to connect to. */
static bool
is_connection(const char *uri, struct err *err)
{
	return strncmp(uri, "qemu", 4) == 0 && strstr(uri, "://") != NULL
	           ? true
	           : err_set(err, ERR_MALFORMED,
	                     "'%.100s' is no URI of a libvirt, as "
	                     "qemu+tls://HOST/system is, and no alias of one",
	                     text_is_printable(uri) ? uri : "?");
}

/* Memory and disks go where these say, whatever the destination is. */
static bool
data_uri_allowed(const char *what, const char *uri, struct destination *d,
                 struct err *err)
{
	struct err why = {0};

	if (strncmp(uri, "tcp:", 4) != 0)
		return err_set(err, ERR_MALFORMED,
		               "--%s: '%.80s' is not tcp://HOST[:PORT], and "
		               "nobody knows which host is behind it",
		               what, text_is_printable(uri) ? uri : "?");
	if (!destination_parse(uri, d, &why))
		return err_set(err, why.code, "--%s: %s", what, why.text);
	return true;
}

/* Else libvirt of the destination says where the memory goes: to its host's
 * name, or to what its qemu.conf has, which may lead to a host that nobody
 * attested.  A migration that is tunnelled or moves no memory has no such
 * connection. */
static void
pin_data(struct plan *plan, struct arena *arena)
{
	char uri[HOST_NAME_MAX_SIZE + 16];
	bool v6 = strchr(plan->destination_host, ':') != NULL;

	plan->data_host = plan->destination_host;
	if (plan->tunnelled || plan->offline)
		return;
	snprintf(uri, sizeof(uri), v6 ? "tcp://[%s]" : "tcp://%s",
	         plan->destination_host);
	plan->migrate_uri = arena_text(arena, uri);
}

bool
plan_of(const char *destination_uri, const struct migration_how *how,
        struct arena *arena, struct plan *plan, struct err *err)
{
	const char *disks = migration_value(how, "disks-uri");
	struct destination d, data;

	*plan = (struct plan){0};
	migration_plan(how, plan);
	if (!uri_resolve(destination_uri, arena, &plan->destination_uri, err) ||
	    !is_connection(plan->destination_uri, err) ||
	    !destination_parse(plan->destination_uri, &d, err))
		return false;
	plan->destination_host = arena_text(arena, d.host);
	if (plan->migrate_uri == NULL) {
		pin_data(plan, arena);
	} else {
		if (!data_uri_allowed("migrateuri", plan->migrate_uri, &data,
		                      err))
			return false;
		plan->data_host = arena_text(arena, data.host);
	}
	return disks == NULL ||
	       data_uri_allowed("disks-uri", disks, &data, err);
}
