/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Events: how every host stands, and each change from then on. */
#include "control.h"

/* watch: no arguments.  The connection takes further requests. */
static void
watch(struct caller *c, const struct json *arguments)
{
	const struct watcher_of of = {
	    .stream = c->stream, .uid = c->uid, .counts = !c->may_change};
	struct json *result;
	struct err err = {0};
	size_t hosts = 0;

	(void)arguments;
	if (c->watcher != NULL) {
		err_set(&err, ERR_EXISTS, "this connection watches already");
		caller_error(c, &err);
		return;
	}
	c->watcher = watcher_new(c->v->watchers, &of, &hosts, &err);
	if (c->watcher == NULL) {
		caller_error(c, &err);
		return;
	}
	result = json_new_object();
	json_put_u64(result, "hosts", hosts);
	caller_return(c, result);
	watcher_start(c->watcher);
}

const struct verb verbs_watch[] = {
    {"watch", false, watch},
    {0},
};
