/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest-agentd: answers quote requests with this host's TPM. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "evidence/endorsement.h"
#include "metrics.h"
#include "reload.h"
#include "sandbox/sandbox.h"
#include "status.h"
#include "sys/log.h"
#include "sys/sys.h"

/* Of the TPM: what still waits for it then is left behind at the end, and is
 * not waited for at the beginning; more than a slow chip's one command. */
enum { END_S = 10, READY_MS = 10 * 1000 };

static void
on_stop(void *arg)
{
	struct agentd *a = arg;

	sys_end_within(END_S);
	loop_quit(a->loop);
}

static bool
on_reload(void *arg, struct err *why)
{
	return agentd_reload(arg, why);
}

static void
on_tpm(void *arg, const struct err *why)
{
	struct agentd *a = arg;

	if (why == NULL)
		log_notice("event=tpm tpm=\"%s\" state=ready", a->config.tcti);
	else
		log_error("event=tpm tpm=\"%s\" state=away error=\"%s\"",
		          a->config.tcti, why->text);
	a->asked = true;
	a->no_tpm = why != NULL ? *why : (struct err){0};
	/* Also without one: a boot does not wait for it. */
	life_ready(a->life);
	life_changed(a->life);
}

/* Nor for one that does not answer. */
static void
on_patience(void *arg)
{
	const struct agentd *a = arg;

	life_ready(a->life);
}

static bool
open_server(struct agentd *a, struct err *err)
{
	const struct life_calls life = {on_stop, on_reload, agentd_status, a};
	const struct worker_calls calls = {on_tpm, a};
	struct server_options options;

	a->loop = loop_new();
	a->worker = worker_new(a->loop, &a->tpm, &calls);
	agentd_log_paths(&a->config, a->log_paths);
	a->logs = logs_new(a->loop, a->log_paths);
	a->facts = facts_new(a->loop);
	options = agentd_server_options(a);
	a->server = server_new(a->loop, a->shown.tls, a->worker, &options, err);
	if (a->server == NULL)
		return false;
	log_notice("listen=%s", listener_address(server_listener(a->server)));
	agentd_say_lacks(a);
	a->life = life_new(a->loop, &life);
	a->patience = timer_new(a->loop, READY_MS, on_patience, a);
	return true;
}

static void
agentd_close(struct agentd *a)
{
	server_free(a->server);
	worker_free(a->worker);
	logs_free(a->logs);
	facts_free(a->facts);
	timer_free(a->patience);
	life_free(a->life);
	loop_free(a->loop);
	credentials_done(&a->shown);
	agentd_config_done(&a->config);
}

static bool
show_eks(const struct tpm_options *options, struct err *err)
{
	struct tpm *tpm = tpm_open(options, err);
	struct identity id;

	if (tpm == NULL)
		return false;
	if (!tpm_identity(tpm, &id, err)) {
		tpm_close(tpm);
		return false;
	}
	tpm_close(tpm);
	for (size_t i = 0; i < id.n_eks; i++) {
		const struct ek *ek = &id.eks[i];
		char hex[TEXT_HEX_SIZE(SHA256_SIZE)];
		uint8_t sha256[SHA256_SIZE];

		ek_digest(ek, sha256);
		printf("%s %s\n", ek->algorithm,
		       text_hex(span_of(sha256, SHA256_SIZE), hex));
	}
	return true;
}

/* Before the first thread and the first stranger. */
static void
shut_in(void)
{
	const struct sandbox sandbox = {.programs = true, .internet = true};
	struct err why = {0};

	if (!sandbox_enter(&sandbox, &why))
		log_warning("sandbox=off error=\"%s\"", why.text);
}

static bool
agentd_run(struct agentd *a, struct err *err)
{
	struct agentd_told told;
	struct scrape *scrape;
	enum log_level level;

	if (!agentd_config_load(&a->options, &a->config, err))
		return false;
	if (!log_level_of(a->config.log_level, &level))
		level = LOG_LEVEL_NOTICE;
	log_open("virt-attest-agentd", a->options.foreground, level);
	a->tpm = agentd_tpm_options(&a->config);
	if (a->options.extra)
		return show_eks(&a->tpm, err);
	shut_in();
	if (!credentials_read(&a->config, NULL, &a->shown, err) ||
	    !open_server(a, err))
		return false;
	told = (struct agentd_told){a->server, a->worker, a->shown.tls};
	scrape = agentd_metrics(a->loop, a->config.metrics_listen, &told);
	loop_run(a->loop);
	scrape_free(scrape);
	return true;
}

int
main(int argc, char **argv)
{
	struct agentd a = {
	    .options =
		{
		    .program = "virt-attest-agentd",
		    .default_config = "/etc/virt-attest/agentd.conf",
		    .usage = "virt-attest-agentd [-c FILE] [-o KEY=VALUE]..."
			     " [-d] [--show-ek]",
		    .extra_name = "show-ek",
		},
	};
	struct err err = {0};
	int status = 0;

	/* tpm2-tss would write to stderr by itself; we say it once. */
	(void)setenv("TSS2_LOG", "all+NONE", 0);
	life_hold();
	if (!daemon_options_read(&a.options, argc, argv, &status))
		return status;
	if (!agentd_run(&a, &err)) {
		fprintf(stderr, "virt-attest-agentd: %s\n", err.text);
		status = 1;
	}
	agentd_close(&a);
	return status;
}
