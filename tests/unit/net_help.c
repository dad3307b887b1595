/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <nss.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net_help.h"

#define BOTH "serverAuth,clientAuth"

struct pki net_pki, net_other_pki;
static struct pki sub_pki;

int
net_group_start(void **state)
{
	static const struct pki_leaf leaves[] = {
	    {"host", "DNS:host.test,IP:127.0.0.1", BOTH, 5},
	    {"verifier", "DNS:verifier.test", BOTH, 5},
	    {"old", "DNS:host.test", BOTH, -1},
	    {"bad", "DNS:host.test", BOTH, 5},
	    {"server-only", "DNS:verifier.test", "serverAuth", 5},
	    {"cn-only", NULL, BOTH, 5},
	    {"many",
	     "DNS:host.test,IP:192.0.2.7,DNS:10.0.0.1,IP:2001:DB8:0:0::7,"
	     "IP:::ffff:192.0.2.8,IP:fe80::1",
	     BOTH, 5},
	};
	static const struct pki_leaf deep = {
	    "deep", "DNS:host.test,DNS:verifier.test", BOTH, 5};
	static const struct pki_leaf theirs = {"stranger", "DNS:host.test",
	                                       BOTH, 5};

	(void)state;
	/* Look-ups end in /etc/hosts: no name server is asked, or waited for.
	 */
	if (__nss_configure_lookup("hosts", "files") != 0)
		abort();
	pki_new(&net_pki, "ca");
	for (size_t i = 0; i < LENGTH_OF(leaves); i++)
		pki_leaf(&net_pki, &leaves[i]);
	pki_crl(&net_pki, "crl", "bad", 5);
	pki_crl(&net_pki, "crl-old", NULL, -1);
	pki_sub(&sub_pki, &net_pki, "sub");
	pki_leaf(&sub_pki, &deep);
	pki_crl(&net_pki, "crl-whole", NULL, 5);
	pki_crl(&sub_pki, "crl-whole", NULL, 5);
	pki_crl(&net_pki, "crl-sub", "sub", 5);
	pki_crl(&sub_pki, "crl-sub", NULL, 5);
	pki_new(&net_other_pki, "other");
	pki_leaf(&net_other_pki, &theirs);
	return 0;
}

int
net_group_end(void **state)
{
	(void)state;
	pki_done(&sub_pki);
	pki_done(&net_pki);
	pki_done(&net_other_pki);
	return 0;
}

static void
quit_if(struct end *e, bool yes)
{
	if (yes)
		loop_quit(e->of->loop);
}

static void
drop_stream(struct end *e)
{
	stream_free(e->stream);
	e->stream = NULL;
}

static void
on_opened(void *arg)
{
	struct end *e = arg;

	e->opened = true;
	if (e->free_at_opened)
		drop_stream(e);
	else if (!stream_exporter(e->stream, e->exporter))
		abort();
	if (e->say != NULL && e->stream != NULL)
		stream_write(e->stream, span_str(e->say));
	quit_if(e, e->quit_opened);
}

static size_t
on_bytes(void *arg, struct span in)
{
	struct end *e = arg;

	e->offered = in.len;
	if (e->idle) {
		quit_if(e, e->quit_bytes != 0 && in.len >= e->quit_bytes);
		return 0;
	}
	if (e->n_in == 0)
		snprintf(e->first, sizeof(e->first), "%.*s", (int)in.len,
		         (const char *)in.at);
	e->n_in += in.len;
	if (e->echo)
		stream_write(e->stream, in);
	if (e->free_at_bytes)
		drop_stream(e);
	quit_if(e, e->quit_bytes != 0 && e->n_in >= e->quit_bytes);
	return in.len;
}

static void
on_closed(void *arg, const struct err *why)
{
	struct end *e = arg;

	e->closed = true;
	e->why = *why;
	if (e->free_at_closed)
		drop_stream(e);
	quit_if(e, e->quit_closed);
}

const struct stream_calls *
net_calls(void)
{
	static const struct stream_calls calls = {
	    .opened = on_opened, .bytes = on_bytes, .closed = on_closed};

	return &calls;
}

static void
on_accepted(void *arg, struct stream *stream)
{
	struct net_case *c = arg;
	struct end *e = &c->server[c->n_server];

	if (c->free_accepted || c->n_server == CASE_ENDS_MAX) {
		stream_free(stream);
		return;
	}
	c->n_server++;
	e->of = c;
	e->stream = stream;
	stream_own(stream, net_calls(), e);
	e->opened = true;
	/* A Unix stream has none. */
	if (!stream_exporter(stream, e->exporter))
		memset(e->exporter, 0, sizeof(e->exporter));
	quit_if(e, e->quit_opened);
}

static const char *
file_of(struct pki *pki, const char *name, const char *suffix)
{
	char file[80];

	if (name == NULL)
		return NULL;
	snprintf(file, sizeof(file), "%s%s", name, suffix);
	return pki_path(pki, file);
}

static struct tls *
tls_of(bool server, const char *name, const char *ca, const char *crl,
       const char *alpn)
{
	struct pki *own =
	    strcmp(name, "stranger") == 0 ? &net_other_pki : &net_pki;
	struct pki *of_ca =
	    strcmp(ca, "other") == 0 ? &net_other_pki : &net_pki;
	const struct tls_files files = {
	    .ca = file_of(of_ca, ca, ".pem"),
	    .cert = file_of(own, name, ".pem"),
	    .key = file_of(own, name, ".key"),
	    .crl = file_of(&net_pki, crl, ".pem"),
	};
	struct err err = {0};
	struct tls *tls = server ? tls_server_new(&files, alpn, &err)
	                         : tls_client_new(&files, alpn, &err);

	if (tls == NULL) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	return tls;
}

void
net_start(struct net_case *c, const struct net_setup *setup)
{
	const struct listener_calls calls = {.accepted = on_accepted, .arg = c};
	static const struct net_setup plain;
	const struct net_setup *u = setup != NULL ? setup : &plain;
	struct err err;

#define OR(a, b) ((a) != NULL ? (a) : (b))
	c->server_tls =
	    tls_of(true, OR(u->server, "host"), OR(u->server_ca, "ca"),
	           u->server_crl, OR(u->server_alpn, "test/1"));
	c->client_tls =
	    tls_of(false, OR(u->client, "verifier"), OR(u->client_ca, "ca"),
	           u->client_crl, OR(u->client_alpn, "test/1"));
	c->loop = loop_new();
	if (c->limits.streams_max == 0)
		c->limits = (struct listener_limits){16, 8, CASE_MS};
	c->listener = listen_tls(c->loop, c->server_tls, "127.0.0.1:0",
	                         &c->limits, &calls, &err);
	if (c->listener == NULL) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	c->port =
	    (uint16_t)atoi(strrchr(listener_address(c->listener), ':') + 1);
}

static void
client_start(struct net_case *c, size_t n, const struct stream_target *target)
{
	struct end *e = &c->client[n];

	e->of = c;
	e->stream =
	    stream_connect(c->loop, c->client_tls, target, net_calls(), e);
}

void
net_connect(struct net_case *c, size_t n, const char *name)
{
	client_start(
	    c, n, &(struct stream_target){"127.0.0.1", c->port, name, CASE_MS});
}

void
net_connect_to(struct net_case *c, size_t n, const char *address, uint16_t port,
               uint64_t timeout_ms)
{
	client_start(
	    c, n,
	    &(struct stream_target){address, port, "host.test", timeout_ms});
}

static void
on_limit(void *arg)
{
	struct net_case *c = arg;

	c->timed_out = true;
	loop_quit(c->loop);
}

void
net_run(struct net_case *c)
{
	c->limit = timer_new(c->loop, CASE_MS, on_limit, c);
	loop_run(c->loop);
	timer_free(c->limit);
	if (c->timed_out) {
		fprintf(stderr, "nothing came in %d ms\n", CASE_MS);
		abort();
	}
}

void
net_stop(struct net_case *c)
{
	for (size_t i = 0; i < CASE_ENDS_MAX; i++) {
		stream_free(c->client[i].stream);
		stream_free(c->server[i].stream);
	}
	listener_free(c->listener);
	loop_free(c->loop);
	tls_free(c->server_tls);
	tls_free(c->client_tls);
}

int
net_plain_socket(const struct net_case *c)
{
	const struct sockaddr_in at = {
	    .sin_family = AF_INET,
	    .sin_port = htons(c->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    connect(fd, (const struct sockaddr *)&at, sizeof(at)) != 0)
		abort();
	return fd;
}

int
net_plain_listener(uint16_t *port)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &size) != 0)
		abort();
	*port = ntohs(at.sin_port);
	return fd;
}
