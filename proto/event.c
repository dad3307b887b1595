/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/message.h"

#include <string.h>

enum { US_A_SECOND = 1000000 };

/* A name that a later version may bring is one, too. */
static bool
is_name(const char *name)
{
	return name[0] != '\0' &&
	       name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_")] == '\0';
}

bool
event_parse(struct span text, struct event *e, struct err *err)
{
	const struct json *time;
	uint64_t s, us;

	*e = (struct event){0};
	e->root = json_parse(text, err);
	if (e->root == NULL ||
	    !json_get_text(e->root, "event", e->name, COMMAND_MAX, err) ||
	    !json_get_object(e->root, "data", &e->data, err) ||
	    !json_get_object(e->root, "timestamp", &time, err) ||
	    !json_get_u64(time, "seconds", UINT32_MAX, &s, err) ||
	    !json_get_u64(time, "microseconds", US_A_SECOND - 1, &us, err))
		return false;
	if (json_get(e->root, "return") != NULL ||
	    json_get(e->root, "error") != NULL)
		return err_set(err, ERR_MALFORMED, "an event that answers");
	if (!is_name(e->name))
		return err_set(err, ERR_MALFORMED, "'event' is no name");
	e->time_us = s * US_A_SECOND + us;
	return true;
}

void
event_done(struct event *e)
{
	json_free(e->root);
	*e = (struct event){0};
}

bool
event_has_standing(const struct event *e)
{
	return strcmp(e->name, "STANDING") == 0 ||
	       strcmp(e->name, "VERDICT") == 0 ||
	       strcmp(e->name, "CONFIRMED") == 0;
}

void
event_format(const char *name, struct json *data, uint64_t time_us,
             struct buf *out)
{
	struct json *root = json_new_object(), *time = json_new_object();

	json_put_text(root, "event", name);
	json_put(root, "data", data);
	json_put_u64(time, "seconds", time_us / US_A_SECOND);
	json_put_u64(time, "microseconds", time_us % US_A_SECOND);
	json_put(root, "timestamp", time);
	json_format(root, out);
	buf_text(out, "\n");
	json_free(root);
}
