/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "result.h"

#include <string.h>

#include "proto/jwt.h"
#include "sys/log.h"
#include "sys/sys.h"

struct signer {
	uint8_t key[SIGNING_KEY_SIZE]; /* secret */
	struct signing_public public;
	char kid[SIGNING_KID_MAX];
};

static void
signer_done(struct signer *s)
{
	signing_wipe(&s->key);
}

/* The key's name is told by the key: another one in the store says that it is
 * not what was written. */
static bool
signer_name(struct signer *s, char kid[JWK_KID_SIZE], struct err *err)
{
	if (!signing_public_of(s->key, &s->public, err))
		return false;
	jwk_kid(&s->public, kid);
	return true;
}

static bool
signer_make(struct verifierd *v, const char *actor, struct signer *s,
            struct err *err)
{
	if (!signing_make(s->key, err) || !signer_name(s, s->kid, err) ||
	    !store_key_add(v->store, s->key, s->kid, actor, err))
		return false;
	log_notice("event=key-make kid=%s", s->kid);
	return true;
}

static bool
signer_load(struct verifierd *v, struct signer *s, struct err *err)
{
	char kid[JWK_KID_SIZE];

	if (!store_key_get(v->store, s->key, s->kid, err))
		return false;
	if (signer_name(s, kid, err) && strcmp(kid, s->kid) == 0)
		return true;
	return err_set(err, ERR_IO,
	               "store: damaged: the signing key is not what was "
	               "written");
}

static bool
signer_open(struct verifierd *v, const char *actor, struct signer *s,
            struct err *err)
{
	struct err why = {0};

	if (signer_load(v, s, &why))
		return true;
	return why.code == ERR_NOT_FOUND
	           ? signer_make(v, actor, s, err)
	           : err_set(err, why.code, "%s", why.text);
}

bool
result_key_known(struct verifierd *v, struct signing_public *out,
                 struct err *err)
{
	AUTO(signer_done) struct signer s = {0};
	bool ok = signer_load(v, &s, err);

	*out = s.public;
	return ok;
}

bool
result_key(struct verifierd *v, const char *actor, struct signing_public *out,
           struct err *err)
{
	AUTO(signer_done) struct signer s = {0};
	bool ok = signer_open(v, actor, &s, err);

	*out = s.public;
	return ok;
}

bool
result_wanted_read(const struct json *arguments, struct result_wanted *w,
                   struct err *err)
{
	char format[8] = "";

	*w = (struct result_wanted){0};
	if (!json_want_text(arguments, "format", format, sizeof(format), err) ||
	    !json_want_text(arguments, "nonce", w->nonce, sizeof(w->nonce),
	                    err))
		return false;
	w->ear = strcmp(format, "ear") == 0;
	if (!w->ear && format[0] != '\0')
		return err_set(err, ERR_UNSUPPORTED,
		               "no such format: only ear");
	if (json_get(arguments, "nonce") == NULL)
		return true;
	if (!w->ear)
		return err_set(err, ERR_UNSUPPORTED,
		               "a nonce goes into the format ear alone");
	return ear_nonce_allowed(w->nonce, err);
}

/* What a trusted verdict rests on, as it stands at this moment. */
static bool
find_basis(struct verifierd *v, const struct verdict *verdict,
           struct attester *host, struct golden *golden, struct err *err)
{
	struct err why = {0};

	if (store_host_get(v->store, verdict->host, host, &why) &&
	    store_golden_get(v->store, verdict->golden, golden, &why) &&
	    golden_is_live(golden, sys_unix_s()))
		return true;
	if (why.code == ERR_IO)
		return err_set(err, ERR_IO, "%s", why.text);
	return err_set(err, ERR_CONFLICT,
	               "the host or the golden value is no more: ask again");
}

static bool
sign(const struct signer *s, const char *typ, const struct json *claims,
     struct buf *jwt, struct err *err)
{
	uint8_t signature[SIGNING_SIZE];

	jwt_begin(typ, s->kid, claims, jwt);
	if (!signing_sign(s->key, buf_span(jwt), signature, err))
		return false;
	jwt_end(signature, jwt);
	return true;
}

bool
result_sign_claims(struct verifierd *v, const char *typ,
                   const struct json *claims, const char *actor,
                   struct buf *jwt, struct err *err)
{
	AUTO(signer_done) struct signer s = {0};

	return signer_open(v, actor, &s, err) &&
	       sign(&s, typ, claims, jwt, err);
}

bool
result_sign(struct verifierd *v, const struct result_wanted *wanted,
            const struct verdict *verdict, const char *actor, struct buf *jwt,
            struct err *err)
{
	AUTO(signer_done) struct signer s = {0};
	AUTO(json_auto) struct json *claims = NULL;
	struct ear ear = {
	    .verdict = verdict,
	    .life_s = v->config.max_age_s,
	    .asked = wanted->destination,
	    .nonce = wanted->nonce,
	};
	struct golden golden = {0};
	struct attester host = {0};

	if (!signer_open(v, actor, &s, err))
		return false;
	if (verdict->state == VERDICT_TRUSTED) {
		if (!find_basis(v, verdict, &host, &golden, err))
			return false;
		ear.basis = (struct ar4si_basis){host.endorser,
		                                 &golden.values.selection};
		ear.until_s = golden.valid_until_s;
	}
	claims = ear_encode(&ear);
	return sign(&s, EAR_TYP, claims, jwt, err);
}
