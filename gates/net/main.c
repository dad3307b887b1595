/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest-gated: what libvirt and its guests send into the migration
 * networks reaches attested hosts alone. */
#include <stdio.h>

#include "gated.h"
#include "gateplan/ruleset.h"
#include "sandbox/sandbox.h"
#include "sys/log.h"

static void
on_stop(void *arg)
{
	struct gated *g = arg;

	loop_quit(g->loop);
}

static void
on_status(void *arg, char *out, size_t size)
{
	const struct gated *g = arg;

	table_status(g->table, out, size);
}

static bool
gated_open(struct gated *g, struct err *err)
{
	const struct life_calls life = {on_stop, gated_reload, on_status, g};

	g->nft = nft_new(err);
	if (g->nft == NULL)
		return false;
	g->loop = loop_new();
	g->life = life_new(g->loop, &life);
	g->table = table_new(g, err);
	if (g->table == NULL)
		return false;
	g->cgroups = cgroups_new(g, err);
	if (g->cgroups == NULL)
		return false;
	g->feed = feed_new(g);
	return true;
}

static void
gated_close(struct gated *g)
{
	feed_free(g->feed);
	cgroups_free(g->cgroups);
	table_free(g->table);
	life_free(g->life);
	loop_free(g->loop);
	nft_free(g->nft);
	book_done(&g->book);
	gated_config_done(&g->config);
}

/* The only way in which the gate opens. */
static bool
remove_table(struct err *err)
{
	AUTO(buf_done) struct buf out = {0};
	struct nft *nft = nft_new(err);
	bool ok;

	if (nft == NULL)
		return false;
	ruleset_remove(&out);
	ok = nft_tell(nft, &out, err);
	nft_free(nft);
	return ok;
}

/* It runs nothing and speaks to the kernel and the verifier alone. */
static void
shut_in(void)
{
	const struct sandbox sandbox = {0};
	struct err why = {0};

	if (!sandbox_enter(&sandbox, &why))
		log_warning("sandbox=off error=\"%s\"", why.text);
}

static bool
gated_run(struct gated *g, struct err *err)
{
	enum log_level level = LOG_LEVEL_NOTICE;

	if (!gated_config_load(g->options, &g->config, err) ||
	    !log_level_of(g->config.log_level, &level))
		return false;
	log_open("virt-attest-gated", g->options->foreground, level);
	if (!privileges_drop(err))
		return false;
	shut_in();
	if (!gated_open(g, err))
		return false;
	log_notice("table=%s socket=%s", RULESET_NAME, g->config.socket);
	life_ready(g->life);
	loop_run(g->loop);
	log_notice("stopped; table %s stays, and shuts as its times run out "
	           "(virt-attest-gated --remove takes it away)",
	           RULESET_NAME);
	return true;
}

int
main(int argc, char **argv)
{
	struct daemon_options options = {
	    .program = "virt-attest-gated",
	    .default_config = "/etc/virt-attest/gated.conf",
	    .usage = "virt-attest-gated [-c FILE] [-o KEY=VALUE]... [-d] "
		     "[--remove]",
	    .extra_name = "remove",
	};
	struct gated g = {.options = &options};
	struct err err = {0};
	int status = 0;

	life_hold();
	if (!daemon_options_read(&options, argc, argv, &status))
		return status;
	if (!(options.extra ? remove_table(&err) : gated_run(&g, &err))) {
		fprintf(stderr, "virt-attest-gated: %s\n", err.text);
		status = 1;
	}
	gated_close(&g);
	return status;
}
