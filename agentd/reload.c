/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reload.h"

#include "status.h"
#include "sys/log.h"

struct server_options
agentd_server_options(const struct agentd *a)
{
	const struct config *c = &a->config;

	return (struct server_options){
	    .listen = c->listen,
	    .max_clients = c->max_clients,
	    .endpoints = &a->shown.endpoints,
	    .migration_ca = &a->shown.migration_ca,
	    .logs = a->logs,
	    .facts = a->facts,
	    .facts_verifiers = (const char *const *)c->facts_verifiers.items,
	    .n_facts_verifiers = c->facts_verifiers.n,
	};
}

/* From here on nothing fails. */
static void
take(struct agentd *a, struct config *fresh, struct credentials *shown)
{
	AUTO(buf_done) struct buf changed = {0};
	struct config old = a->config;
	struct server_options options;
	enum log_level level;

	agentd_config_keep(&old, fresh, &changed);
	a->config = *fresh;
	credentials_replace(&a->shown, shown);
	options = agentd_server_options(a);
	server_take(a->server, &options);
	if (log_level_of(a->config.log_level, &level))
		log_least(level);
	agentd_config_done(&old);
	log_notice("event=reloaded");
	if (changed.len != 0)
		log_warning("event=reloaded restart=\"%.*s\" error=\"changed, "
		            "and as before until the agent is restarted\"",
		            (int)changed.len, (const char *)changed.at);
	agentd_say_lacks(a);
}

bool
agentd_reload(struct agentd *a, struct err *why)
{
	struct config fresh = {0};
	struct credentials shown = {0};

	if (agentd_config_load(&a->options, &fresh, why) &&
	    credentials_read(&fresh, a->shown.tls, &shown, why)) {
		take(a, &fresh, &shown);
		return true;
	}
	credentials_done(&shown);
	agentd_config_done(&fresh);
	log_error("event=reload-refused error=\"%s\" note=\"all is as it was "
	          "before\"",
	          why->text);
	return false;
}
