/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as a destination: what is accepted is a host's name that may stand
 * in a certificate, a file and a terminal. */
#include <libxml/uri.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/destination.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

/* libvirt reads URIs by libxml2: whatever both accept leads to one host and
 * port. */
static void
compare(const char *text, const struct destination *d)
{
	xmlURI *uri = strstr(text, "://") != NULL ? xmlParseURI(text) : NULL;
	char theirs[2 * DESTINATION_MAX] = "", ours[DESTINATION_MAX];
	bool v6 = strchr(d->host, ':') != NULL;
	size_t n;

	if (uri == NULL)
		return;
	if (uri->server != NULL)
		snprintf(theirs, sizeof(theirs), "%s", uri->server);
	n = strlen(theirs);
	if (n > 1 && theirs[n - 1] == '.')
		theirs[n - 1] = '\0';
	snprintf(ours, sizeof(ours), "[%s]", d->host);
	if (strcmp(theirs, ours) != 0 && (v6 || strcmp(theirs, d->host) != 0))
		abort();
	if (uri->port > 0 && uri->port != d->port)
		abort();
	xmlFreeURI(uri);
}

int
LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
	struct pcr_selection selection, again;
	char text[2 * DESTINATION_MAX], pcrs[PCR_TEXT_MAX];
	struct destination d;

	if (len >= sizeof(text))
		return 0;
	memcpy(text, at, len);
	text[len] = '\0';
	if (destination_parse(text, &d, NULL) &&
	    (!attester_name_allowed(d.host, NULL) ||
	     strstr(text, "?no_verify=") != NULL))
		abort();
	if (destination_parse(text, &d, NULL))
		compare(text, &d);
	if (pcr_selection_parse(text, &selection, NULL) &&
	    (!pcr_selection_parse(pcr_selection_format(&selection, pcrs),
	                          &again, NULL) ||
	     !pcr_selection_eq(&selection, &again)))
		abort();
	return 0;
}
