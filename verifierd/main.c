/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest-verifierd: evidence in, verdicts out. */
#include <stdio.h>
#include <stdlib.h>

#include "announce.h"
#include "base/mem.h"
#include "checkpoints.h"
#include "control.h"
#include "library.h"
#include "life/life.h"
#include "metrics.h"
#include "pass.h"
#include "permits.h"
#include "reattest.h"
#include "reload.h"
#include "sandbox/sandbox.h"
#include "sys/log.h"
#include "sys/sys.h"
#include "trials.h"
#include "trust_gate.h"

static void
on_stop(void *arg)
{
	struct verifierd *v = arg;

	loop_quit(v->loop);
}

static bool
verifierd_open(struct verifierd *v, struct err *err)
{
	const struct life_calls calls = {on_stop, verifierd_reload,
	                                 verifierd_status, v};

	v->tls = verifierd_tls(&v->config, NULL, err);
	if (v->tls == NULL)
		return false;
	v->store = store_open(v->config.store, err);
	if (v->store == NULL)
		return false;
	trials_refresh(v);
	v->library = library_new(v->store);
	v->loop = loop_new();
	v->life = life_new(v->loop, &calls);
	v->started_ms = sys_boot_ms();
	v->ek_roots = ek_roots_new(v->config.ek_roots);
	v->trust = trust_new(v);
	v->reattest = reattest_new(v);
	v->hosts = hosts_new(v);
	if (!hosts_load(v->hosts, err))
		return false;
	v->permits = permits_new(v);
	v->passes = passes_new(v->config.pass_keys);
	v->announcer = announcer_new(v, err);
	if (v->announcer == NULL)
		return false;
	v->watchers = watchers_new(v);
	v->checkpoints = checkpoints_new(v);
	if (!trust_gate_new(v, v->trust, &v->trust_gate, err))
		return false;
	v->control = control_new(v, err);
	return v->control != NULL;
}

static void
verifierd_close(struct verifierd *v)
{
	control_free(v->control);
	trust_gate_free(v->trust_gate);
	checkpoints_free(v->checkpoints);
	watchers_free(v->watchers);
	announcer_free(v->announcer);
	permits_free(v->permits);
	hosts_free(v->hosts);
	reattest_free(v->reattest);
	trust_free(v->trust);
	passes_free(v->passes);
	life_free(v->life);
	loop_free(v->loop);
	library_free(v->library);
	store_close(v->store);
	ek_roots_free(v->ek_roots);
	tls_free(v->tls);
	verifierd_config_done(&v->config);
}

/* Before the first stranger; what events.d has runs in it, too. */
static void
shut_in(void)
{
	const struct sandbox sandbox = {.programs = true, .internet = true};
	struct err why = {0};

	if (!sandbox_enter(&sandbox, &why))
		log_warning("sandbox=off error=\"%s\"", why.text);
}

static bool
verifierd_run(struct verifierd *v, struct err *err)
{
	enum log_level level = LOG_LEVEL_NOTICE;
	struct scrape *scrape;

	if (!verifierd_config_load(v->options, &v->config, err) ||
	    !log_level_of(v->config.log_level, &level))
		return false;
	log_open("virt-attest-verifierd", v->options->foreground, level);
	shut_in();
	if (!verifierd_open(v, err))
		return false;
	scrape = verifierd_metrics(v);
	log_notice("socket=%s", v->config.socket);
	life_ready(v->life);
	loop_run(v->loop);
	scrape_free(scrape);
	return true;
}

int
main(int argc, char **argv)
{
	struct daemon_options options = {
	    .program = "virt-attest-verifierd",
	    .default_config = "/etc/virt-attest/verifierd.conf",
	    .usage = "virt-attest-verifierd [-c FILE] [-o KEY=VALUE]... [-d]",
	};
	struct verifierd v = {.options = &options};
	struct err err = {0};
	int status = 0;

	if (!daemon_options_read(&options, argc, argv, &status))
		return status;
	life_hold();
	if (!verifierd_run(&v, &err)) {
		fprintf(stderr, "virt-attest-verifierd: %s\n", err.text);
		status = 1;
	}
	verifierd_close(&v);
	return status;
}
