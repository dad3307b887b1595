/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor --gates: what keeps a domain from a host that is not trusted, here and
 * now.  No daemon of ours is needed. */
#include "doctor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gatejudge/judge.h"
#include "gatelook/look.h"
#include "screen.h"

enum { HANG = 25 };

static void
print_more(const char *what, const char *text)
{
	char line[GATE_TEXT_MAX + 32];
	size_t columns = screen_columns(STDOUT_FILENO);

	if (text[0] == '\0')
		return;
	snprintf(line, sizeof(line), "%s: %s", what, text);
	printf("%*s", HANG, "");
	print_wrapped(stdout, columns, HANG, HANG, line);
	printf("\n");
}

static void
print_gate(enum gate gate, const struct gate_line *line)
{
	size_t columns = screen_columns(STDOUT_FILENO);

	printf("%-8s %-15s ", gate_state_name(line->state), gate_words(gate));
	print_wrapped(stdout, columns, HANG, HANG, line->evidence);
	printf("\n");
	if (line->state == GATE_ON)
		print_more("leaves open", line->leaves);
	print_more(line->state == GATE_OFF ? "on with" : "what to do",
	           line->remedy);
}

static struct json *
gate_as_json(enum gate gate, const struct gate_line *line)
{
	struct json *o = json_new_object();

	json_put_text(o, "gate", gate_name(gate));
	json_put_text(o, "state", gate_state_name(line->state));
	json_put_text(o, "text", line->evidence);
	if (line->state == GATE_ON)
		json_put_text(o, "leaves_open", line->leaves);
	if (line->remedy[0] != '\0')
		json_put_text(o, "remedy", line->remedy);
	return o;
}

static void
print_as_json(const struct gate_line lines[GATE_COUNT], bool as_root)
{
	static const char *const states[] = {
	    [WAY_OPEN] = "open",
	    [WAY_PERMIT] = "permit",
	    [WAY_CLOSED] = "closed",
	};
	struct json *all = json_new_object(), *gates = json_new_array(),
		    *ways = json_new_object();
	AUTO(json_auto) struct json *root = all;

	for (size_t i = 0; i < GATE_COUNT; i++)
		json_add(gates, gate_as_json((enum gate)i, &lines[i]));
	for (size_t i = 0; i < WAY_COUNT; i++)
		json_put_text(ways, way_name((enum way)i),
		              states[way_state(lines, (enum way)i)]);
	json_put_bool(all, "as_root", as_root);
	json_put(all, "gates", gates);
	json_put(all, "ways", ways);
	print_json(root);
}

int
run_doctor_gates(struct cli *cli)
{
	AUTO(arena_done) struct arena arena = {0};
	struct gate_line lines[GATE_COUNT];
	struct gate_facts facts;
	char holes[HOLES_TEXT_MAX];

	gates_look(&arena, &facts);
	gates_judge(&facts, lines);
	if (cli->option[OPTION_JSON] != NULL) {
		print_as_json(lines, facts.as_root);
		return gates_status(lines);
	}
	for (size_t i = 0; i < GATE_COUNT; i++)
		print_gate((enum gate)i, &lines[i]);
	if (!facts.as_root)
		printf("\nNot run as root: what only root may look at is "
		       "'unknown', and counts as open.\n");
	gates_holes(lines, holes);
	printf("\n");
	print_wrapped(stdout, screen_columns(STDOUT_FILENO), 0, 0, holes);
	printf("\n");
	return gates_status(lines);
}
