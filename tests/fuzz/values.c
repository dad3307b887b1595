/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as what the control socket and exported files carry: a golden
 * value, a verdict, a host, how it stands, a record, an event.  What is
 * accepted is written and read again as the same. */
#include <stdlib.h>
#include <string.h>

#include "proto/codec.h"
#include "proto/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

/* Takes both. */
static void
must_be_same(struct json *once, struct json *twice)
{
	AUTO(buf_done) struct buf a = {0}, b = {0};

	json_format(once, &a);
	json_format(twice, &b);
	if (!span_eq(buf_span(&a), buf_span(&b)))
		abort();
	json_free(once);
	json_free(twice);
}

#define AGAIN(kind, json)                                                      \
	do {                                                                   \
		static struct kind first, second;                              \
		struct json *once;                                             \
                                                                               \
		if (!kind##_decode((json), &first, NULL))                      \
			break;                                                 \
		once = kind##_encode(&first);                                  \
		if (!kind##_decode(once, &second, NULL))                       \
			abort();                                               \
		must_be_same(once, kind##_encode(&second));                    \
	} while (0)

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct json *json = json_parse(span_of(at, len), NULL);
	struct request request;
	struct reply reply;
	struct event event;

	if (request_parse(span_of(at, len), &request, NULL) &&
	    request.arguments == NULL)
		abort();
	if (reply_parse(span_of(at, len), &reply, NULL) &&
	    (reply.result == NULL) == (reply.error.code == ERR_NONE))
		abort();
	if (event_parse(span_of(at, len), &event, NULL) &&
	    (event.data == NULL || event.name[0] == '\0'))
		abort();
	request_done(&request);
	reply_done(&reply);
	event_done(&event);
	if (json == NULL)
		return 0;
	AGAIN(golden, json);
	AGAIN(verdict, json);
	AGAIN(attester, json);
	AGAIN(standing, json);
	AGAIN(record, json);
	json_free(json);
	return 0;
}
