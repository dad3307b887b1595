/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* polkit's rules, in its order. */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "look_private.h"

#define OURS "virt-attest-permitted"

/* The earlier goes first among those of the same name. */
static const char *const folders[] = {
    "/etc/polkit-1/rules.d",
    "/usr/share/polkit-1/rules.d",
};

static int
by_name(const void *a, const void *b)
{
	const struct gate_rule *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : strcmp(x->file.path, y->file.path);
}

/* "var HELPER = "PATH"": what it would run. */
static const char *
named_program(struct arena *arena, const struct buf *text)
{
	static const char before[] = "HELPER = \"";
	char path[LOOK_PATH_SIZE];
	const uint8_t *at = memmem(text->at, text->len, before, strlen(before));
	const uint8_t *end;

	if (at == NULL)
		return "";
	at += strlen(before);
	end = memchr(at, '"', text->len - (size_t)(at - text->at));
	if (end == NULL)
		return "";
	text_ascii(span_of(at, (size_t)(end - at)), path, sizeof(path));
	return arena_text(arena, path);
}

/* Debian's folder of rules is polkitd's own, which decides whatever lies there.
 */
static bool
is_roots_or_polkitds(const char *path)
{
	const struct passwd *account = getpwnam("polkitd");
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & 0022) == 0 &&
	       (st.st_uid == 0 ||
	        (account != NULL && st.st_uid == account->pw_uid));
}

static void
add(struct arena *arena, const char *folder, const char *name,
    struct gate_polkit *p)
{
	struct gate_rule *rule = &p->all[p->n];
	AUTO(buf_done) struct buf text = {0};
	char path[LOOK_PATH_SIZE];
	size_t len = strlen(name);

	if (p->n == GATE_RULES_MAX || len < 6 ||
	    strcmp(name + len - 6, ".rules") != 0)
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	*rule =
	    (struct gate_rule){.file = look_at_file(arena, path), .name = name};
	if (is_roots_or_polkitds(folder) && is_roots_or_polkitds(path))
		rule->file.loose = NULL;
	if (look_read(arena, &rule->file, LOOK_FILE_MAX, &text)) {
		look_strip(&text, "//");
		rule->ours = look_has(&text, OURS);
		rule->migrates = look_has(&text, "org.libvirt");
		if (rule->ours)
			p->helper =
			    look_at_file(arena, named_program(arena, &text));
	}
	if (rule->file.why != NULL)
		p->why = rule->file.why;
	p->n++;
}

void
look_polkit(struct arena *arena, struct gate_facts *f)
{
	struct gate_polkit *p = &f->polkit;
	const char *names[GATE_RULES_MAX];

	p->helper.path = "";
	p->runs = look_process("polkitd");
	for (size_t i = 0; i < LENGTH_OF(folders); i++) {
		size_t n = look_folder(arena, folders[i], GATE_RULES_MAX, names,
		                       &p->why);

		for (size_t k = 0; k < n; k++)
			add(arena, folders[i], names[k], p);
	}
	qsort(p->all, p->n, sizeof(p->all[0]), by_name);
}
