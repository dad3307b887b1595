/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest-hook: the relying party.  libvirt calls it as
 *
 *     virt-attest-hook DOMAIN migrate pmc DESTINATIONS
 *
 * with the domain's XML on standard input.  DESTINATIONS is every place that a
 * part of the domain would be sent to (the control, data and NBD URI) with a
 * space between them: all must lead to one host.  "-" is a caller that is not
 * told: an operator's permit says it then, once.  It exits 0 only when it has
 * read a whole, fresh "trusted" from the verifier for each; every other way out
 * refuses, with one line on standard error.  It prints nothing on standard
 * output, and it never calls back into libvirt.
 *
 * On a destination stock libvirt calls it for a domain that comes in, as
 * "DOMAIN migrate begin -"; with --pass that is a question, too (arrival.h). */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arrival.h"
#include "base/text.h"
#include "proto/destination.h"
#include "relying/relying.h"
#include "sys/control.h"

enum {
	DESTINATIONS_MAX = 4, /* libvirt has three: control, data, NBD */
	LIBVIRT_WORDS = 4,    /* domain, operation, sub-operation, extra */
	REFUSED = 2,
	OWN_FAILURE = 1,
};

static int
refuse(const char *domain, const char *to, const char *why, int status)
{
	fprintf(stderr,
	        "virt-attest: migration of '%.64s' to '%.200s' refused: %s\n",
	        text_is_printable(domain) ? domain : "?",
	        text_is_printable(to) ? to : "?", why);
	return status;
}

/* libvirt writes the XML whether we look at it or not: take what is there, so
 * that it meets no closed pipe, and wait for nothing. */
static void
drain_stdin(void)
{
	int flags = fcntl(STDIN_FILENO, F_GETFL);
	char part[16 * 1024];

	if (flags < 0 || fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) != 0)
		return;
	while (read(STDIN_FILENO, part, sizeof(part)) > 0)
		continue;
	(void)fcntl(STDIN_FILENO, F_SETFL, flags);
}

/* The caller does not know where to. */
static bool
is_unknown(const char *to)
{
	return strcmp(to, "-") == 0;
}

/* About one destination; *host is the host that it leads to when it is 0. */
static int
decide_one(const char *path, const char *domain, const char *to,
           char host[HOST_NAME_MAX_SIZE])
{
	const struct relying_question question = {
	    .socket = path,
	    .destination = is_unknown(to) ? NULL : to,
	    .domain = domain,
	};
	struct verdict verdict = {0};
	struct err err = {0};
	char why[RELYING_WHY_MAX];
	bool came = relying_ask(&question, &verdict, &err);
	int status;

	if (came && relying_may_go(&verdict)) {
		memcpy(host, verdict.host, sizeof(verdict.host));
		return 0;
	}
	status = relying_why(&question, came ? &verdict : NULL, &err, why);
	return refuse(domain, to, why, status);
}

/* An attested control URI beside a data URI that leads elsewhere would be no
 * gate: each destination is asked about, and all are one host. */
static int
decide(const char *path, const char *domain, const char *destinations)
{
	char copy[DESTINATIONS_MAX * DESTINATION_MAX], *rest = copy, *to;
	char first[HOST_NAME_MAX_SIZE], host[HOST_NAME_MAX_SIZE];
	char why[2 * HOST_NAME_MAX_SIZE + 64];
	int n = 0, status;

	if (!text_copy(destinations, copy, sizeof(copy)))
		return refuse(domain, destinations, "that is too long",
		              REFUSED);
	while ((to = strsep(&rest, " ")) != NULL) {
		if (*to == '\0' || n == DESTINATIONS_MAX)
			return refuse(domain, destinations,
			              "these are not one to four URIs with a "
			              "space between them",
			              REFUSED);
		status = decide_one(path, domain, to, n == 0 ? first : host);
		if (status != 0)
			return status;
		if (n++ == 0 || strcmp(first, host) == 0)
			continue;
		snprintf(why, sizeof(why), "these are two hosts, '%s' and '%s'",
		         first, host);
		return refuse(domain, destinations, why, REFUSED);
	}
	return 0;
}

/* What libvirt calls a hook with for anything but an outgoing migration: four
 * words, "begin", "end" or "-" for the sub-operation, and nowhere a URI.  What
 * only looks like that may be our own question with a slip in it. */
static bool
is_of_others(int n, char **words)
{
	static const char *const known[] = {"begin", "end", "-", "start",
	                                    "shutdown"};

	if (n != LIBVIRT_WORDS)
		return false;
	for (int i = 0; i < n; i++)
		if (strstr(words[i], "://") != NULL)
			return false;
	for (size_t i = 0; i < LENGTH_OF(known); i++)
		if (strcmp(words[2], known[i]) == 0)
			return true;
	return false;
}

static int
usage(void)
{
	fprintf(
	    stderr,
	    "usage: virt-attest-hook [-S SOCKET] DOMAIN migrate pmc "
	    "'DESTINATION-URI [...]'\n"
	    "       virt-attest-hook --pass require|warn|off [-S SOCKET] "
	    "DOMAIN migrate begin -\n"
	    "       (the domain's XML on standard input; '-': an operator's "
	    "permit says where to;\n"
	    "       libvirt's other calls pass with 0)\n");
	return OWN_FAILURE;
}

struct options {
	const char *socket;
	bool passes; /* --pass was given */
	enum arrival_policy policy;
};

/* By hand: a domain's name may begin with a dash.  After --pass stand the four
 * words of libvirt and nothing is short of them.  False: another policy. */
static bool
take_options(struct options *o, int *argc, char ***argv)
{
	while (*argc >= 2) {
		const char *name = (*argv)[0], *value = (*argv)[1];

		if (strcmp(name, "--pass") == 0 && !o->passes &&
		    *argc > LIBVIRT_WORDS) {
			o->passes = true;
			if (!arrival_policy_of(value, &o->policy))
				return false;
		} else if (strcmp(name, "-S") == 0 && o->socket == NULL &&
		           (!o->passes || *argc > LIBVIRT_WORDS)) {
			o->socket = value;
		} else {
			break;
		}
		*argc -= 2;
		*argv += 2;
	}
	if (o->socket == NULL)
		o->socket = CONTROL_SOCKET;
	return true;
}

static bool
is_arrival(int n, char **words)
{
	return n == LIBVIRT_WORDS && strcmp(words[1], "migrate") == 0 &&
	       strcmp(words[2], "begin") == 0;
}

int
main(int argc, char **argv)
{
	struct options o = {.socket = NULL};

	argc--;
	argv++;
	if (!take_options(&o, &argc, &argv))
		return usage();
	if (o.passes && is_arrival(argc, argv))
		return arrival_decide(o.policy, o.socket, argv[0]);
	if (argc < 3 || strcmp(argv[1], "migrate") != 0 ||
	    strcmp(argv[2], "pmc") != 0)
		return is_of_others(argc, argv) ? 0 : usage();
	drain_stdin();
	if (argc != 4 || argv[3][0] == '\0')
		return refuse(argv[0], argc > 3 ? argv[3] : "-",
		              "the destination is not known", REFUSED);
	return decide(o.socket, argv[0], argv[3]);
}
