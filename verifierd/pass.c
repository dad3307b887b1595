/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pass.h"

#include <string.h>
#include <unistd.h>

#include "result.h"
#include "sys/sys.h"

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

/* libvirt takes a UUID in either case, and writes it in lower. */
static bool
take_uuid(const char *from, char to[PASS_UUID_SIZE])
{
	if (!text_copy(from, to, PASS_UUID_SIZE))
		return false;
	for (char *at = to; *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'F')
			*at = (char)(*at - 'A' + 'a');
	return pass_uuid_allowed(to);
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
	if (!take_uuid(of->uuid, pass.uuid))
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
