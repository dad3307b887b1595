/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The operator's command: one table of commands, one of options. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "option_list.h"
#include "proto/codec.h"
#include "proto/message.h"

/* Exit statuses; verdicts have theirs in evidence/verdict.h. */
enum {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_REFUSED = 2,
	STATUS_UNREACHABLE = 3,
	STATUS_UNKNOWN = 4
};

#define TAKES(id) (UINT64_C(1) << OPTION_##id)
/* Another program's command: its words and options go there as they are. */
#define PASSES_ALL (UINT64_C(1) << OPTION_COUNT)

struct cli {
	const char *socket;
	const char *command; /* "golden add" */
	char **words;        /* what is not an option */
	int n_words, n_settings;
	const char *option[OPTION_COUNT];   /* NULL: none; "" without value */
	const char *settings[OPTION_COUNT]; /* of -o: "KEY=VALUE" */
};

struct command {
	const char *name;
	const char *usage;
	uint64_t options; /* TAKES() of them */
	int least, most;  /* words */
	int (*run)(struct cli *);
};

extern const struct command commands[];
extern const size_t commands_n;

/* options.c: false when usage was printed; `*status` is what to exit with. */
MUST_CHECK bool cli_read(struct cli *, int argc, char **argv,
                         const struct command **, int *status);

/* session.c: the conversation with the verifier. */
struct session {
	int fd;
	uint64_t id;
	uint64_t answer_ms; /* 0: longer than the verifier's own deadlines */
	struct reply reply;
};
/* Connects; false, and nothing printed, when the verifier is not there. */
MUST_CHECK bool session_open(struct session *, const struct cli *,
                             struct err *);
/* Asks; false: no word came, else session.reply is it.  Prints nothing. */
MUST_CHECK bool session_exchange(struct session *, const char *command,
                                 struct json *arguments, struct err *);
int session_status(enum err_code);
/* Asks over one connection.  0, or the exit status after the error was
 * printed.  `arguments` is taken; the result is in session.reply. */
int session_ask(struct session *, const struct cli *, const char *command,
                struct json *arguments);
void session_done(struct session *);
/* Ask, print as JSON or by `print`, exit status. */
int ask_and_print(const struct cli *, const char *command,
                  struct json *arguments,
                  int (*print)(const struct json *result));

/* hosts.c: the operator's yes, by --yes or on a terminal. */
MUST_CHECK bool confirmed(const struct cli *, const char *question);

/* print.c */
void print_json(const struct json *);
void print_time(const char *before, uint64_t unix_s);
const char *field(const struct json *, const char *key);
void print_verdict(const struct verdict *, bool explain);
void print_differences(const struct verdict *);
void print_pcrs(const struct json *pcr_values);
int fail(const struct err *);

int run_enroll(struct cli *);
int run_reenroll(struct cli *);
int run_hosts(struct cli *);
int run_show(struct cli *);
int run_forget(struct cli *);
int run_verify(struct cli *);
int run_key(struct cli *);
int run_pki(struct cli *);

#endif
