/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One loop with a server and a client in it, for the tests of common/net. */
#ifndef NET_HELP_H
#define NET_HELP_H

#include "net/loop.h"
#include "net/probe.h"
#include "net/stream.h"
#include "test_pki.h"

enum { CASE_MS = 10000, CASE_ENDS_MAX = 40 };

struct net_case;

/* One end of a connection, and what it was told. */
struct end {
	struct net_case *of;
	struct stream *stream;
	bool opened, closed, echo, idle;
	const char *say; /* as soon as it is open */
	bool free_at_opened, free_at_bytes, free_at_closed;
	struct err why;
	size_t n_in;    /* bytes taken so far */
	size_t offered; /* at the last offer */
	char first[64]; /* of what came */
	uint8_t exporter[32];
	/* Stop the loop when ... */
	bool quit_opened, quit_closed;
	size_t quit_bytes;
};

struct net_case {
	struct loop *loop;
	struct tls *server_tls, *client_tls;
	struct listener *listener;
	struct listener_limits limits;
	struct end server[CASE_ENDS_MAX], client[CASE_ENDS_MAX];
	size_t n_server;
	bool free_accepted; /* free streams from within `accepted` */
	struct timer *limit, *poll;
	bool timed_out;
	uint16_t port;
};

/* Which files each end uses (names of the PKI's files; NULL: the default). */
struct net_setup {
	const char *server, *client; /* "host", "verifier" */
	const char *server_ca, *client_ca;
	const char *server_crl, *client_crl;
	const char *server_alpn, *client_alpn;
};

extern struct pki net_pki, net_other_pki; /* of the group */
int net_group_start(void **);
int net_group_end(void **);

void net_start(struct net_case *, const struct net_setup *);
/* The n-th client connects to the listener, or to `port`. */
void net_connect(struct net_case *, size_t n, const char *name);
void net_connect_to(struct net_case *, size_t n, const char *address,
                    uint16_t port, uint64_t timeout_ms);
/* Runs until an end's quit_ comes; aborts the test when none comes. */
void net_run(struct net_case *);
void net_stop(struct net_case *);
/* A plain TCP socket, connected to the listener. */
int net_plain_socket(const struct net_case *);
int net_plain_listener(uint16_t *port);
const struct stream_calls *net_calls(void);

#endif
