/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "nft.h"

#include <nftables/libnftables.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct nft {
	struct nft_ctx *ctx;
};

struct nft *
nft_new(struct err *err)
{
	struct nft_ctx *ctx = nft_ctx_new(NFT_CTX_DEFAULT);
	struct nft *nft;

	/* What is said is for `err`, and not for our own standard output. */
	if (ctx == NULL || nft_ctx_buffer_output(ctx) != 0 ||
	    nft_ctx_buffer_error(ctx) != 0) {
		err_set(err, ERR_UNAVAILABLE, "libnftables does not start");
		if (ctx != NULL)
			nft_ctx_free(ctx);
		return NULL;
	}
	nft = mem_new(1, sizeof(*nft));
	nft->ctx = ctx;
	return nft;
}

void
nft_free(struct nft *nft)
{
	if (nft == NULL)
		return;
	nft_ctx_free(nft->ctx);
	free(nft);
}

bool
nft_tell(struct nft *nft, const struct buf *commands, struct err *err)
{
	AUTO(buf_done) struct buf text = {0};
	const char *said;

	buf_add(&text, buf_span(commands));
	buf_u8(&text, '\0');
	if (text.over)
		return err_set(err, ERR_LIMIT, "too much for nftables");
	if (nft_run_cmd_from_buffer(nft->ctx, (const char *)text.at) == 0)
		return true;
	said = nft_ctx_get_error_buffer(nft->ctx);
	return err_set(err, ERR_IO, "nftables: %.*s", (int)strcspn(said, "\n"),
	               said);
}
