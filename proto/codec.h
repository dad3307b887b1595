/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values as JSON objects and back.  `encode` never fails and gives an object
 * that is the caller's; `decode` refuses what is missing, mistyped or over a
 * limit and ignores members that it does not know. */
#ifndef PROTO_CODEC_H
#define PROTO_CODEC_H

#include "evidence/attester.h"
#include "evidence/bootref.h"
#include "evidence/mlog.h"
#include "evidence/standing.h"
#include "proto/json.h"

struct json *challenge_encode(const struct challenge *);
MUST_CHECK bool challenge_decode(const struct json *, struct challenge *,
                                 struct err *);

struct json *identity_encode(const struct identity *);
MUST_CHECK bool identity_decode(const struct json *, struct identity *,
                                struct err *);

struct json *activation_encode(const struct activation *);
MUST_CHECK bool activation_decode(const struct json *, struct activation *,
                                  struct err *);

struct json *activated_encode(const struct activated *);
MUST_CHECK bool activated_decode(const struct json *, struct activated *,
                                 struct err *);

struct json *certifying_encode(const struct certifying *);
MUST_CHECK bool certifying_decode(const struct json *, struct certifying *,
                                  struct err *);

struct json *certified_encode(const struct certified *);
MUST_CHECK bool certified_decode(const struct json *, struct certified *,
                                 struct err *);

struct json *mlog_asking_encode(const struct mlog_asking *);
MUST_CHECK bool mlog_asking_decode(const struct json *, struct mlog_asking *,
                                   struct err *);

/* `at` is written as far as `len` says, and no further. */
struct json *mlog_piece_encode(const struct mlog_piece *);
MUST_CHECK bool mlog_piece_decode(const struct json *, struct mlog_piece *,
                                  struct err *);

struct json *evidence_encode(const struct evidence *);
MUST_CHECK bool evidence_decode(const struct json *, struct evidence *,
                                struct err *);

/* {"sha256":{"0":"hex",...},...}; the selection's order is the members'. */
struct json *pcr_values_encode(const struct pcr_values *);
MUST_CHECK bool pcr_values_decode(const struct json *, struct pcr_values *,
                                  struct err *);
/* The same, but a value of the PCRs `unknown` may be null: nobody knows it. */
MUST_CHECK bool pcr_values_decode_but(const struct json *, uint32_t unknown,
                                      struct pcr_values *, struct err *);

/* [{"kind":"libvirt-tls","sha256":"hex"},...] */
struct json *endpoint_keys_encode(const struct endpoint_keys *);
MUST_CHECK bool endpoint_keys_decode(const struct json *array,
                                     struct endpoint_keys *, struct err *);

/* The member "endpoint_keys" of an object. */
MUST_CHECK bool endpoint_keys_get(const struct json *object,
                                  struct endpoint_keys *, struct err *);

/* The member "migration_ca" of an object; none stays absent. */
void migration_ca_put(struct json *object, const struct certificate_bytes *);
MUST_CHECK bool migration_ca_want(const struct json *object,
                                  struct certificate_bytes *, struct err *);

/* With what scripts read (PROTOCOL.md, "The control wire"). */
struct json *verdict_encode(const struct verdict *);
MUST_CHECK bool verdict_decode(const struct json *, struct verdict *,
                               struct err *);

/* {"reset_count":n,"restart_count":n,"clock_ms":n,"safe":bool} */
struct json *boot_session_encode(const struct boot_session *);
MUST_CHECK bool boot_session_decode(const struct json *, struct boot_session *,
                                    struct err *);

/* Contradictions are refused: trusted with a reason against it, trusted_ms of
 * one that is not trusted, an address that is no literal one. */
struct json *standing_encode(const struct standing *);
MUST_CHECK bool standing_decode(const struct json *, struct standing *,
                                struct err *);

/* Without the texts that it refers to: those are members of their own,
 * "events" (bootref_encode) and "ima_policy" (text), and their digests are
 * encoded and not decoded. */
struct json *golden_encode(const struct golden *);
MUST_CHECK bool golden_decode(const struct json *, struct golden *,
                              struct err *);

/* [{"pcr":4,"type":"EV_..." or "0x...","digests":{"sha256":"hex",...},
 * "proved":true,"text":"..."},...]; bootref_done() what was decoded. */
struct json *bootref_encode(const struct bootref *);
MUST_CHECK bool bootref_decode(const struct json *array, struct bootref *,
                               struct err *);

/* An enrolled host, without what is private to the verifier (nothing is). */
struct json *attester_encode(const struct attester *);
MUST_CHECK bool attester_decode(const struct json *, struct attester *,
                                struct err *);

/* All that an appraisal rested on, to do it again offline. */
struct record {
	struct attester host;
	struct challenge challenge;
	uint8_t exporter[EXPORTER_SIZE];
	struct evidence evidence;
	uint64_t time_s;
};

struct json *record_encode(const struct record *);
MUST_CHECK bool record_decode(const struct json *, struct record *,
                              struct err *);

#endif
