/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "complete.h"
#include "screen.h"
#include "sys/control.h"

enum { USAGE_HANG = 8 };

_Static_assert(OPTION_COUNT < 64, "a command's options are bits");

static const struct {
	const char *name;
	bool argument;
} option_words[] = {
#define X(id, name, argument) {name, argument},
    OPTIONS(X)
#undef X
};

/* Of the commands whose names begin with this word, or of all. */
static void
print_usage(FILE *to, const char *word)
{
	size_t columns = screen_columns(fileno(to)), len = strlen(word), at;

	if (columns == 0)
		columns = SCREEN_USUAL;
	fprintf(to, "usage: virt-attest [-S SOCKET] COMMAND\n");
	for (size_t i = 0; i < commands_n; i++) {
		const char *name = commands[i].name;

		if (strncmp(name, word, len) != 0 ||
		    (len != 0 && name[len] != '\0' && name[len] != ' '))
			continue;
		at = (size_t)fprintf(to, "  %s ", name);
		print_wrapped(to, columns, USAGE_HANG, at, commands[i].usage);
		fprintf(to, "\n");
	}
}

void
print_command_usage(FILE *to, const struct command *command)
{
	size_t columns = screen_columns(fileno(to)), at;

	at = (size_t)fprintf(to, "usage: virt-attest %s ", command->name);
	print_wrapped(to, columns != 0 ? columns : SCREEN_USUAL, USAGE_HANG, at,
	              command->usage);
	fprintf(to, "\n");
}

static bool
wrong(const struct command *command, const char *why, int *status)
{
	fprintf(stderr, "virt-attest: %s\n", why);
	if (command != NULL)
		print_command_usage(stderr, command);
	else
		fprintf(stderr, "virt-attest: 'virt-attest help' lists the "
		                "commands\n");
	*status = STATUS_FAILED;
	return false;
}

const struct command *
command_of(char **words, int n, int *used)
{
	char two[64];

	for (*used = n > 1 ? 2 : 1; *used >= 1; (*used)--) {
		snprintf(two, sizeof(two), *used == 2 ? "%s %s" : "%s",
		         words[0], n > 1 ? words[1] : "");
		for (size_t i = 0; i < commands_n; i++)
			if (strcmp(commands[i].name, two) == 0)
				return &commands[i];
	}
	return NULL;
}

static void
fill_options(struct option *options)
{
	for (int i = 0; i < OPTION_COUNT; i++)
		options[i] = (struct option){
		    .name = option_words[i].name,
		    .has_arg = option_words[i].argument ? required_argument
		                                        : no_argument,
		    .val = 256 + i,
		};
}

/* `word` may be NULL. */
static bool
helped(const char *word, int *status)
{
	print_usage(stdout, word != NULL ? word : "");
	*status = STATUS_DONE;
	return false;
}

static bool
read_options(struct cli *cli, int argc, char **argv, int *status)
{
	struct option options[OPTION_COUNT + 3] = {0};
	char what[96];
	bool help = false;
	int got, used;

	fill_options(options);
	options[OPTION_COUNT] = (struct option){"help", no_argument, NULL, 'h'};
	options[OPTION_COUNT + 1] =
	    (struct option){"version", no_argument, NULL, 'V'};
	opterr = 0;
	while ((got = getopt_long(argc, argv, "S:o:hV", options, NULL)) != -1) {
		if (got >= 256) {
			cli->option[got - 256] = optarg != NULL ? optarg : "";
		} else if (got == 'S') {
			cli->socket = optarg;
		} else if (got == 'o' && cli->n_settings < OPTION_COUNT) {
			cli->settings[cli->n_settings++] = optarg;
		} else if (got == 'h') {
			help = true;
		} else if (got == 'V') {
			printf("virt-attest %s\n", VIRT_ATTEST_VERSION);
			*status = STATUS_DONE;
			return false;
		} else {
			snprintf(what, sizeof(what),
			         "%.60s: no such option, or "
			         "no value",
			         argv[optind - 1]);
			return wrong(command_of(argv + 1, argc - 1, &used),
			             what, status);
		}
	}
	if (help)
		return helped(argv[optind], status);
	return true;
}

/* A command of two forms: the second is the one with --from. */
static const struct command *
form_of(const struct command *c, const struct cli *cli)
{
	bool has_two =
	    c + 1 < commands + commands_n && strcmp(c->name, c[1].name) == 0;

	return has_two && cli->option[OPTION_FROM] != NULL ? c + 1 : c;
}

bool
cli_read(struct cli *cli, int argc, char **argv, const struct command **command,
         int *status)
{
	bool socket = argc > 2 && strcmp(argv[1], "-S") == 0;
	int used = 0, first = socket ? 3 : 1;

	cli->socket = socket ? argv[2] : CONTROL_SOCKET;
	*command = argc > first ? command_of(argv + first, 1, &used) : NULL;
	if (*command != NULL && (*command)->options == PASSES_ALL) {
		cli->command = (*command)->name;
		cli->words = argv + first + used;
		return true;
	}
	if (!read_options(cli, argc, argv, status))
		return false;
	cli->words = argv + optind;
	cli->n_words = argc - optind;
	if (cli->n_words == 0)
		return wrong(NULL, "no command", status);
	if (strcmp(cli->words[0], "help") == 0)
		return helped(cli->words[1], status);
	*command = command_of(cli->words, cli->n_words, &used);
	if (*command == NULL)
		return wrong(NULL, "no such command", status);
	*command = form_of(*command, cli);
	cli->command = (*command)->name;
	cli->words += used;
	cli->n_words -= used;
	if (cli->n_words < (*command)->least || cli->n_words > (*command)->most)
		return wrong(*command, "wrong number of words", status);
	/* -o is of who takes the daemons' files. */
	for (int i = 0; i < OPTION_COUNT; i++)
		if ((cli->option[i] != NULL ||
		     (i == OPTION_AGENTD && cli->n_settings != 0)) &&
		    ((*command)->options >> i & 1) == 0)
			return wrong(*command,
			             "an option that it does not take", status);
	return true;
}
