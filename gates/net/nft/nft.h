/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nftables.  libnftables stands behind this folder and does not pass it. */
#ifndef NFT_NFT_H
#define NFT_NFT_H

#include "base/auto.h"
#include "base/buf.h"
#include "base/err.h"

struct nft;

/* NULL, with a sentence: the kernel's netlink is not to be had. */
struct nft *nft_new(struct err *);
void nft_free(struct nft *);

/* Tells the kernel the commands, as one transaction: all of them or none. */
MUST_CHECK bool nft_tell(struct nft *, const struct buf *commands,
                         struct err *);

/* A netlink socket that has something to read when somebody changes any table.
 * -1, with a sentence; else the caller's to close(). */
int wiped_open(struct err *);

/* Reads what is there, and says whether a table, chain, rule or set went away
 * in the table `name` of family inet; also when it cannot be known. */
MUST_CHECK bool wiped_read(int fd, const char *name);

#endif
