/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gated.h"
#include "sys/log.h"

/* From here on nothing fails. */
static void
take(struct gated *g)
{
	enum log_level level;

	if (log_level_of(g->config.log_level, &level))
		log_least(level);
	cgroups_follow(g->cgroups);
	/* Whose addresses are in none of the networks is then said again. */
	feed_again(g->feed);
	log_notice("event=reloaded");
}

bool
gated_reload(void *gated, struct err *why)
{
	struct gated *g = gated;
	struct config fresh = {0};
	bool ok = gated_config_load(g->options, &fresh, why) &&
	          table_take(g->table, &fresh, why);

	gated_config_done(&fresh); /* what is not in use */
	if (ok)
		take(g);
	else
		log_error("event=reload-refused error=\"%s\" note=\"all is as "
		          "it was before\"",
		          why->text);
	return ok;
}
