/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any text as a destination: what is accepted is a host's name that may stand
 * in a certificate, a file and a terminal. */
#include <stdlib.h>
#include <string.h>

#include "proto/destination.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len);

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
	if (pcr_selection_parse(text, &selection, NULL) &&
	    (!pcr_selection_parse(pcr_selection_format(&selection, pcrs),
	                          &again, NULL) ||
	     !pcr_selection_eq(&selection, &again)))
		abort();
	return 0;
}
