/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is open when the rules of a TLS context change. */
#ifndef NET_REVIEW_PRIVATE_H
#define NET_REVIEW_PRIVATE_H

#include "net/net_private.h"

/* A stream joins when it has its session. */
void review_join(struct stream *, struct tls *);
void review_leave(struct stream *);
void review_begin(struct tls *);
/* Its handshake is over: whether its peer may be there, by the rules of now. */
bool review_admits(struct stream *, struct err *);
/* The same of a stream that is open, before something passes over it; it ends
 * by itself if not. */
bool review_passed(struct stream *);

#endif
