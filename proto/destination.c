/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "proto/destination.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* Ways to reach a host that a key protects.  `tls`: a libvirt TLS endpoint is
 * met there, on `port` unless the URI names another. */
static const struct {
	const char *scheme;
	bool tls;
	uint16_t port;
} schemes[] = {
    {"qemu+tls", true, LIBVIRT_TLS_PORT},
    {"qemu", true, LIBVIRT_TLS_PORT}, /* libvirt's default for a host */
    {"qemu+ssh", false, 0},
    {"tcp", false, 0}, /* a data URI: the memory's own connection */
};

/* Parameters of a URI (libvirt, docs/uri.rst) that do not change which host is
 * reached or whether its key is looked at. */
static const char *const parameters[] = {"no_tty", "mode", "sshauth",
                                         "keyfile"};

static bool
refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_MALFORMED, "destination: %s", why);
}

static bool
query_allowed(char *query, struct err *err)
{
	char *pair;

	while ((pair = strsep(&query, "&;")) != NULL) {
		size_t i = 0, len = strcspn(pair, "=");

		pair[len] = '\0';
		while (i < LENGTH_OF(parameters) &&
		       strcmp(parameters[i], pair) != 0)
			i++;
		if (i == LENGTH_OF(parameters) && *pair != '\0')
			return err_set(err, ERR_MALFORMED,
			               "destination: the URI parameter '%.32s' "
			               "is not allowed",
			               pair);
	}
	return true;
}

static bool
take_port(const char *text, uint16_t *port, struct err *err)
{
	uint64_t value;

	if (!text_u64(text, UINT16_MAX, &value) || value == 0)
		return refuse(err, "the port is not 1 to 65535");
	*port = (uint16_t)value;
	return true;
}

/* "HOST", "HOST:PORT", "[V6]", "[V6]:PORT"; `host` is taken apart. */
static bool
take_authority(char *host, struct destination *d, struct err *err)
{
	char *end = NULL;

	if (*host == '[') {
		end = strchr(++host, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return refuse(err, "no closing ']'");
		if (memchr(host, ':', (size_t)(end - host)) == NULL)
			return refuse(err, "brackets are for IPv6 addresses");
		*end++ = '\0';
	} else {
		end = strchr(host, ':');
		if (end != NULL && strchr(end + 1, ':') != NULL)
			return refuse(err, "an IPv6 address in a URI stands "
			                   "in brackets");
	}
	if (end != NULL && *end == ':') {
		*end++ = '\0';
		if (!take_port(end, &d->port, err))
			return false;
	}
	if (*host == '\0')
		return refuse(err, "the URI names no host");
	return attester_name_allowed(host, err) &&
	       (text_copy(host, d->host, sizeof(d->host)) ||
	        refuse(err, "the host's name is too long"));
}

/* As RFC 3986 has it (without escapes): libvirt's reader takes others for a
 * part of a host's name, as in "[user@HOST/]". */
static bool
user_allowed(const char *user, struct err *err)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	    "-._~!$&'()*+,;=:";

	return strspn(user, allowed) == strlen(user) ||
	       refuse(err, "a user's name that is none");
}

static bool
parse_uri(char *scheme, char *rest, struct destination *d, struct err *err)
{
	char *query = strpbrk(rest, "?#"), *path, *user;
	size_t i = 0;

	while (i < LENGTH_OF(schemes) && strcmp(schemes[i].scheme, scheme) != 0)
		i++;
	if (i == LENGTH_OF(schemes))
		return err_set(
		    err, ERR_MALFORMED,
		    "destination: '%.32s' is not qemu+tls or "
		    "qemu+ssh, and no key says which host it reaches",
		    scheme);
	if (query != NULL && *query == '#')
		return refuse(err, "a URI with a fragment");
	if (query != NULL) {
		*query++ = '\0';
		/* Two readers of a URI could part here: neither may. */
		if (strpbrk(query, "?#") != NULL)
			return refuse(err, "a second '?' or a '#'");
		if (!query_allowed(query, err))
			return false;
	}
	path = strchr(rest, '/');
	if (path != NULL)
		*path = '\0';
	user = strrchr(rest, '@');
	if (user != NULL) {
		*user++ = '\0';
		if (!user_allowed(rest, err))
			return false;
		rest = user;
	}
	d->tls = schemes[i].tls;
	d->port = schemes[i].port;
	return take_authority(rest, d, err);
}

/* libvirt writes data URIs also without the slashes: "tcp:HOST:PORT". */
static bool
is_data_uri(const char *text)
{
	return strncmp(text, "tcp:", 4) == 0 && strncmp(text, "tcp://", 6) != 0;
}

bool
destination_parse(const char *text, struct destination *d, struct err *err)
{
	char copy[DESTINATION_MAX], *colon, *dot;
	bool ok;

	*d = (struct destination){0};
	if (!text_copy(text, copy, sizeof(copy)))
		return refuse(err, "over 1023 characters");
	if (!text_is_printable(copy) || strchr(copy, '%') != NULL)
		return refuse(err, "control or escaped characters");
	colon = strstr(copy, "://");
	if (colon != NULL) {
		*colon = '\0';
		ok = parse_uri(copy, colon + 3, d, err);
	} else if (is_data_uri(copy)) {
		ok = take_authority(copy + 4, d, err);
	} else {
		ok = attester_name_allowed(copy, err) &&
		     text_copy(copy, d->host, sizeof(d->host));
	}
	/* "host-b." is "host-b": the root's dot is no part of the name. */
	dot = strrchr(d->host, '.');
	if (ok && dot != NULL && dot != d->host && dot[1] == '\0' &&
	    strchr(d->host, ':') == NULL)
		*dot = '\0';
	return ok;
}
