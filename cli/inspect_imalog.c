/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A measurement list is read twice: whether all of it is good and what it leads
 * to, then to be printed, entry by entry: it may be longer than memory is. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "evidence/imareplay.h"
#include "inspect.h"

/* Some two million files. */
enum { IMALOG_FILE_MAX = 256 * 1024 * 1024 };

static const uint16_t banks[] = {TPM_ALG_SHA1, TPM_ALG_SHA256, TPM_ALG_SHA384,
                                 TPM_ALG_SHA512};

static bool
is_list(struct span bytes)
{
	enum imalog_form form;
	uint16_t alg;

	return imalog_recognize(bytes, &form, &alg);
}

/* What a terminal could obey is written \xNN, and so is what is no ASCII. */
static const char *
escaped(struct span s, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";

	out->len = 0;
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = s.at[i];

		if (c >= 0x20 && c < 0x7f && c != '\\') {
			buf_u8(out, c);
			continue;
		}
		buf_text(out, c == '\\' ? "\\\\" : "\\x");
		if (c != '\\') {
			buf_u8(out, (uint8_t)digits[c >> 4]);
			buf_u8(out, (uint8_t)digits[c & 15]);
		}
	}
	buf_u8(out, '\0');
	return (const char *)out->at;
}

static bool
replay_all(struct imalog log, struct imareplay *r, struct err *err)
{
	struct imalog_entry e;
	enum imalog_got got;

	for (size_t i = 0; i < LENGTH_OF(banks); i++)
		if (!imareplay_bank(r, banks[i], false) ||
		    (i != 0 && !imareplay_bank(r, banks[i], true)))
			return err_set(err, ERR_INTERNAL, "ima log: banks");
	while ((got = imalog_next(&log, &e, err)) == IMALOG_ENTRY)
		if (!imareplay_extend(r, log.alg, &e, err))
			return false;
	return got == IMALOG_END;
}

static struct json *
values_encode(const struct imareplay *r, bool padded)
{
	struct json *all = json_new_object();

	for (size_t b = 0; b < r->n_banks; b++) {
		const struct imareplay_bank *bank = &r->banks[b];
		struct json *values;

		if (bank->padded != padded)
			continue;
		values = json_new_object();
		for (unsigned p = 0; p < PCR_COUNT; p++) {
			char name[4];

			if ((r->extended >> p & 1) == 0)
				continue;
			snprintf(name, sizeof(name), "%u", p & 31);
			json_put_hex(values, name, digest_span(&bank->pcrs[p]));
		}
		json_put(all, pcr_bank_name(bank->alg), values);
	}
	return all;
}

static struct json *
head_encode(const struct imalog *log, const struct imareplay *r)
{
	struct json *head = json_new_object();

	json_put_text(head, "kind", "ima-log");
	json_put_u64(head, "events", r->n);
	json_put_text(head, "form",
	              log->form == IMALOG_TEXT ? "text" : "binary");
	json_put_text(head, "digests", pcr_bank_name(log->alg));
	json_put_u64(head, "violations", r->violations);
	json_put(head, "replay", values_encode(r, false));
	/* A bank whose hash the kernel lacked when IMA started. */
	json_put(head, "replay_padded_sha1", values_encode(r, true));
	return head;
}

static struct json *
entry_encode(const struct imalog_entry *e, struct buf *text)
{
	struct json *entry = json_new_object();

	json_put_u64(entry, "number", e->n);
	json_put_u64(entry, "pcr", e->pcr);
	json_put_text(entry, "template", escaped(e->template, text));
	json_put_hex(entry, "template_digest", e->digest);
	if (e->known) {
		json_put_text(entry, "algorithm", escaped(e->file.alg, text));
		json_put_hex(entry, "digest", e->file.value);
		json_put_text(entry, "path", escaped(e->path, text));
		json_put_bool(entry, "signature",
		              e->signature.len != 0 || e->modsig.len != 0);
	}
	json_put_bool(entry, "violation", e->violation);
	return entry;
}

static void
print_entries_json(struct imalog log)
{
	AUTO(buf_done) struct buf text = {0}, line = {0};
	struct imalog_entry e;
	const char *before = "";

	while (imalog_next(&log, &e, NULL) == IMALOG_ENTRY) {
		struct json *entry = entry_encode(&e, &text);

		line.len = 0;
		json_format(entry, &line);
		printf("%s\n    %.*s", before, (int)line.len,
		       (const char *)line.at);
		json_free(entry);
		before = ",";
	}
}

/* One object; json-c would hold every entry of it at once. */
static void
print_all_json(const struct imalog *log, const struct imareplay *r)
{
	AUTO(json_auto) struct json *head = head_encode(log, r);
	AUTO(buf_done) struct buf text = {0};

	json_format(head, &text);
	while (text.len != 0 && text.at[text.len - 1] != '}')
		text.len--;
	printf("%.*s, \"entries\": [", (int)text.len - 1,
	       (const char *)text.at);
	print_entries_json(*log);
	printf("\n]}\n");
}

static void
print_all(struct imalog log, const struct imareplay *r)
{
	AUTO(buf_done) struct buf text = {0};
	AUTO(json_auto) struct json *values = values_encode(r, false);
	char hex[TEXT_HEX_SIZE(DIGEST_MAX)];
	struct imalog_entry e;

	printf("%-14s %s\n%-14s %llu\n%-14s %llu\n", "kind", "ima-log",
	       "events", (unsigned long long)r->n, "violations",
	       (unsigned long long)r->violations);
	print_pcrs(values);
	while (imalog_next(&log, &e, NULL) == IMALOG_ENTRY) {
		printf("%6llu %2u %.*s", (unsigned long long)e.n, e.pcr,
		       (int)e.template.len, (const char *)e.template.at);
		if (e.known) {
			printf(" %s:", escaped(e.file.alg, &text));
			printf("%s", text_hex(e.file.value, hex));
			printf(" %s", escaped(e.path, &text));
		}
		printf("%s%s\n",
		       e.signature.len != 0 || e.modsig.len != 0 ? " [signed]"
		                                                 : "",
		       e.violation ? " [violation]" : "");
	}
}

static bool
show(const struct cli *cli, struct span bytes, struct err *err)
{
	AUTO(mem_auto) uint8_t *scratch = mem_new(IMALOG_SCRATCH_SIZE, 1);
	AUTO(mem_auto) struct imareplay *r = mem_new(1, sizeof(*r));
	struct imalog log = {.scratch = scratch,
	                     .scratch_size = IMALOG_SCRATCH_SIZE};

	if (!imalog_recognize(bytes, &log.form, &log.alg))
		return err_set(err, ERR_MALFORMED, "ima log: not one");
	imalog_feed(&log, bytes);
	if (!replay_all(log, r, err))
		return false;
	if (cli->option[OPTION_JSON] != NULL)
		print_all_json(&log, r);
	else
		print_all(log, r);
	return true;
}

const struct inspect_kind inspect_imalog = {is_list, IMALOG_FILE_MAX, show};
