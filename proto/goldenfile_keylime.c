/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keylime's tpm_policy: {"4":["hex",...],"7":"hex","mask":"0x90"}.  A PCR's
 * value must be one of its list, whichever bank was quoted; a value's bank is
 * told by its length. */
#include <stdio.h>
#include <string.h>

#include "proto/goldenfile_private.h"

enum { MASK_SIZE = 16 };

static const uint16_t banks[] = {TPM_ALG_SHA1, TPM_ALG_SHA256, TPM_ALG_SHA384,
                                 TPM_ALG_SHA512};

static bool
is_other(void *arg, const char *key, const struct json *value)
{
	(void)arg;
	(void)value;
	return (key[0] < '0' || key[0] > '9') && strcmp(key, "mask") != 0;
}

bool
goldenfile_is_keylime(const struct json *object)
{
	return !json_members(object, is_other, NULL);
}

struct reading {
	struct goldenfile *file;
	uint32_t pcrs, mask;
	bool has_mask;
	struct err *err;
};

static bool
read_mask(struct reading *r, const struct json *value)
{
	const char *text = json_as_text(value);
	uint32_t mask = 0;

	r->has_mask = true;
	if (text == NULL || strlen(text) >= MASK_SIZE ||
	    (strncmp(text, "0x", 2) != 0 && strncmp(text, "0X", 2) != 0) ||
	    text[2] == '\0')
		return err_set(r->err, ERR_MALFORMED,
		               "tpm_policy: 'mask' is no hexadecimal number");
	for (const char *at = text + 2; *at != '\0'; at++) {
		static const char digits[] = "0123456789abcdefABCDEF";
		const char *found = strchr(digits, *at);
		uint32_t digit;

		if (found == NULL)
			return err_set(r->err, ERR_MALFORMED,
			               "tpm_policy: 'mask' is no hexadecimal "
			               "number");
		digit = (uint32_t)(found - digits);
		mask = mask << 4 | (digit < 16 ? digit : digit - 6);
		if (mask >> PCR_COUNT != 0)
			return err_set(r->err, ERR_MALFORMED,
			               "tpm_policy: 'mask' has a PCR over %d",
			               PCR_COUNT - 1);
	}
	r->mask = mask;
	return true;
}

static bool
read_value(struct reading *r, unsigned pcr, const struct json *value)
{
	AUTO(buf_done) struct buf bytes = {.max = DIGEST_MAX};
	const char *hex = json_as_text(value);

	if (hex != NULL && text_unhex(hex, &bytes))
		for (size_t i = 0; i < LENGTH_OF(banks); i++)
			if (bytes.len == crypto_digest_size(banks[i]))
				return goldenfile_add_value(
				    r->file, pcr, banks[i], buf_span(&bytes),
				    r->err);
	return err_set(r->err, ERR_MALFORMED,
	               "tpm_policy: PCR %u has a value that is no digest in "
	               "hexadecimal",
	               pcr);
}

/* A list of values, or one alone. */
static bool
read_values(struct reading *r, unsigned pcr, const struct json *value)
{
	if (!json_is_array(value))
		return read_value(r, pcr, value);
	if (json_count(value) == 0)
		return err_set(r->err, ERR_MALFORMED,
		               "tpm_policy: PCR %u may have no value at all",
		               pcr);
	for (size_t i = 0; i < json_count(value); i++)
		if (!read_value(r, pcr, json_at(value, i)))
			return false;
	return true;
}

static bool
read_member(void *arg, const char *key, const struct json *value)
{
	struct reading *r = arg;
	uint64_t pcr;

	if (strcmp(key, "mask") == 0)
		return read_mask(r, value);
	/* One spelling of a PCR: "7" and "07" would be one PCR twice. */
	if (!text_u64(key, PCR_COUNT - 1, &pcr) ||
	    (key[0] == '0' && key[1] != '\0'))
		return err_set(r->err, ERR_MALFORMED,
		               "tpm_policy: '%.16s' is no PCR (0 to %d)",
		               text_is_printable(key) ? key : "?",
		               PCR_COUNT - 1);
	r->pcrs |= UINT32_C(1) << pcr;
	return read_values(r, (unsigned)pcr, value);
}

bool
goldenfile_read_keylime(struct goldenfile *g, struct goldenfile_source *from,
                        struct err *err)
{
	struct reading r = {.file = g, .err = err};
	char pcrs[PCR_TEXT_MAX];

	if (!json_members(from->object, read_member, &r))
		return false;
	if (r.pcrs == 0)
		return err_set(err, ERR_MALFORMED,
		               "tpm_policy: it has no PCR's value");
	if (r.has_mask && (r.pcrs & ~r.mask) != 0)
		return err_set(err, ERR_MALFORMED,
		               "tpm_policy: 'mask' leaves out PCR %s, of which "
		               "there are values",
		               pcr_list_format(r.pcrs & ~r.mask, pcrs));
	g->masked = r.mask & ~r.pcrs;
	return true;
}
