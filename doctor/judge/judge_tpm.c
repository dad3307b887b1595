/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The TPM, and the kernel's measurement logs. */
#include "judge_private.h"

enum { REVISION_UNIT = 100, MANY_FAILURES = 2 /* of so many parts of all */ };

static const char subject[] = "tpm";

/* True when there is no more to be said: it was not asked, or had no answer. */
static bool
is_silent(const struct health_tpm *t, bool set_up, struct health_report *r)
{
	static const char switch_on[] =
	    "switch it on in the firmware's set-up (fTPM, PTT), or name it in "
	    "agentd.conf's tcti; is the kernel's module (tpm_crb, tpm_tis) "
	    "loaded?";

	if (t->odd)
		health_say(r,
		           (struct health_about){
			       HEALTH_SKIP, subject,
			       "use device:, tabrmd: or swtpm:, or ask it "
			       "yourself by tpm2_getcap -T"},
		           "it is not asked: '%s' would run a program or load "
		           "a library here",
		           t->tcti);
	else if (t->missing != NULL)
		health_say(
		    r,
		    (struct health_about){set_up ? HEALTH_FAIL : HEALTH_SKIP,
		                          subject, switch_on},
		    "there is no TPM at '%s': %s", t->tcti, t->missing);
	else if (t->hidden != NULL)
		health_say(
		    r,
		    (struct health_about){HEALTH_SKIP, subject, health_as_root},
		    "%s cannot be opened by this account: %s", t->device,
		    t->hidden);
	else if (t->taken != NULL)
		health_say(r,
		           (struct health_about){
			       HEALTH_SKIP, subject,
			       "name a resource manager in tcti "
			       "(device:/dev/tpmrm0, tabrmd:) and both can"},
		           "%s has it, and '%s' takes one client at a time",
		           t->taken, t->tcti);
	else if (t->failed != NULL)
		health_say(r,
		           (struct health_about){
			       HEALTH_FAIL, subject,
			       "start the machine again from cold; when it "
			       "stays so the TPM is broken"},
		           "it answers with a failure: %s", t->failed);
	else
		return false;
	return true;
}

static void
judge_answers(const struct health_tpm *t, struct health_report *r)
{
	static const char bank[] =
	    "switch the SHA-256 bank on in the firmware's set-up";
	static const char firmware[] =
	    "let the firmware use the TPM (measured boot), and start the "
	    "machine again";

	if (!t->started) {
		health_add(r, HEALTH_FAIL, subject,
		           "no firmware started it: its PCRs say nothing of "
		           "this boot",
		           firmware);
		return;
	}
	health_say(r, (struct health_about){HEALTH_OK, subject, ""},
	           "%s %s, firmware %u.%u.%u.%u, TPM 2.0 revision %u.%02u",
	           t->maker, t->model, t->firmware[0] >> 16,
	           t->firmware[0] & 0xffff, t->firmware[1] >> 16,
	           t->firmware[1] & 0xffff, t->revision / REVISION_UNIT,
	           t->revision % REVISION_UNIT);
	if (!t->sha256)
		health_add(r, HEALTH_FAIL, "tpm PCRs",
		           "it has no SHA-256 bank, which golden values are of",
		           bank);
}

static void
judge_lockout(const struct health_tpm *t, struct health_report *r)
{
	struct health_about about = {HEALTH_WARN, "tpm lockout",
	                             "who tries passwords there? "
	                             "'tpm2_dictionarylockout --clear-lockout' "
	                             "ends it"};

	if (!t->in_lockout && t->failures * MANY_FAILURES <= t->failures_max)
		about = (struct health_about){HEALTH_OK, about.subject, ""};
	health_say(r, about,
	           "%s%u of %u failed authorizations are counted; one is "
	           "forgotten after %u s",
	           t->in_lockout ? "it is in lockout: " : "", t->failures,
	           t->failures_max, t->forgets_s);
}

/* Not safe is what a machine is after it lost its power, for an hour at most:
 * no fault of anybody's. */
static void
judge_its_clock(const struct health_tpm *t, struct health_report *r)
{
	char span[HEALTH_SPAN_SIZE];

	health_say(r, (struct health_about){HEALTH_OK, "tpm clock", ""},
	           "it has run for %s in all, %u resets, %u restarts%s",
	           health_span(t->clock_ms / 1000, span), t->resets,
	           t->restarts,
	           t->clock_safe ? ""
	                         : "; it may be behind what it was before "
	                           "power was lost");
}

void
judge_tpm(const struct health_facts *f, struct health_report *r)
{
	const struct health_tpm *t = &f->tpm;

	if (t->usable == SEEN_NO)
		health_say(r,
		           (struct health_about){
			       HEALTH_FAIL, "tpm rights",
			       "give it to group tss, mode 0660 (tpm2-tss's "
			       "udev rules), and the agent to that group "
			       "(systemd-sysusers)"},
		           "virt-attest-agentd may not use %s (%s)", t->device,
		           t->owner);
	else if (t->usable == SEEN_YES)
		health_say(
		    r, (struct health_about){HEALTH_OK, "tpm rights", ""},
		    "virt-attest-agentd may use %s (%s)", t->device, t->owner);
	if (is_silent(t, health_is_set_up(&f->agentd), r))
		return;
	judge_answers(t, r);
	if (!t->started)
		return;
	judge_lockout(t, r);
	judge_its_clock(t, r);
}

static void
judge_log(const struct health_log *l, struct health_report *r)
{
	if (l->path[0] == '\0')
		health_add(r, HEALTH_OK, l->key, "it is switched off", "");
	else if (l->hidden != NULL)
		health_say(
		    r,
		    (struct health_about){HEALTH_SKIP, l->key, health_as_root},
		    "%s cannot be looked at: %s", l->path, l->hidden);
	else if (!l->there && l->default_path)
		health_say(r, (struct health_about){HEALTH_OK, l->key, ""},
		           "this kernel keeps none at %s: golden values can be "
		           "of PCRs alone",
		           l->path);
	else if (!l->there)
		health_say(r,
		           (struct health_about){HEALTH_WARN, l->key,
		                                 "name the right file in "
		                                 "agentd.conf, or \"\""},
		           "%s is not there", l->path);
	else if (l->empty)
		health_say(r,
		           (struct health_about){
			       HEALTH_WARN, l->key,
			       "boot by GRUB's linuxefi and initrdefi, with "
			       "Secure Boot, or a unified kernel image"},
		           "%s is empty: GRUB's 'linux' keeps none without "
		           "Secure Boot, and 'golden add --from-log' has "
		           "nothing to go by",
		           l->path);
	else if (l->readable == SEEN_NO)
		health_say(r,
		           (struct health_about){
			       HEALTH_WARN, l->key,
			       "'systemd-tmpfiles --create "
			       "--prefix=/sys/kernel/security', for another "
			       "file its group's right to read"},
		           "virt-attest-agentd may not read %s (%s): "
		           "'golden add --from-log' has nothing to go by",
		           l->path, l->owner);
	else
		health_say(r,
		           (struct health_about){l->readable == SEEN_YES
		                                     ? HEALTH_OK
		                                     : HEALTH_SKIP,
		                                 l->key, ""},
		           l->readable == SEEN_YES
		               ? "the agent may read %s"
		               : "%s is there; there is no account "
		                 "virt-attest-agentd to read it",
		           l->path);
}

void
judge_logs(const struct health_facts *f, struct health_report *r)
{
	if (!health_is_set_up(&f->agentd))
		return;
	for (size_t i = 0; i < HEALTH_LOGS; i++)
		judge_log(&f->logs.all[i], r);
}
