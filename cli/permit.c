/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* permit: where the next migration of a domain goes, for a caller that is not
 * told. */
#include "permit.h"

#include <stdio.h>

static int
print_permit(const struct json *result)
{
	printf("the next question about '%s' within %s s is asked of %s\n",
	       field(result, "domain"), field(result, "seconds"),
	       field(result, "destination"));
	return STATUS_DONE;
}

int
run_permit(struct cli *cli)
{
	const char *text = cli->option[OPTION_SECONDS];
	struct json *arguments;
	uint64_t seconds = 0;
	struct err err = {0};

	if (text != NULL &&
	    (!text_u64(text, PERMIT_MAX_S, &seconds) || seconds == 0)) {
		err_set(&err, ERR_CONFIG, "--seconds takes 1 to %d",
		        PERMIT_MAX_S);
		return fail(&err);
	}
	arguments = json_new_object();
	json_put_text(arguments, "domain", cli->words[0]);
	json_put_text(arguments, "destination", cli->words[1]);
	if (text != NULL)
		json_put_u64(arguments, "seconds", seconds);
	return ask_and_print(cli, "permit", arguments, print_permit);
}
