/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of common/net share.  libevent's and OpenSSL's types end
 * here. */
#ifndef NET_NET_PRIVATE_H
#define NET_NET_PRIVATE_H

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "net/probe.h"
#include "net/stream.h"

/* The threads that look names up outlive what asked, and may outlive the loop:
 * the last one to leave frees this. */
struct lookups {
	atomic_uint refs, running;
};

struct loop {
	struct event_base *base;
	struct lookups *lookups;
};

struct tls {
	SSL_CTX *ctx;
	struct signer *signer; /* NULL: a key of a file */
	bool server;
	unsigned char alpn[64]; /* length byte and name, as on the wire */
	unsigned alpn_len;
	char **allowed;
	size_t n_allowed;
	bool lent;      /* the signer is another context's */
	unsigned rules; /* grows when another context takes its place */
	LIST_HEAD(, stream) streams;
	struct stream *review;  /* the next to be looked at anew */
	struct timer *reviewer; /* NULL: none is under way */
};

enum { PEER_TEXT_MAX = 256, PEER_GROUPS_MAX = 256 };

struct stream {
	struct loop *loop;
	struct bufferevent *bev;
	struct tls *tls; /* NULL on a Unix stream */
	LIST_ENTRY(stream) of_tls;
	unsigned rules;      /* of `tls`, that its peer was judged by */
	struct err *refused; /* by later ones: it ends by this */
	SSL *ssl; /* bev's, once there is one; NULL on a Unix stream */
	const struct stream_calls *calls;
	void *arg;
	bool open, finishing, ended;
	bool *freed; /* set when the owner frees it in a call */
	struct timer *timer, *resume;
	struct connecting *connecting;
	struct listener *listener;
	LIST_ENTRY(stream) of_listener;
	char peer[PEER_TEXT_MAX];
	bool is_unix;
	uid_t uid;
	size_t n_groups;
	gid_t groups[PEER_GROUPS_MAX];
};

/* stream.c */
struct stream *stream_new(struct loop *);
/* Gives `fd` to the stream; for TLS (s->ssl) the handshake starts. */
void stream_begin(struct stream *, int fd, bool server);
/* Tell the owner that it is over, once. */
void stream_end(struct stream *, const struct err *why);
void stream_tune(int fd);

/* listener.c: what its streams tell it. */
/* A stream that nobody was given has failed: count it, free it. */
void listener_drop(struct listener *, struct stream *, const struct err *why);
void listener_opened(struct listener *, struct stream *);
void listener_forget(struct listener *, struct stream *);

/* refusal.c: of a stream that nobody was given. */
enum refusal refusal_of(const struct stream *, const struct err *why);

/* bind.c: a bound socket, or -1.  `address` gets where it really is. */
int bind_tcp(const char *listen_on, char *address, size_t size, struct err *);
int bind_unix(const char *path, mode_t mode, struct err *);
/* One that somebody else bound and listens on. */
bool bind_passed(int fd, char *path, size_t size, struct err *);
/* Whether the machine has the address that a TCP socket is bound to. */
bool bind_is_there(int fd);

/* listener.c, for http.c: TCP without TLS, of an address that only this machine
 * has; who is at the other end is not known. */
struct listener *listen_plain(struct loop *, const char *listen,
                              const struct listener_limits *,
                              const struct listener_calls *, struct err *);

/* connect.c */
void connecting_free(struct connecting *);
/* A name or literal becomes a connected descriptor: the callee's. */
struct connecting *
connecting_new(struct loop *, const char *address, uint16_t port,
               void (*done)(void *arg, int fd, const struct err *), void *arg);

/* lookup.c: getaddrinfo(3) on a thread of its own.  `done` gets a list that is
 * the callee's to freeaddrinfo(), or why there is none. */
struct lookup;
struct lookup *lookup_new(struct loop *, const char *address, uint16_t port,
                          void (*done)(void *arg, struct addrinfo *,
                                       const struct err *),
                          void *arg);
void lookup_free(struct lookup *);
void lookups_leave(struct lookups *);

#endif
