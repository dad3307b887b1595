/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A rack in one process: many hosts, each at a port of its own on loopback,
 * with keys in software.
 *
 *   virt-attest-farm FOLDER LIST NAME,NAME,...[ NAME,...]...
 *
 * Each word is the names of one certificate, FOLDER/pki/FIRST-NAME; LIST is
 * written when all of them listen: a file for `virt-attest enroll --from`. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/stream.h"
#include "proto/agent_session.h"
#include "soft_host.h"

enum { HOSTS_MAX = 10000, CERTS_MAX = 1000, CLIENTS_MAX = 64 };

struct place {
	struct soft_host *host;
	struct listener *listener;
};

struct farm {
	struct loop *loop;
	size_t n_places, n_tls;
	struct place places[HOSTS_MAX];
	struct tls *tls[CERTS_MAX];
};

/* A verifier at one of the hosts. */
struct client {
	const struct soft_host *host;
	struct stream *stream;
	struct agent_session session;
	uint8_t exporter[EXPORTER_SIZE];
};

static _Noreturn void
die(const char *what, const struct err *err)
{
	fprintf(stderr, "farm: %s: %s\n", what, err != NULL ? err->text : "");
	exit(1);
}

static void
answer_quote(struct client *c, struct buf *out)
{
	const struct endpoint_keys none = {0};
	uint8_t leaf[SHA256_SIZE], root[SHA256_SIZE];
	struct statement said;
	struct evidence evidence;
	struct err err = {0};

	memcpy(said.nonce, c->session.challenge.nonce, NONCE_SIZE);
	memcpy(said.exporter, c->exporter, EXPORTER_SIZE);
	endpoint_keys_digest(&none, said.endpoint);
	statement_leaf(&said, leaf);
	tree_root((const uint8_t(*)[SHA256_SIZE])leaf, 1, root);
	if (soft_host_quote(c->host, &c->session.challenge.selection, root,
	                    &evidence, &err))
		agent_session_evidence(&c->session, &evidence, out);
	else
		agent_session_error(&c->session, &err, out);
}

static void
answer(struct client *c, struct buf *out)
{
	struct identity identity;
	struct activated secret;
	struct err err = {0};

	if (c->session.want == AGENT_WANT_IDENTITY) {
		soft_host_identity(c->host, &identity);
		agent_session_identity(&c->session, &identity, out);
	} else if (c->session.want == AGENT_WANT_EVIDENCE) {
		answer_quote(c, out);
	} else if (c->session.want != AGENT_WANT_SECRET) {
		err_set(&err, ERR_NOT_FOUND, "a soft host has no log or IAK");
		agent_session_error(&c->session, &err, out);
	} else if (soft_host_activate(c->host, &c->session.activation, &secret,
	                              &err)) {
		agent_session_activated(&c->session, &secret, out);
	} else {
		agent_session_error(&c->session, &err, out);
	}
}

static void
client_free(struct client *c)
{
	agent_session_done(&c->session);
	stream_free(c->stream);
	free(c);
}

static size_t
on_bytes(void *arg, struct span in)
{
	AUTO(buf_done) struct buf out = {0};
	struct client *c = arg;
	enum agent_want want;
	size_t used;

	want = agent_session_feed(&c->session, in, &used, &out);
	if (want != AGENT_WANT_BYTES && want != AGENT_WANT_CLOSE)
		answer(c, &out);
	stream_write(c->stream, buf_span(&out));
	if (want == AGENT_WANT_CLOSE)
		stream_finish(c->stream);
	else if (used < in.len)
		stream_resume(c->stream);
	return used;
}

static void
on_closed(void *arg, const struct err *why)
{
	(void)why;
	client_free(arg);
}

static void
on_accepted(void *arg, struct stream *stream)
{
	static const struct stream_calls says = {.bytes = on_bytes,
	                                         .closed = on_closed};
	const struct place *place = arg;
	struct client *c = mem_new(1, sizeof(*c));

	c->host = place->host;
	c->stream = stream;
	agent_session_open(&c->session);
	stream_own(stream, &says, c);
	if (!stream_exporter(stream, c->exporter))
		die("exporter", NULL);
}

static struct tls *
open_tls(const char *folder, const char *name)
{
	char ca[512], cert[512], key[512];
	const struct tls_files files = {.ca = ca, .cert = cert, .key = key};
	struct err err = {0};
	struct tls *tls;

	snprintf(ca, sizeof(ca), "%s/pki/cacert.pem", folder);
	snprintf(cert, sizeof(cert), "%s/pki/%s/servercert.pem", folder, name);
	snprintf(key, sizeof(key), "%s/pki/%s/serverkey.pem", folder, name);
	tls = tls_server_new(&files, PROTO_ALPN, &err);
	if (tls == NULL)
		die(name, &err);
	return tls;
}

static void
open_place(struct farm *farm, struct tls *tls, const char *name)
{
	const struct listener_limits limits = {CLIENTS_MAX, CLIENTS_MAX, 10000};
	struct listener_calls calls = {.accepted = on_accepted};
	struct err err = {0};
	struct place *place;

	if (farm->n_places == HOSTS_MAX)
		die("too many hosts", NULL);
	place = &farm->places[farm->n_places++];
	calls.arg = place;
	place->host = soft_host_new(name);
	place->listener =
	    listen_tls(farm->loop, tls, "127.0.0.1:0", &limits, &calls, &err);
	if (place->listener == NULL)
		die(name, &err);
}

static void
open_certificate(struct farm *farm, const char *folder, char *names)
{
	char *rest = names, *name = strtok_r(names, ",", &rest);
	struct tls *tls;

	if (name == NULL || farm->n_tls == CERTS_MAX)
		die("certificates", NULL);
	tls = farm->tls[farm->n_tls++] = open_tls(folder, name);
	for (; name != NULL; name = strtok_r(NULL, ",", &rest))
		open_place(farm, tls, name);
}

/* Whole or not at all: who waits for it may read it. */
static void
write_list(const struct farm *farm, const char *path)
{
	char part[512];
	FILE *file;

	snprintf(part, sizeof(part), "%s.part", path);
	file = fopen(part, "w");
	if (file == NULL)
		die(part, NULL);
	fprintf(file, "name,address,ek_sha256,label\r\n");
	for (size_t i = 0; i < farm->n_places; i++) {
		const struct place *place = &farm->places[i];
		char hex[TEXT_HEX_SIZE(SHA256_SIZE)];
		uint8_t sha256[SHA256_SIZE];
		struct identity id;
		struct span ek;

		soft_host_identity(place->host, &id);
		ek = span_of(id.eks[0].public_area.at,
		             id.eks[0].public_area.len);
		crypto_sha256(&ek, 1, sha256);
		fprintf(file, "%s,%s,%s,\"rack 1, place %zu\"\r\n",
		        soft_host_name(place->host),
		        listener_address(place->listener),
		        text_hex(span_of(sha256, SHA256_SIZE), hex), i + 1);
	}
	if (fclose(file) != 0 || rename(part, path) != 0)
		die(path, NULL);
}

static void
on_stop(void *arg)
{
	loop_quit(arg);
}

int
main(int argc, char **argv)
{
	static struct farm farm;
	struct rlimit files;
	struct watch *stop;

	if (argc < 4)
		die("FOLDER LIST NAMES...", NULL);
	/* A descriptor for each host. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	farm.loop = loop_new();
	for (int i = 3; i < argc; i++)
		open_certificate(&farm, argv[1], argv[i]);
	stop = watch_signal(farm.loop, SIGTERM, on_stop, farm.loop);
	write_list(&farm, argv[2]);
	loop_run(farm.loop);
	watch_free(stop);
	for (size_t i = 0; i < farm.n_places; i++) {
		listener_free(farm.places[i].listener);
		soft_host_free(farm.places[i].host);
	}
	for (size_t i = 0; i < farm.n_tls; i++)
		tls_free(farm.tls[i]);
	loop_free(farm.loop);
	return 0;
}
