/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place where our JSON values are json-c's. */
#ifndef PROTO_JSON_PRIVATE_H
#define PROTO_JSON_PRIVATE_H

#include <json-c/json.h>

#include "proto/json.h"

static inline struct json_object *
json_theirs(const struct json *j)
{
	/* json-c counts references in what it lends: it takes no const. */
	return (struct json_object *)(uintptr_t)j;
}

static inline struct json *
json_ours(struct json_object *o)
{
	return (struct json *)o;
}

#endif
