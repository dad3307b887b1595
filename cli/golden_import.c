/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* golden import: our own export, and the forms of other programs. */
#include <stdio.h>

#include "evidence/pcr_usage.h"
#include "golden_files.h"
#include "golden_trial.h"
#include "proto/goldenfile.h"
#include "sys/sys.h"

static bool
read_files(const struct cli *cli, struct goldenfile *out, struct err *err)
{
	AUTO(files_done) struct named_files files = {0};

	for (int i = 0; i < cli->n_words; i++)
		if (!files_add(&files, cli->words[i], err))
			return false;
	for (size_t i = 0; i < files.n; i++) {
		const struct named_file *f = &files.files[i];
		AUTO(buf_done) struct buf text = {.max = GOLDEN_FILE_MAX};

		if (!f->masked &&
		    (!sys_read_file(f->path, GOLDEN_FILE_MAX, &text, err) ||
		     !goldenfile_add(out, f->name, buf_span(&text), err)))
			return false;
	}
	return out->n_files != 0 ||
	       err_set(err, ERR_NOT_FOUND, "every .pcrlock file is masked");
}

/* What an export says itself. */
static bool
names_nothing(const struct cli *cli, struct err *err)
{
	static const enum option_id ours[] = {
	    OPTION_HOST, OPTION_GROUP, OPTION_LABEL, OPTION_PCRS, OPTION_SHA1};

	for (size_t i = 0; i < LENGTH_OF(ours); i++)
		if (cli->option[ours[i]] != NULL)
			return err_set(err, ERR_CONFIG,
			               "an exported golden value says itself "
			               "whose it is, its label and its PCRs");
	return true;
}

static bool
read_choice(const struct cli *cli, struct goldenfile_choice *c, struct err *err)
{
	const char *host = cli->option[OPTION_HOST];
	const char *group = cli->option[OPTION_GROUP];

	if ((host == NULL) == (group == NULL))
		return err_set(err, ERR_CONFIG,
		               "the file does not say whose golden value it "
		               "is: one of --host HOST and --group GROUP");
	if (cli->option[OPTION_LABEL] == NULL)
		return err_set(err, ERR_CONFIG,
		               "the file has no label: --label TEXT");
	*c = (struct goldenfile_choice){
	    .of_group = group != NULL,
	    .scope = group != NULL ? group : host,
	    .label = cli->option[OPTION_LABEL],
	    .pcrs = cli->option[OPTION_PCRS],
	    .allow_sha1 = cli->option[OPTION_SHA1] != NULL,
	};
	return true;
}

/* NULL after the error was printed. */
static struct json *
arguments_of(const struct cli *cli, const struct goldenfile *file,
             const struct golden *golden)
{
	struct json *arguments = json_new_object();
	struct json *object = golden_encode(golden);
	struct err err = {0};

	if (file->events.n != 0)
		json_put(object, "events", bootref_encode(&file->events));
	json_put(arguments, "golden", object);
	if (put_validity(cli, object, &err))
		return arguments;
	json_free(arguments);
	(void)fail(&err);
	return NULL;
}

static void
print_left_out(const struct goldenfile *file,
               const struct goldenfile_made *made)
{
	for (unsigned p = 0; p < PCR_COUNT; p++)
		if ((made->left_out >> p & 1) != 0)
			printf("  PCR %u (%s) has events in it, and is left "
			       "free\n",
			       p, pcr_usage(p));
	if (file->n_nv != 0)
		printf("  %zu records are of NV indices, which are not "
		       "quoted: they are left out\n",
		       file->n_nv);
}

static void
print_form(const struct goldenfile *file, const struct goldenfile_made *made)
{
	char pcrs[PCR_TEXT_MAX];

	printf("read as %s", goldenfile_form_text(file->form));
	if (file->form == GOLDENFILE_PCRLOCK) {
		printf(": %zu of them, %zu events\n", file->n_files,
		       file->events.n);
		printf("  an event of a host's boot log must be among these, "
		       "of whichever variant; their order, their number and "
		       "which go together are not judged\n");
	} else {
		printf(": no proof, nothing in it is signed by a TPM\n");
	}
	print_left_out(file, made);
	if (file->masked != 0)
		printf("  PCR %s of its mask have no value in it: Keylime "
		       "judges them by other means, and they are left free\n",
		       pcr_list_format(file->masked, pcrs));
	if (made->n > 1)
		printf("  it allows %zu combinations of values: a golden "
		       "value for each\n",
		       made->n);
}

/* One after the other; those before a refusal are candidates all the same. */
static int
import_all(const struct cli *cli, const struct goldenfile *file,
           const struct goldenfile_made *made)
{
	AUTO(session_done) struct session s = {0};
	AUTO(json_auto) struct json *said = json_new_object();
	struct json *goldens = json_new_array();
	bool as_json = cli->option[OPTION_JSON] != NULL;
	int status = STATUS_DONE;

	json_put_text(said, "form", goldenfile_form_name(file->form));
	json_put(said, "goldens", goldens);
	if (!as_json)
		print_form(file, made);
	for (size_t i = 0; i < made->n && status == STATUS_DONE; i++) {
		struct json *arguments =
		    arguments_of(cli, file, &made->goldens[i]);

		status = arguments == NULL
		             ? STATUS_FAILED
		             : session_ask(&s, cli, "golden-import", arguments);
		if (status != STATUS_DONE)
			break;
		if (as_json)
			json_add(goldens, json_share(s.reply.result));
		else
			(void)print_golden(s.reply.result);
	}
	if (as_json && json_count(goldens) != 0)
		print_json(said);
	return status;
}

static int
import_foreign(const struct cli *cli, const struct goldenfile *file)
{
	AUTO(goldenfile_made_done) struct goldenfile_made made = {0};
	struct goldenfile_choice choice;
	struct err err = {0};

	if (!read_choice(cli, &choice, &err) ||
	    !goldenfile_make(file, &choice, &made, &err))
		return fail(&err);
	return import_all(cli, file, &made);
}

int
run_golden_import(struct cli *cli)
{
	AUTO(goldenfile_done) struct goldenfile file = {0};
	struct json *arguments;
	struct err err = {0};

	if (!read_files(cli, &file, &err))
		return fail(&err);
	if (file.form != GOLDENFILE_EXPORT)
		return import_foreign(cli, &file);
	if (!names_nothing(cli, &err))
		return fail(&err);
	if (!put_validity(cli, file.export, &err))
		return fail(&err);
	arguments = json_new_object();
	json_put(arguments, "golden", file.export);
	file.export = NULL;
	return ask_and_print(cli, "golden-import", arguments, print_golden);
}
