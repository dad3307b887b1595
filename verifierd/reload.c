/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "reload.h"

#include <stdio.h>
#include <string.h>

#include "control.h"
#include "hosts.h"
#include "sys/log.h"
#include "sys/service.h"
#include "trust.h"

struct tls *
verifierd_tls(const struct config *c, const struct tls *of, struct err *err)
{
	char room[SERVICE_PATH_MAX];
	const struct tls_files files = {
	    .ca = c->tls_ca,
	    .cert = c->tls_cert,
	    .key = service_key(c->tls_key, room),
	    .crl = c->tls_crl,
	};

	return of != NULL ? tls_renewed(of, &files, err)
	                  : tls_client_new(&files, PROTO_ALPN, err);
}

/* What was read, and can be taken. */
struct reloading {
	struct config config;
	struct control_groups groups;
	struct tls *tls;
};

static bool
read_all(const struct verifierd *v, struct reloading *r, struct err *err)
{
	if (!verifierd_config_load(v->options, &r->config, err) ||
	    !control_groups_find(&r->config, &r->groups, err))
		return false;
	r->tls = verifierd_tls(&r->config, v->tls, err);
	return r->tls != NULL;
}

static void
take_config(struct verifierd *v, struct config *fresh)
{
	AUTO(buf_done) struct buf changed = {0};
	struct config old = v->config;
	enum log_level level;

	verifierd_config_keep(&old, fresh, &changed);
	v->config = *fresh;
	if (log_level_of(v->config.log_level, &level))
		log_least(level);
	if (strcmp(old.ek_roots, v->config.ek_roots) != 0) {
		ek_roots_free(v->ek_roots);
		v->ek_roots = ek_roots_new(v->config.ek_roots);
	}
	if (old.max_age_s != v->config.max_age_s ||
	    old.reattest_s != v->config.reattest_s)
		hosts_repaced(v->hosts);
	verifierd_config_done(&old);
	log_notice("event=reloaded");
	if (changed.len != 0)
		log_warning("event=reloaded restart=\"%.*s\" error=\"changed, "
		            "and as before until the verifier is restarted\"",
		            (int)changed.len, (const char *)changed.at);
}

bool
verifierd_reload(void *verifierd, struct err *why)
{
	struct verifierd *v = verifierd;
	struct reloading r = {0};

	if (!read_all(v, &r, why)) {
		verifierd_config_done(&r.config);
		log_error("event=reload-refused error=\"%s\" note=\"all is as "
		          "it was before\"",
		          why->text);
		return false;
	}
	tls_replace(v->tls, r.tls);
	control_take(v->control, &r.groups);
	take_config(v, &r.config);
	return true;
}

void
verifierd_status(void *verifierd, char *out, size_t size)
{
	const struct verifierd *v = verifierd;

	snprintf(out, size, "%zu hosts, %zu trusted", hosts_count(v->hosts),
	         trust_count(v->trust));
}
