/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* completion: a shell's script, and what that asks this program for. */
#include <stdio.h>
#include <string.h>

#include "checks/check.h"
#include "complete.h"
#include "sys/sys.h"
#include "virt/endpoint.h"

/* Whoever typed the key waits. */
enum { COMPLETION_S = 3, COMPLETION_MS = 2000 };

/* Both give the words as they stand and take a word a line; ":files" is theirs
 * to know.  Nothing of an answer is evaluated.  readline ends words at ':' and
 * '=', too: what stands before is not to be said again. */
static const char bash[] =
    "# bash completion for virt-attest; \"virt-attest completion bash\" wrote "
    "it\n"
    "_virt_attest() {\n"
    "\tlocal words word typed before=; read -ra words "
    "<<<\"${COMP_LINE:0:COMP_POINT}\"\n"
    "\t[[ ${COMP_LINE:0:COMP_POINT} != *[[:space:]] ]] || words+=('')\n"
    "\ttyped=${words[-1]}\n"
    "\tif [[ $typed == --*=* ]]; then\n"
    "\t\t[[ $COMP_WORDBREAKS == *=* ]] || before=${typed%%=*}=\n"
    "\t\ttyped=${typed#*=}\n"
    "\tfi\n"
    "\tCOMPREPLY=()\n"
    "\twhile IFS= read -r word; do\n"
    "\t\tif [[ $word == :files ]]; then\n"
    "\t\t\tcompopt -o filenames\n"
    "\t\t\twhile IFS= read -r word; do\n"
    "\t\t\t\tCOMPREPLY+=(\"$before$word\")\n"
    "\t\t\tdone < <(compgen -f -- \"$typed\")\n"
    "\t\t\tcontinue\n"
    "\t\tfi\n"
    "\t\t[[ $COMP_WORDBREAKS != *:* || $typed != *:* ]] || "
    "word=${word#\"${typed%\"${typed##*:}\"}\"}\n"
    "\t\tCOMPREPLY+=(\"$before$word\")\n"
    "\tdone < <(\"$1\" completion words -- \"${words[@]:1}\" 2>/dev/null "
    "</dev/null)\n"
    "}\n"
    "complete -F _virt_attest virt-attest\n";

static const char zsh[] =
    "#compdef virt-attest\n"
    "# zsh completion for virt-attest; \"virt-attest completion zsh\" wrote "
    "it\n"
    "_virt-attest() {\n"
    "\tlocal -a said\n"
    "\tsaid=(\"${(@f)$(\"${(Q)words[1]}\" completion words -- "
    "\"${(@Q)words[2,CURRENT]}\" 2>/dev/null </dev/null)}\")\n"
    "\tsaid=(${said:#})\n"
    "\t[[ $PREFIX != --*=* ]] || compset -P '--*='\n"
    "\tif (( ${said[(Ie):files]} )); then\n"
    "\t\t_files\n"
    "\t\tsaid=(${said:#:files})\n"
    "\tfi\n"
    "\tcompadd -a said\n"
    "}\n"
    "if [[ $funcstack[1] == _virt-attest ]]; then\n"
    "\t_virt-attest \"$@\"\n"
    "else\n"
    "\tcompdef _virt-attest virt-attest\n"
    "fi\n";

static void
print_word(void *arg, const char *word)
{
	(void)arg;
	printf("%s\n", word);
}

static void
print_fitting(const struct completion *c, const char *before, const char *word,
              const char *behind)
{
	char whole[HOST_NAME_MAX_SIZE + 32];
	int n = snprintf(whole, sizeof(whole), "%s%s%s", before, word, behind);

	if (n > 0 && n < (int)sizeof(whole) && completes_safely(word) &&
	    strncmp(whole, c->typed, strlen(c->typed)) == 0)
		printf("%s\n", whole);
}

/* The verifier's answer; false when there is none: then nothing is offered. */
static bool
asked(const struct completion *c, const struct cli *cli, struct session *s,
      const char *command)
{
	struct cli of = {.socket = c->socket != NULL ? c->socket : cli->socket};
	struct err err = {0};

	s->answer_ms = COMPLETION_MS;
	return (s->fd > 0 || session_open(s, &of, &err)) &&
	       session_exchange(s, command, NULL, &err) &&
	       s->reply.result != NULL;
}

static void
offer_hosts(const struct completion *c, const struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	const struct json *hosts;

	if (!asked(c, cli, &s, "hosts"))
		return;
	hosts = json_get(s.reply.result, "hosts");
	for (size_t i = 0; i < json_count(hosts); i++) {
		const char *name = field(json_at(hosts, i), "host");

		if ((c->kinds & COMPLETE_HOSTS) != 0)
			print_fitting(c, "", name, "");
		if ((c->kinds & COMPLETE_URIS) != 0)
			print_fitting(c, "qemu+tls://", name, "/system");
	}
}

static void
offer_goldens(const struct completion *c, const struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	const struct json *goldens;

	if (!asked(c, cli, &s, "golden-list"))
		return;
	goldens = json_get(s.reply.result, "goldens");
	for (size_t i = 0; i < json_count(goldens); i++)
		print_fitting(c, "", field(json_at(goldens, i), "id"), "");
}

/* A libvirt of this machine alone: on the way to another one somebody might be
 * asked for a password. */
static void
offer_domains(const struct completion *c)
{
	AUTO(arena_done) struct arena arena = {0};
	struct endpoint_domains domains = {0};
	struct endpoint *endpoint;
	struct err err = {0};

	if (c->connect != NULL && (strstr(c->connect, ":///") == NULL ||
	                           strchr(c->connect, '+') != NULL))
		return;
	endpoint = endpoint_open(c->connect, &err);
	if (endpoint != NULL &&
	    endpoint_domains(endpoint, false, &arena, &domains, &err))
		for (size_t i = 0; i < domains.n; i++)
			print_fitting(c, "", domains.names[i], "");
	endpoint_free(endpoint);
}

static void
offer_checks(const struct completion *c)
{
	const struct migration_check *check = NULL;

	while ((check = check_next(check)) != NULL)
		print_fitting(c, "", check->id, "");
}

static int
print_words(const struct cli *cli)
{
	struct completion c = {.offer = print_word};

	/* What is known then is said. */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	sys_end_within(COMPLETION_S);
	complete(&c, cli->words + 1, (size_t)cli->n_words - 1);
	if ((c.kinds & COMPLETE_FILES) != 0)
		printf(":files\n");
	if ((c.kinds & COMPLETE_CHECKS) != 0)
		offer_checks(&c);
	if ((c.kinds & (COMPLETE_HOSTS | COMPLETE_URIS)) != 0)
		offer_hosts(&c, cli);
	if ((c.kinds & COMPLETE_GOLDENS) != 0)
		offer_goldens(&c, cli);
	if ((c.kinds & COMPLETE_DOMAINS) != 0)
		offer_domains(&c);
	return fflush(stdout) == 0 ? STATUS_DONE : STATUS_FAILED;
}

int
run_completion(struct cli *cli)
{
	const char *what = cli->words[0];
	struct err err = {0};

	if (strcmp(what, "words") == 0)
		return print_words(cli);
	if (cli->n_words != 1 ||
	    (strcmp(what, "bash") != 0 && strcmp(what, "zsh") != 0)) {
		err_set(&err, ERR_CONFIG,
		        "'%.20s': completion is for bash or for zsh",
		        cli->words[cli->n_words - 1]);
		return fail(&err);
	}
	return fputs(what[0] == 'b' ? bash : zsh, stdout) >= 0 &&
	               fflush(stdout) == 0
	           ? STATUS_DONE
	           : STATUS_FAILED;
}
