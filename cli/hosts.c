/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* enroll, hosts, show, forget. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli.h"

static void
put_option(struct json *object, const char *key, const char *value)
{
	if (value != NULL)
		json_put_text(object, key, value);
}

/* "ADDR", "ADDR:PORT", "[V6]:PORT", "V6". */
static bool
put_address(struct json *object, const char *text, struct err *err)
{
	AUTO(mem_auto) char *copy = mem_text(text);
	char *address = copy, *port = strrchr(copy, ':');
	uint64_t number;

	if (*address == '[') {
		port = strchr(++address, ']');
		if (port == NULL)
			return err_set(err, ERR_CONFIG, "--address: no ']'");
		*port++ = '\0';
		port = *port == ':' ? port : NULL;
	} else if (port != NULL && strchr(address, ':') != port) {
		port = NULL; /* a bare IPv6 address */
	}
	if (port != NULL) {
		*port++ = '\0';
		if (!text_u64(port, UINT16_MAX, &number) || number == 0)
			return err_set(err, ERR_CONFIG,
			               "--address: the port is 1 to 65535");
		json_put_u64(object, "port", number);
	}
	json_put_text(object, "address", address);
	return true;
}

static bool
confirmed(const struct cli *cli, const char *question)
{
	char answer[16] = "";

	if (cli->option[OPTION_YES] != NULL)
		return true;
	if (isatty(STDIN_FILENO) == 0) {
		fprintf(stderr, "virt-attest: nothing is asked without a "
		                "terminal; use --yes\n");
		return false;
	}
	fprintf(stderr, "%s [y/N] ", question);
	return fgets(answer, sizeof(answer), stdin) != NULL &&
	       (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
}

static void
print_proposal(const struct json *host)
{
	const struct json *eks = json_get(host, "eks");

	printf("host      %s at %s port %s\n", field(host, "host"),
	       field(host, "address"), field(host, "port"));
	printf("TPM       %s %s, firmware %s\n",
	       field(host, "tpm_manufacturer"), field(host, "tpm_vendor"),
	       field(host, "tpm_firmware"));
	printf("AK name   %s\n", field(host, "ak_name"));
	for (size_t i = 0; i < json_count(eks); i++)
		printf("EK        %s %s%s\n",
		       field(json_at(eks, i), "algorithm"),
		       field(json_at(eks, i), "sha256"),
		       strcmp(field(json_at(eks, i), "sha256"),
		              field(host, "ek_sha256")) == 0
		           ? "  <- kept"
		           : "");
	printf("PCRs\n");
	print_pcrs(json_get(host, "pcr_values"));
}

static struct json *
enroll_arguments(const struct cli *cli, struct err *err)
{
	const char *address = cli->option[OPTION_ADDRESS];
	struct json *arguments = json_new_object();

	json_put_text(arguments, "host", cli->words[0]);
	put_option(arguments, "label", cli->option[OPTION_LABEL]);
	put_option(arguments, "group", cli->option[OPTION_GROUP]);
	put_option(arguments, "pcrs", cli->option[OPTION_PCRS]);
	put_option(arguments, "ek_sha256", cli->option[OPTION_EK]);
	if (address == NULL || put_address(arguments, address, err))
		return arguments;
	json_free(arguments);
	return NULL;
}

int
run_enroll(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	bool json = cli->option[OPTION_JSON] != NULL;
	struct json *arguments;
	struct err err = {0};
	int status;

	arguments = enroll_arguments(cli, &err);
	if (arguments == NULL)
		return fail(&err);
	status = session_ask(&s, cli, "enroll", arguments);
	if (status != STATUS_DONE)
		return status;
	if (!json)
		print_proposal(s.reply.result);
	if (!confirmed(cli, "Is this the host that you mean, in the state that "
	                    "you approve?"))
		return STATUS_FAILED;
	status = session_ask(&s, cli, "enroll-commit", NULL);
	if (status != STATUS_DONE)
		return status;
	if (json)
		print_json(s.reply.result);
	else
		printf("enrolled; golden value %s is active\n",
		       field(s.reply.result, "id"));
	return STATUS_DONE;
}

static int
print_hosts(const struct json *result)
{
	const struct json *hosts = json_get(result, "hosts");

	printf("%-24s %-12s %-10s %s\n", "HOST", "VERDICT", "AGE", "ADDRESS");
	for (size_t i = 0; i < json_count(hosts); i++) {
		const struct json *host = json_at(hosts, i);
		const struct json *standing = json_get(host, "standing");
		uint64_t age = json_as_u64(json_get(standing, "age_ms"));
		char text[24];

		snprintf(text, sizeof(text), "%llu s",
		         (unsigned long long)age / 1000);
		printf("%-24s %-12s %-10s %s:%s\n", field(host, "host"),
		       field(standing, "verdict"), text, field(host, "address"),
		       field(host, "port"));
	}
	return STATUS_DONE;
}

int
run_hosts(struct cli *cli)
{
	return ask_and_print(cli, "hosts", NULL, print_hosts);
}

static int
print_host(const struct json *host)
{
	struct verdict standing;
	struct err err = {0};

	printf("host      %s at %s port %s\n", field(host, "host"),
	       field(host, "address"), field(host, "port"));
	printf("label     %s\ngroup     %s\n", field(host, "label"),
	       field(host, "group"));
	print_time("enrolled  ", json_as_u64(json_get(host, "enrolled")));
	printf("\nTPM       %s %s, firmware %s\n",
	       field(host, "tpm_manufacturer"), field(host, "tpm_vendor"),
	       field(host, "tpm_firmware"));
	printf("AK name   %s\nEK        %s %s\n", field(host, "ak_name"),
	       field(host, "ek_algorithm"), field(host, "ek_sha256"));
	if (!verdict_decode(json_get(host, "standing"), &standing, &err))
		return fail(&err);
	print_verdict(&standing, true);
	return STATUS_DONE;
}

int
run_show(struct cli *cli)
{
	struct json *arguments = json_new_object();

	json_put_text(arguments, "host", cli->words[0]);
	if (cli->option[OPTION_EVIDENCE] != NULL)
		return ask_and_print(cli, "evidence", arguments, NULL);
	return ask_and_print(cli, "show", arguments, print_host);
}

static int
print_forgotten(const struct json *result)
{
	(void)result;
	printf("forgotten\n");
	return STATUS_DONE;
}

int
run_forget(struct cli *cli)
{
	struct json *arguments;

	if (!confirmed(cli, "Forget the host and its golden values?"))
		return STATUS_FAILED;
	arguments = json_new_object();
	json_put_text(arguments, "host", cli->words[0]);
	return ask_and_print(cli, "forget", arguments, print_forgotten);
}
