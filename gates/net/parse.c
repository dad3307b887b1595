/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <pwd.h>
#include <string.h>

#include "base/text.h"
#include "config.h"

static bool
any_ip(const char *text, struct ip *out)
{
	*out = (struct ip){.six = strchr(text, ':') != NULL};
	return inet_pton(out->six ? AF_INET6 : AF_INET, text, out->at) == 1;
}

bool
parse_ip(const char *text, struct ip *out)
{
	if (!any_ip(text, out))
		return false;
	ip_plain(out);
	return ip_is_host(out);
}

bool
parse_prefix(const char *text, struct ip_prefix *out)
{
	char ip[IP_TEXT_SIZE];
	size_t n = strcspn(text, "/");
	uint64_t bits;

	if (n >= sizeof(ip))
		return false;
	memcpy(ip, text, n);
	ip[n] = '\0';
	if (!any_ip(ip, &out->ip))
		return false;
	bits = out->ip.six ? 8 * IP6_SIZE : 8 * IP4_SIZE;
	if (text[n] == '/' && !text_u64(text + n + 1, bits, &bits))
		return false;
	out->bits = (unsigned)bits;
	ip_prefix_plain(out);
	ip_prefix_mask(out);
	return true;
}

static const struct passwd *
account_of(const char *text)
{
	errno = 0;
	return getpwnam(text);
}

bool
parse_user(const char *key, const char *text, uint32_t *out, struct err *err)
{
	const struct passwd *account;
	uint64_t number;

	if (text_u64(text, UINT32_MAX - 1, &number)) {
		*out = (uint32_t)number;
		return true;
	}
	account = account_of(text);
	if (account == NULL)
		return err_set(err, ERR_CONFIG, "%s: no account '%.64s'%s%s",
		               key, text, errno != 0 ? ": " : "",
		               errno != 0 ? strerror(errno) : "");
	*out = account->pw_uid;
	return true;
}

bool
is_own_account(const char *text)
{
	return strcmp(text, "virt-attest-verifierd") == 0 ||
	       strcmp(text, "virt-attest-agentd") == 0;
}

bool
parse_except(const char *text, uint32_t *out, bool *there, struct err *err)
{
	/* They are made where their services are. */
	*there = !is_own_account(text) || account_of(text) != NULL;
	return !*there || parse_user("except", text, out, err);
}
