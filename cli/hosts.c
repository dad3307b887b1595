/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* enroll, reenroll, hosts, show, forget. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "cli.h"
#include "crypto/migration_ca.h"

static void
put_option(struct json *object, const char *key, const char *value)
{
	if (value != NULL)
		json_put_text(object, key, value);
}

bool
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

/* By whose word the EK is genuine, and what its certificate says. */
static void
print_endorser(const struct json *host)
{
	const struct json *c = json_get(host, "certificate");
	enum endorser endorser = ENDORSED_BY_NOBODY;

	(void)!endorser_of(field(host, "endorsed_by"), &endorser);
	printf("endorsed  by %s\n", endorser_text(endorser));
	if (c == NULL)
		return;
	printf("          %s %s of %s\n",
	       endorser == ENDORSED_BY_OPERATOR ? "its TPM keeps certificate"
	                                        : "certificate",
	       field(c, "serial"), field(c, "issuer"));
	printf("          for %s %s %s%s%s\n", field(c, "tpm_manufacturer"),
	       field(c, "tpm_model"), field(c, "tpm_version"),
	       field(c, "subject")[0] != '\0' ? ", " : "", field(c, "subject"));
}

/* The keys that the host serves others with, as the TPM signs them. */
static void
print_endpoints(const char *before, const struct json *host)
{
	const struct json *keys = json_get(host, "endpoint_keys");

	for (size_t i = 0; i < json_count(keys); i++)
		printf("%s%s key %s\n", before, field(json_at(keys, i), "kind"),
		       field(json_at(keys, i), "sha256"));
	if (json_count(keys) == 0)
		printf("%sno endpoint key: qemu+tls:// is not bound to this "
		       "host\n",
		       before);
}

static void
print_migration_ca(const char *before, const struct json *host)
{
	struct certificate_bytes der = {0};
	char hex[TEXT_HEX_SIZE(SHA256_SIZE)];
	struct migration_ca ca;
	struct err err = {0};

	if (!migration_ca_want(host, &der, &err) || der.len == 0) {
		printf("%smigration CA: none: not in the trust gate\n", before);
		return;
	}
	if (!migration_ca_read(span_of(der.at, der.len), &ca, &err)) {
		printf("%s%s\n", before, err.text);
		return;
	}
	printf("%smigration CA: SHA-256 %s\n%*s", before,
	       text_hex(span_of(ca.sha256, SHA256_SIZE), hex),
	       (int)strlen(before), "");
	print_time("valid until ", ca.not_after_s);
	printf("%*sfor", (int)strlen(before), "");
	for (size_t i = 0; i < ca.n_names; i++)
		printf(" %s", ca.names[i]);
	printf("\n");
}

static void
print_known(const struct json *host)
{
	const struct json *known = json_get(host, "known");

	if (known == NULL)
		return;
	printf("it is     %s\n", field(host, "likeness"));
	printf("before    EK %s %s\n          AK %s\n",
	       field(known, "ek_algorithm"), field(known, "ek_sha256"),
	       field(known, "ak_name"));
	print_endpoints("          ", known);
	print_migration_ca("          ", known);
}

static void
print_proposal(const struct json *host)
{
	const struct json *eks = json_get(host, "eks");

	printf("host      %s at %s port %s\n", field(host, "host"),
	       field(host, "address"), field(host, "port"));
	print_known(host);
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
	print_endorser(host);
	print_endpoints("serves    ", host);
	print_migration_ca("          ", host);
	printf("PCRs\n");
	print_pcrs(json_get(host, "pcr_values"));
}

/* Not to be missed, whoever reads standard output. */
static void
print_warnings(const struct json *host)
{
	const struct json *warnings = json_get(host, "warnings");

	for (size_t i = 0; i < json_count(warnings); i++) {
		const char *text = json_as_text(json_at(warnings, i));

		fprintf(stderr, "virt-attest: WARNING: %s\n",
		        text != NULL && text_is_printable(text) ? text : "?");
	}
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

static int
commit(struct session *s, const struct cli *cli, const char *done)
{
	int status = session_ask(s, cli, "enroll-commit", NULL);

	if (status != STATUS_DONE)
		return status;
	if (cli->option[OPTION_JSON] != NULL)
		print_json(s->reply.result);
	else
		printf("%s; golden value %s is active\n", done,
		       field(s->reply.result, "id"));
	return STATUS_DONE;
}

/* The host shows itself, and the verifier what it is. */
static int
look(struct session *s, const struct cli *cli, bool replace)
{
	struct err err = {0};
	struct json *arguments = enroll_arguments(cli, &err);
	int status;

	if (arguments == NULL)
		return fail(&err);
	json_put_bool(arguments, "replace", replace);
	status = session_ask(s, cli, "enroll", arguments);
	if (status != STATUS_DONE)
		return status;
	if (cli->option[OPTION_JSON] == NULL)
		print_proposal(s->reply.result);
	print_warnings(s->reply.result);
	return STATUS_DONE;
}

int
run_enroll(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	int status = look(&s, cli, false);

	if (status != STATUS_DONE)
		return status;
	if (!confirmed(cli, "Is this the host that you mean, in the state that "
	                    "you approve?"))
		return STATUS_FAILED;
	return commit(&s, cli, "enrolled");
}

/* Without --replace it only shows what is another: 0 nothing, 2 something. */
int
run_reenroll(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	int status = look(&s, cli, true);
	bool same;

	if (status != STATUS_DONE)
		return status;
	same = json_as_bool(json_get(s.reply.result, "same"));
	if (cli->option[OPTION_REPLACE] == NULL) {
		if (cli->option[OPTION_JSON] != NULL)
			print_json(s.reply.result);
		else
			printf("%s; nothing was changed%s\n",
			       same ? "it is as it was enrolled"
			            : "it is not as it was enrolled",
			       same ? "" : ", --replace does");
		return same ? STATUS_DONE : STATUS_REFUSED;
	}
	if (!confirmed(cli, "Replace the host's identity, and revoke its "
	                    "golden values?"))
		return STATUS_FAILED;
	return commit(&s, cli, "replaced");
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
	printf("AK name   %s, %s\nEK        %s %s\n", field(host, "ak_name"),
	       field(host, "ak_scheme"), field(host, "ek_algorithm"),
	       field(host, "ek_sha256"));
	print_endorser(host);
	print_endpoints("serves    ", host);
	print_migration_ca("          ", host);
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
