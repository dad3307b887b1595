/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "sys/config.h"
#include "sys/control.h"

static bool
is_absolute(const char *value, struct err *err)
{
	return value[0] == '/' ||
	       err_set(err, ERR_CONFIG, "an absolute path is wanted");
}

static bool
is_next_name(const char *value, struct err *err)
{
	return strcmp(value, "") == 0 || strcmp(value, "lockd") == 0 ||
	       strcmp(value, "sanlock") == 0 ||
	       err_set(err, ERR_CONFIG,
	               "'lockd', 'sanlock' or '' (none) is wanted");
}

static bool
is_about_paused(const char *value, struct err *err)
{
	return strcmp(value, "pass") == 0 || strcmp(value, "refuse") == 0 ||
	       err_set(err, ERR_CONFIG, "'pass' or 'refuse' is wanted");
}

static const struct config_key keys[] = {
    {.name = "socket",
     .kind = CONFIG_TEXT,
     .offset = offsetof(struct lock_settings, socket),
     .fallback = CONTROL_SOCKET,
     .allowed = is_absolute},
    {.name = "deadline_ms",
     .kind = CONFIG_NUMBER,
     .offset = offsetof(struct lock_settings, deadline_ms),
     .fallback = "15000", /* above the verifier's deadline_ms */
     .min = LOCK_DEADLINE_MIN_MS,
     .max = LOCK_DEADLINE_MAX_MS},
    {.name = "next",
     .kind = CONFIG_TEXT,
     .offset = offsetof(struct lock_settings, next),
     .fallback = "",
     .allowed = is_next_name},
    {.name = "paused",
     .kind = CONFIG_TEXT,
     .offset = offsetof(struct lock_settings, paused),
     .fallback = "pass",
     .allowed = is_about_paused},
};

bool
lock_settings_load(const char *path, struct lock_settings *s, struct err *err)
{
	struct config_source from = {.path = path};

	if (access(path, F_OK) != 0 && errno == ENOENT)
		from.path = NULL;
	return config_load(keys, LENGTH_OF(keys), &from, s, err);
}

void
lock_settings_done(struct lock_settings *s)
{
	config_done(keys, LENGTH_OF(keys), s);
}

bool
lock_settings_keep_paused(const struct lock_settings *s)
{
	return s->paused != NULL && strcmp(s->paused, "refuse") == 0;
}
