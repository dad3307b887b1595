/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON values (RFC 8259) as both wires use them.  json-c stands behind this
 * header and does not pass it. */
#ifndef PROTO_JSON_H
#define PROTO_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"

struct json;

enum { JSON_DEPTH_MAX = 16 };

/* One JSON object, whole: strict syntax, UTF-8, at most JSON_DEPTH_MAX deep.
 * NULL with ERR_MALFORMED for anything else.  The caller's to json_free(). */
struct json *json_parse(struct span text, struct err *);
void json_free(struct json *);
void json_auto(struct json **);
/* The same value once more: the caller's to json_free(), too. */
struct json *json_share(const struct json *);

struct json *json_new_object(void);
struct json *json_new_array(void);

/* Put a member; `child` is taken. */
void json_put(struct json *object, const char *key, struct json *child);
void json_put_text(struct json *object, const char *key, const char *text);
void json_put_u64(struct json *object, const char *key, uint64_t);
void json_put_i64(struct json *object, const char *key, int64_t);
void json_put_double(struct json *object, const char *key, double);
void json_put_bool(struct json *object, const char *key, bool);
void json_put_base64(struct json *object, const char *key, struct span);
void json_put_hex(struct json *object, const char *key, struct span);

/* Append to an array; `child` is taken. */
void json_add(struct json *array, struct json *child);
void json_add_text(struct json *array, const char *text);

/* A member of that name, whatever its type; NULL when there is none. */
const struct json *json_get(const struct json *object, const char *key);

/* A member of that type.  False, naming the key, with ERR_MALFORMED when it is
 * missing or of another type, and with ERR_LIMIT when it is over the size or
 * maximum. */
MUST_CHECK bool json_get_text(const struct json *object, const char *key,
                              char *out, size_t size, struct err *);
MUST_CHECK bool json_get_u64(const struct json *object, const char *key,
                             uint64_t max, uint64_t *out, struct err *);
MUST_CHECK bool json_get_bool(const struct json *object, const char *key,
                              bool *out, struct err *);
MUST_CHECK bool json_get_object(const struct json *object, const char *key,
                                const struct json **out, struct err *);
MUST_CHECK bool json_get_array(const struct json *object, const char *key,
                               size_t max, const struct json **out,
                               struct err *);
/* Base64 of at most `size` bytes into `out`; `*len` is their count. */
MUST_CHECK bool json_get_base64(const struct json *object, const char *key,
                                uint8_t *out, size_t size, size_t *len,
                                struct err *);
/* Base64 of exactly `size` bytes. */
MUST_CHECK bool json_get_bytes(const struct json *object, const char *key,
                               uint8_t *out, size_t size, struct err *);

/* As json_get_text, _u64 and _bool, but a missing member (or null) leaves
 * `out` as it is and is no failure. */
MUST_CHECK bool json_want_text(const struct json *object, const char *key,
                               char *out, size_t size, struct err *);
MUST_CHECK bool json_want_u64(const struct json *object, const char *key,
                              uint64_t max, uint64_t *out, struct err *);
MUST_CHECK bool json_want_bool(const struct json *object, const char *key,
                               bool *out, struct err *);

/* Elements of an array: their count, one of them (index < count), and one that
 * must be a text or an object. */
size_t json_count(const struct json *array);
const struct json *json_at(const struct json *array, size_t index);
MUST_CHECK bool json_at_text(const struct json *array, size_t index, char *out,
                             size_t size, struct err *);
bool json_is_object(const struct json *);
bool json_is_array(const struct json *);

/* A text's or number's content, for printing; NULL for other types. */
const char *json_as_text(const struct json *);
uint64_t json_as_u64(const struct json *);
bool json_as_bool(const struct json *);

/* Calls `each` for the members of an object, in their order, until it returns
 * false; returns whether all were seen. */
bool json_members(const struct json *object,
                  bool (*each)(void *arg, const char *key,
                               const struct json *value),
                  void *arg);

/* Append the value in one line, or indented for reading. */
void json_format(const struct json *, struct buf *out);
void json_format_pretty(const struct json *, struct buf *out);

#endif
