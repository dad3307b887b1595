/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many verifiers of one agent, whose TPM is slow. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "net/stream.h"
#include "proto/verifier_session.h"
#include "sys/sys.h"

struct load;

struct asker {
	struct load *load;
	struct stream *stream;
	struct verifier_session session;
	double asked;
};

struct load {
	struct loop *loop;
	struct asker askers[ASKERS];
	struct pcr_selection selection;
	struct series *latency;
	double begun, ended, answers;
	uint64_t first, last; /* signatures of the TPM */
};

static void
ask(struct asker *a)
{
	struct challenge c = {.selection = a->load->selection};
	AUTO(buf_done) struct buf out = {0};
	struct err err = {0};

	if (!sys_random(c.nonce, NONCE_SIZE, &err))
		die("askers", &err);
	verifier_session_ask_quote(&a->session, &c, &out);
	a->asked = now_us();
	stream_write(a->stream, buf_span(&out));
}

static void
on_opened(void *arg)
{
	ask(arg);
}

/* The first answers come while the others still connect: not counted. */
static void
count(struct asker *a)
{
	struct load *load = a->load;

	load->last = a->session.evidence.counters.signatures;
	load->ended = now_us();
	if (load->begun == 0 && load->answers++ < 4 * ASKERS)
		return;
	if (load->begun == 0) {
		load->begun = load->ended;
		load->first = load->last;
		load->answers = 0;
		return;
	}
	load->answers++;
	series_add(load->latency, load->ended - a->asked);
}

static size_t
on_bytes(void *arg, struct span in)
{
	struct asker *a = arg;
	enum verifier_want want;
	size_t used;

	want = verifier_session_feed(&a->session, in, &used);
	if (want == VERIFIER_HAS_ERROR || want == VERIFIER_BROKEN)
		die("askers", &a->session.error);
	if (want == VERIFIER_HAS_EVIDENCE) {
		count(a);
		ask(a);
	}
	return used;
}

static void
on_closed(void *arg, const struct err *why)
{
	(void)arg;
	die("askers", why);
}

static void
on_end(void *arg)
{
	loop_quit(arg);
}

static struct tls *
open_tls(const char *folder)
{
	char ca[512], cert[512], key[512];
	const struct tls_files files = {.ca = ca, .cert = cert, .key = key};
	struct err err = {0};
	struct tls *tls;

	snprintf(ca, sizeof(ca), "%s/pki/cacert.pem", folder);
	snprintf(cert, sizeof(cert), "%s/pki/verifier/clientcert.pem", folder);
	snprintf(key, sizeof(key), "%s/pki/verifier/clientkey.pem", folder);
	tls = tls_client_new(&files, PROTO_ALPN, &err);
	if (tls == NULL)
		die("askers", &err);
	return tls;
}

void
measure_askers(const char *agent, const char *folder, struct series *latency,
               struct askers_result *result)
{
	static const struct stream_calls says = {
	    .opened = on_opened, .bytes = on_bytes, .closed = on_closed};
	static struct load load;
	struct tls *tls = open_tls(folder);
	struct stream_target target = {"127.0.0.1", 0, "host-a", 10000};
	struct timer *end;
	struct err err = {0};

	target.port = (uint16_t)strtoul(strrchr(agent, ':') + 1, NULL, 10);
	if (!pcr_selection_parse("sha256:0,2,4,7", &load.selection, &err))
		die("askers", &err);
	load.loop = loop_new();
	load.latency = latency;
	for (int i = 0; i < ASKERS; i++) {
		struct asker *a = &load.askers[i];

		a->load = &load;
		verifier_session_open(&a->session);
		a->stream = stream_connect(load.loop, tls, &target, &says, a);
	}
	end = timer_new(load.loop, 1000 * (ASKERS_SECONDS + 2), on_end,
	                load.loop);
	loop_run(load.loop);
	for (int i = 0; i < ASKERS; i++) {
		stream_free(load.askers[i].stream);
		verifier_session_done(&load.askers[i].session);
	}
	timer_free(end);
	loop_free(load.loop);
	tls_free(tls);
	result->seconds = (load.ended - load.begun) / 1e6;
	result->answers = load.answers;
	result->signatures = (double)(load.last - load.first);
	if (load.begun == 0 || load.last == load.first)
		die("askers: nothing was signed", NULL);
}
