/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a host's PCR is another: from its log, if that leads to the PCR. */
#include <stdio.h>

#include "evidence/bootref_private.h"

/* What extends a PCR with no entry in the firmware's log. */
static const struct {
	unsigned pcr;
	const char *who;
} silent[] = {
    {10, "IMA extends this PCR, its own list says with what"},
    {11, "systemd extends boot phases into this PCR with no entry in the log"},
    {15, "systemd extends this PCR with no entry in the log"},
};

static const char *
tell_unreplayed(uint16_t bank, unsigned pcr, char out[BOOTREF_SENTENCE_MAX])
{
	const char *who = NULL;

	for (size_t i = 0; i < LENGTH_OF(silent); i++)
		if (silent[i].pcr == pcr)
			who = silent[i].who;
	snprintf(out, BOOTREF_SENTENCE_MAX,
	         "the host's boot log does not lead to the quoted value of PCR "
	         "%u in the bank %s: it is cut or altered, or the PCR was "
	         "extended with no entry in it, so that it does not say what "
	         "changed%s%s",
	         pcr, pcr_bank_name(bank), who != NULL ? "; " : "",
	         who != NULL ? who : "");
	return who != NULL ? "leave this PCR free in the golden value"
	                   : "boot the host again; if it stays, treat it as "
	                     "hostile";
}

static const char *
tell_no_log(unsigned pcr, char out[BOOTREF_SENTENCE_MAX])
{
	snprintf(out, BOOTREF_SENTENCE_MAX,
	         "the host gave no boot log, so that it is not known what "
	         "changed in PCR %u: a kernel that GRUB starts by 'linux' with "
	         "Secure Boot off has an empty one",
	         pcr);
	return "start the kernel by 'linuxefi' and 'initrdefi', with Secure "
	       "Boot "
	       "or as a unified kernel image; does the agent read "
	       "/sys/kernel/security/tpm0/binary_bios_measurements?";
}

static bool
any_has_bank(const struct bootref *ref, uint16_t bank, unsigned pcr)
{
	for (size_t i = 0; i < ref->n; i++)
		if (ref->events[i].pcr == pcr &&
		    bootref_digest(&ref->events[i], bank) != NULL)
			return true;
	return false;
}

static const char *
tell_no_bank(uint16_t bank, unsigned pcr, const char *who,
             char out[BOOTREF_SENTENCE_MAX])
{
	const char *name = pcr_bank_name(bank);

	snprintf(out, BOOTREF_SENTENCE_MAX,
	         "%s nothing of PCR %u in the bank %s, so that it is not known "
	         "what changed",
	         who, pcr, name != NULL ? name : "that is asked for");
	return "take a golden value over the banks that the host's TPM has";
}

const char *
bootref_explain(const struct bootref *ref, struct span log,
                const struct pcr_values *quoted, uint16_t bank, unsigned pcr,
                char out[BOOTREF_SENTENCE_MAX])
{
	int b = pcr_selection_find(&quoted->selection, bank);
	AUTO(bootref_done) struct bootref host = {0};
	struct bootlog_replay replay;
	struct err err;

	if (log.len == 0)
		return tell_no_log(pcr, out);
	if (b < 0 || pcr >= PCR_COUNT ||
	    (quoted->selection.banks[b].mask >> pcr & 1) == 0)
		return tell_no_bank(bank, pcr, "the quote has", out);
	if (!bootlog_replay(log, &replay, &err) ||
	    !bootref_of_log(log, &host, &err)) {
		snprintf(
		    out, BOOTREF_SENTENCE_MAX,
		    "the host's boot log cannot be read, so that it is not "
		    "known what changed: %s",
		    err.text);
		return "boot the host again; if it stays, treat it as hostile";
	}
	if (pcr_selection_find(&replay.values.selection, bank) < 0)
		return tell_no_bank(bank, pcr, "the host's boot log has", out);
	if (!bootref_replays(&replay, quoted, bank, pcr))
		return tell_unreplayed(bank, pcr, out);
	if (bootref_count(ref, pcr) != 0 && !any_has_bank(ref, bank, pcr))
		return tell_no_bank(bank, pcr, "the reference has", out);
	return bootref_compare(ref, &host, bank, pcr, out);
}
