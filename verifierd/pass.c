/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pass.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "pass_private.h"
#include "result.h"
#include "sys/sys.h"

struct passes {
	struct pass_keys keys;
	struct pass_seen seen;
	uint64_t refusals_ms, left_out; /* since then; since the last line */
	unsigned refusals;
};

struct passes *
passes_new(const char *folder)
{
	struct passes *passes = mem_new(1, sizeof(*passes));

	passes->keys.folder = mem_text(folder);
	return passes;
}

void
passes_free(struct passes *passes)
{
	if (passes == NULL)
		return;
	pass_keys_done(&passes->keys);
	free(passes);
}

bool
pass_refusal_is_written(struct passes *p, uint64_t now_ms, uint64_t *left_out)
{
	if (now_ms - p->refusals_ms >= PASS_REFUSALS_MS) {
		p->refusals_ms = now_ms;
		p->refusals = 0;
	}
	*left_out = p->left_out;
	if (p->refusals == PASS_REFUSALS_MAX) {
		p->left_out++;
		return false;
	}
	p->refusals++;
	p->left_out = 0;
	return true;
}

bool
pass_own_name(const struct verifierd *v, char name[HOST_NAME_MAX_SIZE],
              struct err *err)
{
	const char *said = v->config.host_name;
	struct err why = {0};

	memset(name, 0, HOST_NAME_MAX_SIZE);
	if (said != NULL && said[0] != '\0') {
		if (!text_copy(said, name, HOST_NAME_MAX_SIZE))
			name[0] = '\0';
	} else if (gethostname(name, HOST_NAME_MAX_SIZE - 1) != 0) {
		name[0] = '\0';
	}
	return attester_name_allowed(name, &why) ||
	       err_set(err, ERR_CONFIG,
	               "host_name: what this host is called is no host's name "
	               "(%s)",
	               why.text);
}

bool
pass_issue(struct verifierd *v, const struct pass_of *of, struct buf *jwt,
           struct err *err)
{
	AUTO(json_auto) struct json *claims = NULL;
	struct pass pass = {.issued_s = sys_unix_s()};

	if (of->seconds == 0 || of->seconds > PASS_LIFE_MAX_S)
		return err_set(err, ERR_LIMIT,
		               "a pass lives for 1 to %d seconds",
		               PASS_LIFE_MAX_S);
	pass.until_s = pass.issued_s + of->seconds;
	if (!uuid_read(of->uuid, pass.uuid))
		return err_set(err, ERR_MALFORMED,
		               "a pass is for a domain's UUID");
	if (!text_copy(of->destination_host, pass.destination,
	               sizeof(pass.destination)))
		return err_set(err, ERR_MALFORMED,
		               "the destination's name is too long");
	return pass_own_name(v, pass.source, err) &&
	       sys_random(pass.id, sizeof(pass.id), err) &&
	       pass_encode(&pass, &claims, err) &&
	       result_sign_claims(v, PASS_TYP, claims, of->actor, jwt, err);
}

/* The first key that the pass says it is by, and that its signature is of. */
static bool
read_signed(const struct pass_keys *keys, struct span jwt, struct pass *pass,
            struct signing_public *by, struct err *err)
{
	for (size_t i = 0; i < keys->n; i++) {
		*by = keys->all[i].public;
		if (pass_is_by(jwt, by))
			return pass_read(jwt, by, pass, err);
	}
	if (keys->n_bad != 0)
		return err_set(
		    err, ERR_DENIED,
		    "what it carries is no pass by a verifier whose "
		    "key is in %.60s (%zu files there were left out: "
		    "%.100s)",
		    keys->folder, keys->n_bad, keys->why_bad.text);
	return err_set(err, ERR_DENIED,
	               "what it carries is no pass by a verifier whose key is "
	               "in %.100s",
	               keys->folder);
}

/* A verifier speaks for its own host, and for no other. */
static bool
speaks_for(const struct pass_keys *keys, const struct signing_public *by,
           const char *source, struct err *err)
{
	const char *other = "";

	for (size_t i = 0; i < keys->n; i++) {
		const struct pass_key *key = &keys->all[i];

		if (memcmp(&key->public, by, sizeof(*by)) != 0)
			continue;
		if (strcasecmp(key->host, source) == 0)
			return true;
		other = key->host;
	}
	return err_set(err, ERR_DENIED,
	               "the pass is in the name of '%.80s' and signed by the "
	               "verifier of '%.80s'",
	               source, other);
}

static bool
is_for_here(const struct verifierd *v, const struct pass *p, const char *uuid,
            struct err *err)
{
	char own[HOST_NAME_MAX_SIZE], asked[UUID_SIZE];

	if (!pass_own_name(v, own, err))
		return false;
	if (strcasecmp(p->destination, own) != 0)
		return err_set(err, ERR_DENIED,
		               "the pass is for '%.80s', and this host is "
		               "'%.80s' (host_name in verifierd.conf)",
		               p->destination, own);
	if (!uuid_read(uuid, asked) || strcmp(p->uuid, asked) != 0)
		return err_set(err, ERR_DENIED,
		               "the pass is for the domain %s, not for this "
		               "one",
		               p->uuid);
	return true;
}

static bool
is_for_now(const struct pass *p, uint64_t now_s, struct err *err)
{
	if (now_s > p->until_s + PASS_SKEW_S)
		return err_set(err, ERR_DENIED,
		               "the pass ended %llu s ago: a new one is needed "
		               "for each attempt",
		               (unsigned long long)(now_s - p->until_s));
	if (p->issued_s > now_s + PASS_SKEW_S)
		return err_set(err, ERR_DENIED,
		               "the pass is from %llu s ahead: the clocks of "
		               "the hosts are apart",
		               (unsigned long long)(p->issued_s - now_s));
	return true;
}

/* Whatever becomes of the migration, and of the line about it. */
static bool
use(struct verifierd *v, const struct pass *p, const char *who, uint64_t now_s,
    struct err *err)
{
	struct pass_seen *seen = &v->passes->seen;
	char detail[AUDIT_DETAIL_MAX];
	struct err why = {0};

	pass_use_detail(p, detail);
	if (!pass_seen_remember(seen, v->store, now_s, err) ||
	    !pass_seen_add(seen, p, now_s, err))
		return false;
	return store_audit_add(v->store, who, PASS_USE_EVENT, p->source, detail,
	                       &why) ||
	       err_set(err, ERR_IO, "%s", why.text);
}

bool
pass_check(struct verifierd *v, const struct pass_shown *shown,
           char source[HOST_NAME_MAX_SIZE], struct err *err)
{
	struct pass_keys *keys = &v->passes->keys;
	uint64_t now_s = sys_unix_s();
	struct signing_public by;
	struct pass pass = {.issued_s = 0};

	source[0] = '\0';
	if (shown->jwt[0] == '\0')
		return err_set(err, ERR_NOT_FOUND, "it carries none");
	if (!pass_keys_now(keys, err) ||
	    !read_signed(keys, span_str(shown->jwt), &pass, &by, err) ||
	    !speaks_for(keys, &by, pass.source, err) ||
	    !is_for_here(v, &pass, shown->uuid, err) ||
	    !is_for_now(&pass, now_s, err) ||
	    !use(v, &pass, shown->who, now_s, err))
		return false;
	return text_copy(pass.source, source, HOST_NAME_MAX_SIZE);
}
