/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest-agentd: answers quote requests with this host's TPM. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "config.h"
#include "evidence/endorsement.h"
#include "proto/message.h"
#include "server.h"
#include "sys/log.h"
#include "sys/sys.h"

/* Then what still waits for the TPM is left behind; more than a slow chip's one
 * command. */
enum { END_S = 10 };

struct agentd {
	struct daemon_options options;
	struct config config;
	struct tpm_options tpm;
	struct endpoint_keys endpoints;
	struct certificate_bytes migration_ca;
	struct loop *loop;
	struct tls *tls;
	struct worker *worker;
	const char *log_paths[MLOG_KINDS];
	struct logs *logs;
	struct facts *facts;
	struct server *server;
	struct watch *on_term, *on_int;
	bool ready; /* systemd was told */
};

static void
on_stop(void *arg)
{
	struct agentd *a = arg;

	sys_notify("STOPPING=1");
	sys_end_within(END_S);
	loop_quit(a->loop);
}

static void
on_tpm(void *arg, const struct err *why)
{
	struct agentd *a = arg;

	if (why == NULL)
		log_notice("tpm=\"%s\" state=ready", a->config.tcti);
	else
		log_error("tpm=\"%s\" state=away error=\"%s\"", a->config.tcti,
		          why->text);
	if (!a->ready)
		sys_notify(why == NULL ? "READY=1\nSTATUS=serving"
		                       : "READY=1\nSTATUS=no TPM yet");
	a->ready = true;
}

static bool
load_endpoints(struct agentd *a, struct err *err)
{
	bool missing;

	if (!agentd_endpoints(&a->config, &a->endpoints, &missing, err))
		return false;
	if (missing)
		log_notice("endpoint_certs: libvirt's server certificate is "
		           "not there; its key is not attested");
	return agentd_migration_ca(&a->config, &a->endpoints, &a->migration_ca,
	                           err);
}

static bool
open_tls(struct agentd *a, struct err *err)
{
	const struct config *c = &a->config;
	const struct tls_files files = {
	    .ca = c->tls_ca,
	    .cert = c->tls_cert,
	    .key = c->tls_key,
	    .crl = c->tls_crl,
	    .tcti = c->tcti,
	};

	if (!agentd_key_allowed(c, err))
		return false;
	a->tls = tls_server_new(&files, PROTO_ALPN, err);
	if (a->tls == NULL)
		return false;
	tls_allow(a->tls, (const char *const *)c->allowed_verifiers.items,
	          c->allowed_verifiers.n);
	return true;
}

static bool
open_server(struct agentd *a, struct err *err)
{
	const struct worker_calls calls = {on_tpm, a};
	struct server_options options = {
	    .listen = a->config.listen,
	    .max_clients = a->config.max_clients,
	    .endpoints = &a->endpoints,
	    .migration_ca = &a->migration_ca,
	    .facts_verifiers =
		(const char *const *)a->config.facts_verifiers.items,
	    .n_facts_verifiers = a->config.facts_verifiers.n,
	};

	a->loop = loop_new();
	a->on_term = watch_signal(a->loop, SIGTERM, on_stop, a);
	a->on_int = watch_signal(a->loop, SIGINT, on_stop, a);
	a->worker = worker_new(a->loop, &a->tpm, &calls);
	agentd_log_paths(&a->config, a->log_paths);
	a->logs = logs_new(a->loop, a->log_paths);
	options.logs = a->logs;
	a->facts = facts_new(a->loop);
	options.facts = a->facts;
	a->server = server_new(a->loop, a->tls, a->worker, &options, err);
	if (a->server == NULL)
		return false;
	log_notice("listen=%s", server_address(a->server));
	return true;
}

static void
agentd_close(struct agentd *a)
{
	server_free(a->server);
	worker_free(a->worker);
	logs_free(a->logs);
	facts_free(a->facts);
	watch_free(a->on_term);
	watch_free(a->on_int);
	loop_free(a->loop);
	tls_free(a->tls);
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

static bool
agentd_run(struct agentd *a, struct err *err)
{
	enum log_level level;

	if (!agentd_config_load(&a->options, &a->config, err))
		return false;
	if (!log_level_of(a->config.log_level, &level))
		level = LOG_LEVEL_NOTICE;
	log_open("virt-attest-agentd", a->options.foreground, level);
	a->tpm = agentd_tpm_options(&a->config);
	if (a->options.extra)
		return show_eks(&a->tpm, err);
	if (!load_endpoints(a, err) || !open_tls(a, err) ||
	    !open_server(a, err))
		return false;
	loop_run(a->loop);
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
	if (!daemon_options_read(&a.options, argc, argv, &status))
		return status;
	if (!agentd_run(&a, &err)) {
		fprintf(stderr, "virt-attest-agentd: %s\n", err.text);
		status = 1;
	}
	agentd_close(&a);
	return status;
}
