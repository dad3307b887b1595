/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connected peer, over TLS or a Unix socket: bytes in, bytes out. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <sys/types.h>

#include "base/err.h"
#include "base/span.h"
#include "net/address.h"
#include "net/loop.h"
#include "net/refusal.h"
#include "net/tls.h"

struct stream;

/* What a stream tells its owner.  `closed` comes at most once, and nothing
 * after it; the owner then calls stream_free().  An owner may call
 * stream_free() in any of them; then nothing more is called. */
struct stream_calls {
	/* Connected (and the TLS handshake is over).  May be NULL. */
	void (*opened)(void *arg);
	/* Bytes came; returns how many were used.  The rest is offered again
	 * with the next bytes, or by stream_resume(). */
	size_t (*bytes)(void *arg, struct span in);
	/* The last of what was queued is sent.  May be NULL. */
	void (*sent)(void *arg);
	/* Gone.  code ERR_NONE: the peer closed in order; ERR_PEER: a
	 * certificate, name or TLS version was refused, by us or by the peer;
	 * ERR_UNAVAILABLE: refused, reset, no route, no such name;
	 * ERR_TIMEOUT; ERR_LIMIT. */
	void (*closed)(void *arg, const struct err *why);
};

enum {
	STREAM_IN_MAX = 16 * 1024,         /* read ahead of what is used */
	STREAM_OUT_MAX = 32 * 1024 * 1024, /* unsent; more closes the stream */
};

/* Who calls back; set by the owner when it takes the stream. */
void stream_own(struct stream *, const struct stream_calls *, void *arg);

/* Queue bytes; on a stream that is not open yet they are lost. */
void stream_write(struct stream *, struct span);

/* Queued bytes that are not sent yet.  When the last of them is, what was not
 * used is offered again. */
size_t stream_unsent(const struct stream *);

/* Offer what was not used again, at the end of this turn. */
void stream_resume(struct stream *);

/* Send what is queued, then close; no more bytes are offered.  Ends by
 * `closed` within STREAM_LINGER_MS at the latest. */
enum { STREAM_LINGER_MS = 2000 };
void stream_finish(struct stream *);

void stream_free(struct stream *);

/* The exporter of RFC 9266 ("EXPORTER-Channel-Binding", no context, 32 bytes).
 * False on a stream that is no open TLS stream. */
MUST_CHECK bool stream_exporter(const struct stream *, uint8_t out[32]);

/* The peer's name for logs: certificate name, or "uid=0 pid=17". */
const char *stream_peer(const struct stream *);

/* Whether a TLS peer's certificate has one of these names, as tls_allow()
 * compares them; of an empty list it has none. */
bool stream_peer_named(const struct stream *, const char *const *names,
                       size_t n);

/* The IP addresses in a TLS peer's certificate (subjectAltName), each in its
 * one spelling; what is beyond `max` is left out.  Returns how many. */
size_t stream_peer_addresses(const struct stream *,
                             char (*out)[ADDRESS_TEXT_SIZE], size_t max);

/* Unix peers (SO_PEERCRED, SO_PEERGROUPS).  `in_group` is true also for the
 * primary group. */
MUST_CHECK bool stream_peer_uid(const struct stream *, uid_t *);
bool stream_peer_in_group(const struct stream *, gid_t);

/* Where to connect: `address` is a name or a literal; the certificate must be
 * for `name` (DNS or IP in subjectAltName); connected and verified within
 * `timeout_ms`. */
struct stream_target {
	const char *address;
	uint16_t port;
	const char *name;
	uint64_t timeout_ms;
};

/* Returns at once; `opened` or `closed` comes later, never from in here.  Names
 * are looked up off the loop's thread. */
struct stream *stream_connect(struct loop *, struct tls *,
                              const struct stream_target *,
                              const struct stream_calls *, void *arg);

/* Listening.  `accepted` gets streams that are open (TLS: after the handshake,
 * with an allowed certificate); the callee owns them and calls stream_own(). */
struct listener_limits {
	size_t streams_max;    /* open at a time; more are closed at once */
	size_t handshakes_max; /* more: the oldest one is dropped */
	uint64_t handshake_ms; /* each must be over by then */
};
/* What a listener does with a new stream. */
struct listener_calls {
	void (*accepted)(void *arg, struct stream *);
	void *arg;
	/* A handshake failed or was dropped; `peer` is its numeric address, or
	 * the certificate's name.  May be NULL.  Nothing may be freed in it. */
	void (*refused)(void *arg, const char *peer, enum refusal,
	                const struct err *why);
};
struct listener;
struct listener *listen_tls(struct loop *, struct tls *, const char *listen,
                            const struct listener_limits *,
                            const struct listener_calls *, struct err *);
/* `mode` is the socket file's; a stale file is replaced, a live one is
 * ERR_EXISTS.  `handshakes_max` and `handshake_ms` do not apply. */
struct listener *listen_unix(struct loop *, const char *path, mode_t mode,
                             const struct listener_limits *,
                             const struct listener_calls *, struct err *);
/* On a Unix socket that listens already; its file is not ours to remove.  The
 * descriptor is the listener's, if there is one. */
struct listener *listen_passed(struct loop *, int fd,
                               const struct listener_limits *,
                               const struct listener_calls *, struct err *);
/* Another limit from now on; who is above it stays. */
void listener_take(struct listener *, size_t streams_max);
/* Whether this machine has the address of listen_tls() by now: who listens need
 * not wait for it, and is reached when it comes. */
bool listener_is_there(const struct listener *);
/* "127.0.0.1:16515", "[::1]:16515": where it really listens (port 0 is
 * resolved). */
const char *listener_address(const struct listener *);
void listener_free(struct listener *);

#endif
