/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A rack in one process: many hosts, each at a port of its own on loopback,
 * with keys in software.
 *
 *   virt-attest-farm [--restarts MS LOG] FOLDER LIST NAME,NAME,...[
 * NAME,...]...
 *
 * Each word is the names of one certificate, FOLDER/pki/FIRST-NAME; LIST is
 * written when all of them listen: a file for `virt-attest enroll --from`.
 * With --restarts one of them, whichever it is, goes every MS milliseconds,
 * with all its connections, and comes back after some; LOG gets a line when it
 * is back: its name, and the Unix time of both in milliseconds. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/stream.h"
#include "proto/agent_session.h"
#include "soft_host.h"

enum {
	HOSTS_MAX = 10000,
	CERTS_MAX = 1000,
	CLIENTS_MAX = 64,
	DOWN_LEAST_MS = 100,
	DOWN_MOST_MS = 8000,
};

struct client;
LIST_HEAD(clients, client);

struct place {
	struct soft_host *host;
	struct tls *tls;
	struct listener *listener; /* NULL: it is down */
	struct clients clients;
	char address[64];
	/* While it is down. */
	struct farm *farm;
	struct timer *back;
	uint64_t down_ms;
};

struct farm {
	struct loop *loop;
	size_t n_places, n_tls;
	struct place places[HOSTS_MAX];
	struct tls *tls[CERTS_MAX];
	uint64_t restart_ms; /* 0: none */
	FILE *restarts;
	struct timer *next;
};

/* A verifier at one of the hosts. */
struct client {
	LIST_ENTRY(client) of_place;
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
	LIST_REMOVE(c, of_place);
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
	struct place *place = arg;
	struct client *c = mem_new(1, sizeof(*c));

	LIST_INSERT_HEAD(&place->clients, c, of_place);
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
place_listen(struct place *place, const char *where)
{
	const struct listener_limits limits = {CLIENTS_MAX, CLIENTS_MAX, 10000};
	const struct listener_calls calls = {.accepted = on_accepted,
	                                     .arg = place};
	struct err err = {0};

	place->listener = listen_tls(place->farm->loop, place->tls, where,
	                             &limits, &calls, &err);
	if (place->listener == NULL)
		die(soft_host_name(place->host), &err);
	snprintf(place->address, sizeof(place->address), "%s",
	         listener_address(place->listener));
}

static void
open_place(struct farm *farm, struct tls *tls, const char *name)
{
	struct place *place;

	if (farm->n_places == HOSTS_MAX)
		die("too many hosts", NULL);
	place = &farm->places[farm->n_places++];
	place->farm = farm;
	place->tls = tls;
	place->host = soft_host_new(name);
	LIST_INIT(&place->clients);
	place_listen(place, "127.0.0.1:0");
}

static void
place_close(struct place *place)
{
	struct client *c;

	listener_free(place->listener);
	place->listener = NULL;
	while ((c = LIST_FIRST(&place->clients)) != NULL)
		client_free(c);
}

static uint64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Also of one that is not back at the end. */
static void
was_down(struct place *place)
{
	timer_free(place->back);
	place->back = NULL;
	fprintf(place->farm->restarts, "%s %llu %llu\n",
	        soft_host_name(place->host), (unsigned long long)place->down_ms,
	        (unsigned long long)now_ms());
	(void)fflush(place->farm->restarts);
}

static void
on_back(void *arg)
{
	struct place *place = arg;
	char where[sizeof(place->address)];

	was_down(place);
	memcpy(where, place->address, sizeof(where));
	place_listen(place, where);
}

static void
on_restart(void *arg)
{
	struct farm *farm = arg;
	struct place *place = &farm->places[(size_t)random() % farm->n_places];
	uint64_t least = DOWN_LEAST_MS, span = DOWN_MOST_MS - DOWN_LEAST_MS;

	timer_free(farm->next);
	farm->next = timer_new(farm->loop, farm->restart_ms, on_restart, farm);
	if (place->listener == NULL)
		return;
	place->down_ms = now_ms();
	place_close(place);
	place->back = timer_new(farm->loop, least + (uint64_t)random() % span,
	                        on_back, place);
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
		        soft_host_name(place->host), place->address,
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

static void
begin_restarts(struct farm *farm, const char *every, const char *log)
{
	farm->restarts = fopen(log, "w");
	if (farm->restarts == NULL ||
	    !text_u64(every, UINT32_MAX, &farm->restart_ms) ||
	    farm->restart_ms == 0)
		die("--restarts MS LOG", NULL);
	farm->next = timer_new(farm->loop, farm->restart_ms, on_restart, farm);
}

static void
farm_done(struct farm *farm)
{
	timer_free(farm->next);
	for (size_t i = 0; i < farm->n_places; i++) {
		if (farm->places[i].back != NULL)
			was_down(&farm->places[i]);
		place_close(&farm->places[i]);
		soft_host_free(farm->places[i].host);
	}
	for (size_t i = 0; i < farm->n_tls; i++)
		tls_free(farm->tls[i]);
	loop_free(farm->loop);
	if (farm->restarts != NULL)
		(void)fclose(farm->restarts);
}

int
main(int argc, char **argv)
{
	static struct farm farm;
	bool restarts = argc > 3 && strcmp(argv[1], "--restarts") == 0;
	char **words = argv + (restarts ? 4 : 1);
	struct rlimit files;
	struct watch *stop;

	if (argc < (restarts ? 7 : 4))
		die("[--restarts MS LOG] FOLDER LIST NAMES...", NULL);
	/* A descriptor for each host. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	farm.loop = loop_new();
	for (char **one = words + 2; *one != NULL; one++)
		open_certificate(&farm, words[0], *one);
	stop = watch_signal(farm.loop, SIGTERM, on_stop, farm.loop);
	if (restarts)
		begin_restarts(&farm, argv[2], argv[3]);
	write_list(&farm, words[1]);
	loop_run(farm.loop);
	watch_free(stop);
	farm_done(&farm);
	return 0;
}
