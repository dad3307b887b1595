/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "audit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys/sys.h"
#include "when.h"

enum { PAGE_LINES = 1000 };

/* What was written after the log was closed, or what no verifier signed, is
 * refused; what cannot be told from here is not known. */
static int
refusal(const struct err *err)
{
	(void)fail(err);
	if (err->code == ERR_NOT_FOUND)
		return STATUS_UNKNOWN;
	return err->code == ERR_IO || err->code == ERR_CONFIG ? STATUS_FAILED
	                                                      : STATUS_REFUSED;
}

/* A log that does not hold is refused; one that could not be read is no answer.
 */
int
audit_ask(struct session *s, const struct cli *cli, const char *command)
{
	int status = session_ask(s, cli, command, NULL);

	return status == STATUS_FAILED && s->reply.error.code == ERR_CONFLICT
	           ? STATUS_REFUSED
	           : status;
}

bool
put_period(const struct cli *cli, struct json *asked, struct err *err)
{
	static const struct {
		enum option_id option;
		const char *key;
	} ends[] = {{OPTION_SINCE, "since"}, {OPTION_UNTIL, "until"}};
	uint64_t when_s;

	for (size_t i = 0; i < LENGTH_OF(ends); i++) {
		const char *text = cli->option[ends[i].option];

		if (text == NULL)
			continue;
		if (!when_past_read(text, sys_unix_s(), &when_s, err))
			return false;
		json_put_u64(asked, ends[i].key, when_s);
	}
	return true;
}

static bool
copy_member(void *arg, const char *key, const struct json *value)
{
	json_put(arg, key, json_share(value));
	return true;
}

/* True: all of the page was wanted. */
static bool
each_line(const struct audit_pages *p, const struct json *lines)
{
	for (size_t i = 0; i < json_count(lines); i++)
		if (!p->each(p->arg, json_at(lines, i)))
			return false;
	return true;
}

int
audit_pages(struct session *s, const struct cli *cli,
            const struct audit_pages *p)
{
	uint64_t next = p->first;
	bool begun = false, more = true;

	while (more) {
		struct json *arguments = json_new_object();
		const struct json *lines;
		struct audit_head head;
		struct err err = {0};
		int status;

		(void)json_members(p->asked, copy_member, arguments);
		json_put_u64(arguments, "first", next);
		json_put_u64(arguments, "max", PAGE_LINES);
		status = session_ask(s, cli, "audit", arguments);
		if (status != STATUS_DONE)
			return status;
		lines = json_get(s->reply.result, "lines");
		if (!begun && json_count(lines) != 0 && p->before != NULL) {
			const struct json *at =
			    json_get(s->reply.result, "before");

			if (at == NULL)
				err_set(&err, ERR_CONFLICT,
				        "audit: nothing vouches for what was "
				        "before the first of these lines: "
				        "'virt-attest audit verify' says why");
			if (at == NULL || !audit_head_get(at, &head, &err))
				return refusal(&err);
			p->before(p->arg, &head);
		}
		begun = begun || json_count(lines) != 0;
		more = each_line(p, lines) &&
		       json_get(s->reply.result, "next") != NULL;
		next = json_as_u64(json_get(s->reply.result, "next"));
	}
	return STATUS_DONE;
}

static bool
show_line(void *arg, const struct json *line)
{
	(void)arg;
	printf("%5s", field(line, "sequence"));
	print_time("  ", json_as_u64(json_get(line, "time")));
	printf("  %-10s %-12s %s  %s\n", field(line, "actor"),
	       field(line, "event"), field(line, "subject"),
	       field(line, "detail"));
	return ferror(stdout) == 0;
}

/* One object, as it always was; a line of it at a time. */
static bool
show_json(void *arg, const struct json *line)
{
	uint64_t *n = arg;

	if ((*n)++ != 0)
		printf(",\n");
	print_json(line);
	return ferror(stdout) == 0;
}

int
run_audit_show(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	AUTO(json_auto) struct json *asked = json_new_object();
	bool json = cli->option[OPTION_JSON] != NULL;
	struct err err = {0};
	uint64_t n = 0;
	const struct audit_pages pages = {
	    .asked = asked,
	    .each = json ? show_json : show_line,
	    .arg = &n,
	};
	int status;

	if (!put_period(cli, asked, &err))
		return fail(&err);
	if (cli->option[OPTION_HOST] != NULL)
		json_put_text(asked, "host", cli->option[OPTION_HOST]);
	if (cli->option[OPTION_EVENT] != NULL)
		json_put_text(asked, "event", cli->option[OPTION_EVENT]);
	if (json)
		printf("{\"lines\": [\n");
	status = audit_pages(&s, cli, &pages);
	if (json && status == STATUS_DONE)
		printf("]}\n");
	return status;
}

int
audit_key(struct session *s, const struct cli *cli, struct signing_public *key)
{
	AUTO(buf_done) struct buf pem = {0};
	char text[SIGNING_PEM_MAX];
	struct err err = {0};
	int status;

	if (cli->option[OPTION_KEY] != NULL)
		return sys_read_file(cli->option[OPTION_KEY],
		                     SIGNING_PEM_FILE_MAX, &pem, &err) &&
		               signing_of_pem(buf_span(&pem), key, &err)
		           ? STATUS_DONE
		           : fail(&err);
	status = session_ask(s, cli, "key", NULL);
	if (status != STATUS_DONE)
		return status;
	return json_get_text(s->reply.result, "pem", text, sizeof(text),
	                     &err) &&
	               signing_of_pem(span_str(text), key, &err)
	           ? STATUS_DONE
	           : fail(&err);
}

/* What a verified export says. */
static void
print_export(const struct cli *cli, const struct export_reading *r)
{
	const struct checkpoint *c = &r->checkpoint;
	struct json *result;

	if (cli->option[OPTION_JSON] == NULL) {
		printf("lines %llu to %llu hold, signed ",
		       (unsigned long long)r->walk.first.size + 1,
		       (unsigned long long)c->head.size);
		print_time("", c->time_s);
		printf("\n");
		if (r->walk.known != NULL)
			printf("and line %llu is the one of --checkpoint\n",
			       (unsigned long long)r->walk.known->size);
		return;
	}
	result = json_new_object();
	json_put_u64(result, "first", r->walk.first.size + 1);
	json_put_u64(result, "lines", c->head.size - r->walk.first.size);
	json_put_u64(result, "signed", c->time_s);
	print_json(result);
	json_free(result);
}

/* By a key or a checkpoint that was kept elsewhere. */
static int
verify_by_others(struct session *s, const struct cli *cli)
{
	struct signing_public key;
	struct checkpoint known;
	struct audit_export export = {.reading = {.key = &key}};
	const char *file = cli->n_words != 0 ? cli->words[0] : NULL;
	int status = audit_key(s, cli, &key);

	if (status != STATUS_DONE)
		return status;
	if (cli->option[OPTION_CHECKPOINT] != NULL) {
		if (!checkpoint_read_file(cli->option[OPTION_CHECKPOINT], &key,
		                          &known, &export.err))
			return refusal(&export.err);
		export.reading.walk.known = &known.head;
	}
	if (file != NULL) {
		if (!export_read_file(file, &export.reading, &export.err))
			return refusal(&export.err);
	} else {
		status = audit_export(s, cli, &export);
		if (status != STATUS_DONE)
			return status;
		if (export.err.code != ERR_NONE)
			return refusal(&export.err);
	}
	print_export(cli, &export.reading);
	return STATUS_DONE;
}

static int
print_chain(const struct json *result)
{
	const struct json *c = json_get(result, "checkpoint");

	printf("the audit log holds: %s lines, unbroken\n",
	       field(result, "lines"));
	if (json_as_u64(json_get(result, "first")) > 1)
		printf("it begins with line %s: what was before it is older "
		       "than it is kept for\n",
		       field(result, "first"));
	if (c == NULL)
		return STATUS_DONE;
	printf("signed up to line %s", field(c, "size"));
	print_time(", ", json_as_u64(json_get(c, "time")));
	printf("\n");
	return STATUS_DONE;
}

int
run_audit_verify(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	bool others = cli->option[OPTION_KEY] != NULL ||
	              cli->option[OPTION_CHECKPOINT] != NULL;
	struct err err = {0};
	int status;

	if (cli->n_words != 0 && cli->option[OPTION_KEY] == NULL) {
		err_set(&err, ERR_CONFIG,
		        "a file is verified by --key PEM, which 'virt-attest "
		        "key' of its verifier gave");
		return fail(&err);
	}
	if (cli->n_words != 0)
		return verify_by_others(&s, cli);
	status = audit_ask(&s, cli, "audit-verify");
	if (status != STATUS_DONE)
		return status;
	if (others)
		return verify_by_others(&s, cli);
	if (cli->option[OPTION_JSON] == NULL)
		return print_chain(s.reply.result);
	print_json(s.reply.result);
	return STATUS_DONE;
}

int
run_audit_checkpoint(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	const struct json *made;
	int status = audit_ask(&s, cli, "audit-checkpoint");

	if (status != STATUS_DONE)
		return status;
	made = json_get(s.reply.result, "checkpoint");
	if (cli->option[OPTION_JSON] == NULL)
		printf("%s\n", field(made, "jwt"));
	else
		print_json(made);
	return STATUS_DONE;
}

/* A new file and a whole one: an older export is no less worth. */
int
run_audit_export(struct cli *cli)
{
	AUTO(session_done) struct session s = {0};
	AUTO(json_auto) struct json *asked = json_new_object();
	struct signing_public key;
	struct audit_export export = {.reading = {.key = &key}};
	struct err *err = &export.err;
	const char *path = cli->words[0];
	int status, fd;

	if (!put_period(cli, asked, err))
		return fail(err);
	export.since_s = json_as_u64(json_get(asked, "since"));
	status = audit_key(&s, cli, &key);
	if (status != STATUS_DONE)
		return status;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	export.to = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (export.to == NULL) {
		err_set(err, ERR_IO, "%.150s: %s", path, strerror(errno));
		if (fd >= 0) {
			(void)close(fd);
			(void)unlink(path);
		}
		return fail(err);
	}
	status = audit_export(&s, cli, &export);
	if (fflush(export.to) != 0 || fsync(fd) != 0 || ferror(export.to) != 0)
		err_set(err, ERR_IO, "%.150s: %s", path, strerror(errno));
	(void)fclose(export.to);
	if (status == STATUS_DONE && err->code != ERR_NONE)
		status = refusal(err);
	if (status == STATUS_DONE)
		print_export(cli, &export.reading);
	else
		(void)unlink(path);
	return status;
}
