/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A piece of a measurement log. */
#include <assert.h>

#include "proto/codec.h"
#include "proto/message.h"

enum { ENVELOPE_MAX = 128, KIND_MAX = 16 };
static_assert(TEXT_BASE64_SIZE(MLOG_PIECE_MAX) + ENVELOPE_MAX <= LINE_LOG_MAX,
              "the largest piece fits its line");

struct json *
mlog_asking_encode(const struct mlog_asking *asking)
{
	struct json *object = json_new_object();

	json_put_text(object, "log", mlog_kind_name(asking->kind));
	json_put_u64(object, "from", asking->from);
	return object;
}

bool
mlog_asking_decode(const struct json *object, struct mlog_asking *asking,
                   struct err *err)
{
	char name[KIND_MAX];

	*asking = (struct mlog_asking){0};
	if (!json_get_text(object, "log", name, sizeof(name), err) ||
	    !json_get_u64(object, "from", MLOG_FROM_MAX, &asking->from, err))
		return false;
	return mlog_kind_of(name, &asking->kind) ||
	       err_set(err, ERR_UNSUPPORTED, "no such log");
}

struct json *
mlog_piece_encode(const struct mlog_piece *piece)
{
	struct json *object = json_new_object();

	json_put_base64(object, "data", span_of(piece->at, piece->len));
	json_put_bool(object, "more", piece->more);
	return object;
}

bool
mlog_piece_decode(const struct json *object, struct mlog_piece *piece,
                  struct err *err)
{
	piece->len = 0;
	if (!json_get_bool(object, "more", &piece->more, err) ||
	    !json_get_base64(object, "data", piece->at, MLOG_PIECE_MAX,
	                     &piece->len, err))
		return false;
	/* Whoever asks on from where he is would ask for ever. */
	return piece->len != 0 || !piece->more ||
	       err_set(err, ERR_MALFORMED, "more of a log, and none of it");
}
