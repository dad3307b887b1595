/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/bootlog.h"
#include "evidence/bootlog_type.h"

/* What the digest of an event of some type is over. */
enum rule {
	RULE_NONE,
	RULE_WHOLE,    /* the data */
	RULE_VARIABLE, /* the data, or the variable's value in it: firmwares
	                * differ in EV_EFI_VARIABLE_BOOT */
	RULE_IPL,      /* a boot loader's own; see match_ipl() */
};

static const struct {
	uint32_t type;
	enum rule rule;
} rules[] = {
    {EV_SEPARATOR, RULE_WHOLE},
    {EV_S_CRTM_VERSION, RULE_WHOLE},
    {EV_EFI_ACTION, RULE_WHOLE},
    {EV_EFI_VARIABLE_DRIVER_CONFIG, RULE_WHOLE},
    {EV_EFI_VARIABLE_AUTHORITY, RULE_WHOLE},
    {EV_EFI_VARIABLE_BOOT2, RULE_WHOLE},
    {EV_EFI_GPT_EVENT, RULE_WHOLE},
    {EV_EFI_VARIABLE_BOOT, RULE_VARIABLE},
    {EV_IPL, RULE_IPL},
};

static bool
is_over(const struct bootlog_event *e, struct span data)
{
	size_t known = 0;

	for (size_t i = 0; i < e->n_digests; i++) {
		struct digest d;

		if (!crypto_hash(e->digests[i].alg, &data, 1, &d))
			continue;
		if (!span_eq(digest_span(&d), e->digests[i].value))
			return false;
		known++;
	}
	return known != 0;
}

/* GRUB measures its commands without what stands before them; systemd's stub
 * the command line as it is.  All others (shim's lists, GRUB's files, a UKI's
 * sections) only name what was measured. */
static enum bootlog_match
match_ipl(const struct bootlog_event *e)
{
	struct span command;

	if (uefi_grub_command(e->data, &command))
		return is_over(e, command) ? BOOTLOG_MATCHES : BOOTLOG_DIFFERS;
	return is_over(e, e->data) ? BOOTLOG_MATCHES : BOOTLOG_NOT_OF_DATA;
}

static bool
any_is_known(const struct bootlog_event *e)
{
	for (size_t i = 0; i < e->n_digests; i++)
		if (crypto_digest_size(e->digests[i].alg) != 0)
			return true;
	return false;
}

enum bootlog_match
bootlog_match(const struct bootlog_event *e)
{
	enum rule rule = RULE_NONE;
	struct uefi_variable v;
	bool holds;

	for (size_t i = 0; i < LENGTH_OF(rules); i++)
		if (rules[i].type == e->type)
			rule = rules[i].rule;
	if (rule == RULE_NONE || !any_is_known(e))
		return BOOTLOG_NOT_OF_DATA;
	if (rule == RULE_IPL)
		return match_ipl(e);
	holds = is_over(e, e->data);
	if (!holds && rule == RULE_VARIABLE && uefi_variable_read(e->data, &v))
		holds = is_over(e, v.data);
	return holds ? BOOTLOG_MATCHES : BOOTLOG_DIFFERS;
}

const char *
bootlog_match_name(enum bootlog_match match)
{
	static const char *const names[] = {
	    [BOOTLOG_NOT_OF_DATA] = "not of the data",
	    [BOOTLOG_DIFFERS] = "does not match",
	    [BOOTLOG_MATCHES] = "matches",
	};

	return names[match];
}
