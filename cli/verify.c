/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* verify, key, status: what the verifier says. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "proto/ear.h"

/* The options of `verify` as its arguments. */
static bool
put_arguments(const struct cli *cli, struct json *arguments, struct err *err)
{
	const char *max_age = cli->option[OPTION_MAX_AGE];
	const char *format = cli->option[OPTION_FORMAT];
	const char *nonce = cli->option[OPTION_NONCE];
	uint64_t seconds;

	json_put_text(arguments, "destination", cli->words[0]);
	if (max_age != NULL && !text_u64(max_age, 86400, &seconds))
		return err_set(err, ERR_CONFIG,
		               "--max-age takes seconds, 0 to 86400");
	if (format != NULL && (cli->option[OPTION_JSON] != NULL ||
	                       cli->option[OPTION_EXPLAIN] != NULL))
		return err_set(err, ERR_CONFIG,
		               "--format stands alone: no --json, no "
		               "--explain");
	if (max_age != NULL)
		json_put_u64(arguments, "max_age", seconds);
	if (format != NULL)
		json_put_text(arguments, "format", format);
	if (nonce != NULL)
		json_put_text(arguments, "nonce", nonce);
	return true;
}

/* A text of these letters alone may go to a terminal as it is. */
static bool
print_only(const char *text, const char *letters)
{
	size_t len = text != NULL ? strlen(text) : 0;

	if (len == 0 || len > EAR_MAX || strspn(text, letters) != len)
		return false;
	return fputs(text, stdout) >= 0;
}

#define BASE64_LETTERS                                                         \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* The JWT and nothing else. */
static bool
print_ear(const struct json *result, struct err *err)
{
	if (!print_only(json_as_text(json_get(result, "ear")),
	                BASE64_LETTERS "-_."))
		return err_set(err, ERR_UNSUPPORTED,
		               "the verifier gave no EAR: is it of an earlier "
		               "version?");
	printf("\n");
	return true;
}

int
run_verify(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	struct json *arguments = json_new_object();
	struct verdict verdict;
	struct err err = {0};
	int status;

	if (!put_arguments(cli, arguments, &err)) {
		json_free(arguments);
		return fail(&err);
	}
	status = session_ask(&s, cli, "verify", arguments);
	if (status != STATUS_DONE)
		return STATUS_FAILED; /* no verdict came at all */
	if (!verdict_decode(s.reply.result, &verdict, &err))
		return fail(&err);
	if (cli->option[OPTION_FORMAT] != NULL) {
		if (!print_ear(s.reply.result, &err))
			return fail(&err);
	} else if (cli->option[OPTION_JSON] != NULL) {
		print_json(s.reply.result);
	} else {
		print_verdict(&verdict, cli->option[OPTION_EXPLAIN] != NULL);
	}
	return verdict_exit_status(verdict.state);
}

/* What verifies an EAR. */
int
run_key(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	const struct json *jwk;
	struct err err = {0};
	int status = session_ask(&s, cli, "key", NULL);

	if (status != STATUS_DONE)
		return status;
	if (!json_get_object(s.reply.result, "jwk", &jwk, &err))
		return fail(&err);
	if (cli->option[OPTION_JSON] != NULL) {
		print_json(jwk);
		return STATUS_DONE;
	}
	if (print_only(json_as_text(json_get(s.reply.result, "pem")),
	               BASE64_LETTERS "+/=- \n"))
		return STATUS_DONE;
	err_set(&err, ERR_MALFORMED, "the verifier gave no key in PEM");
	return fail(&err);
}
