/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "answer.h"

#include <string.h>

#include "base/uuid.h"
#include "proto/message.h"

enum {
	LISTED_MAX = 4096, /* permits in a reply; the verifier keeps fewer */
	SECONDS_MAX = 24 * 3600,
};

static enum permitted
look_at(const struct json *one, const char *uuid)
{
	char of[UUID_SIZE];
	struct err err;
	uint64_t left = 0;
	bool used = true;

	if (!json_get_text(one, "uuid", of, sizeof(of), &err) ||
	    strcmp(of, uuid) != 0 || !json_get_bool(one, "used", &used, &err) ||
	    !json_get_u64(one, "seconds_left", SECONDS_MAX, &left, &err))
		return PERMITTED_NO;
	return used ? PERMITTED_USED : PERMITTED_OPEN;
}

static enum permitted
look_for(const struct json *result, const char *uuid, struct err *err)
{
	enum permitted found = PERMITTED_NO, one;
	const struct json *list;

	if (!json_get_array(result, "permits", LISTED_MAX, &list, err))
		return PERMITTED_NO;
	for (size_t i = 0; i < json_count(list); i++) {
		one = look_at(json_at(list, i), uuid);
		if (one == PERMITTED_OPEN || found == PERMITTED_NO)
			found = one;
	}
	if (found == PERMITTED_NO)
		err_set(err, ERR_NOT_FOUND, "it has no permit");
	return found;
}

enum permitted
permitted_by(struct span line, const char *uuid, struct err *err)
{
	enum permitted found = PERMITTED_NO;
	struct reply reply = {0};

	if (!reply_parse(line, &reply, err))
		found = PERMITTED_NO;
	else if (reply.result == NULL)
		*err = reply.error;
	else if (reply.id != 1)
		err_set(err, ERR_MALFORMED, "an answer to another question");
	else
		found = look_for(reply.result, uuid, err);
	reply_done(&reply);
	return found;
}
