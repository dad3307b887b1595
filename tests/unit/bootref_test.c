/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Boot logs of real machines held against reference events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "bootref_help.h"
#include "evidence/bootlog_type.h"
#include "evidence/pcr_usage.h"

static const char *const both[] = {"sha1", "sha256", NULL};
static const char *const sha256[] = {"sha256", NULL};
static const char *const host2_banks[] = {"sha256", "sha384", NULL};

/* The GRUB machine: its log, its events, what its TPM held. */
struct machine {
	struct buf log;
	struct bootref ref;
	struct pcr_values held;
};

static struct machine
machine_of(const char *name, const char *const *banks)
{
	struct machine m;
	char path[64];

	snprintf(path, sizeof(path), "%s.log", name);
	m.log = fixture_log(path);
	m.ref = bootref_must(buf_span(&m.log));
	fixture_held(&m.held, name, UINT32_C(0xffff), banks);
	return m;
}

static void
machine_done(struct machine *m)
{
	buf_done(&m->log);
	bootref_done(&m->ref);
}

static void
must_find(const struct bootref *ref, struct span log,
          const struct pcr_values *quoted, uint32_t pcrs,
          enum bootref_outcome expected, const char *text)
{
	struct bootref_finding f;
	enum bootref_outcome found = bootref_check(ref, log, quoted, pcrs, &f);

	assert_int_equal(found, f.outcome);
	assert_true(text_is_printable(f.text));
	if (found != expected || strstr(f.text, text) == NULL)
		fail_msg("%s, not %s: '%s' ('%s')", bootref_outcome_name(found),
		         bootref_outcome_name(expected), f.text, text);
}

static void
test_events(void **state)
{
	AUTO(machine_done) struct machine m = machine_of("grub", both);
	size_t counted = 0;

	(void)state;
	/* All but the Spec ID event. */
	assert_int_equal(m.ref.n, 57);
	for (unsigned p = 0; p < PCR_COUNT; p++)
		counted += bootref_count(&m.ref, p);
	assert_int_equal(counted, m.ref.n);
	assert_int_equal(bootref_count(&m.ref, 8), 20);
	assert_int_equal(m.ref.events[3].type, EV_EFI_VARIABLE_DRIVER_CONFIG);
	assert_int_equal(m.ref.events[3].pcr, 7);
	assert_int_equal(m.ref.events[3].n_digests, 2);
	assert_true(m.ref.events[3].proved);
	assert_false(m.ref.events[1].proved);
	/* A whole kernel command line, longer than inspect shows. */
	assert_non_null(strstr(m.ref.events[44].text, "initrdefi"));
	bootref_done(&m.ref);
	assert_int_equal(m.ref.n, 0);
	assert_null(m.ref.events);
}

static void
test_holds(void **state)
{
	AUTO(machine_done) struct machine m = machine_of("grub", both);
	AUTO(machine_done)
	struct machine other = machine_of("host2", host2_banks);
	struct pcr_values held;

	(void)state;
	must_find(&m.ref, buf_span(&m.log), &m.held, PCRS_OF_GRUB,
	          BOOTREF_HOLDS, "every event");
	/* Another TPM, the same boot: by the bank that both have. */
	fixture_held(&held, "host2", UINT32_C(0xffff), sha256);
	must_find(&m.ref, buf_span(&other.log), &held, PCRS_OF_GRUB,
	          BOOTREF_HOLDS, "every event");
	/* In every quoted bank: of SHA-384 the reference says nothing. */
	must_find(&m.ref, buf_span(&other.log), &other.held, PCRS_OF_GRUB,
	          BOOTREF_UNKNOWN_EVENT, "event 1 of the boot log");
	must_find(&other.ref, buf_span(&other.log), &other.held, PCRS_OF_GRUB,
	          BOOTREF_HOLDS, "every event");
}

static void
test_refusals(void **state)
{
	AUTO(machine_done) struct machine m = machine_of("grub", both);
	AUTO(machine_done) struct machine uki = machine_of("uki", both);
	struct span log = buf_span(&m.log), none = {0};
	const struct bootref empty = {0};
	struct pcr_values held = m.held;

	(void)state;
	must_find(&m.ref, log, &held, 0, BOOTREF_NOT_JUDGED, "no PCR");
	must_find(&m.ref, none, &held, 1, BOOTREF_NO_LOG, "no boot log");
	must_find(&m.ref, span_of("x", 1), &held, 1, BOOTREF_MALFORMED,
	          "boot log at byte");
	must_find(&m.ref, log, &held, 1u << 16, BOOTREF_UNQUOTED,
	          "no bank of the quote has PCR 16");
	must_find(&m.ref, log, &held, 1u << 24, BOOTREF_UNQUOTED, "PCR 24");
	must_find(&m.ref, log, &held, 1u << 31, BOOTREF_UNQUOTED, "PCR 31");
	/* Nothing was measured there. */
	must_find(&m.ref, log, &held, 1u << 12, BOOTREF_EMPTY, "PCR 12");
	must_find(&uki.ref, log, &held, 1u << 12, BOOTREF_EMPTY, "PCR 12");
	must_find(&empty, log, &held, 1, BOOTREF_UNKNOWN_EVENT, "event 1 of");
	must_find(&m.ref, buf_span(&uki.log), &uki.held, 1u << 4,
	          BOOTREF_UNKNOWN_EVENT, "shimx64.efi' (as the host names it)");
	/* Boot phases are in no log. */
	must_find(&uki.ref, buf_span(&uki.log), &uki.held, 1u << 11,
	          BOOTREF_UNREPLAYED, "PCR 11 in the bank sha1");
	/* A bank that the log does not have. */
	held.selection.banks[0].alg = TPM_ALG_SHA512;
	must_find(&m.ref, log, &held, 1, BOOTREF_UNREPLAYED, "sha512");
}

/* One turned bit of one bank's quoted value. */
static void
test_each_bank(void **state)
{
	AUTO(machine_done) struct machine m = machine_of("grub", both);

	(void)state;
	for (size_t b = 0; b < 2; b++)
		for (unsigned p = 0; p < 10; p++) {
			struct pcr_values held = m.held;

			held.values[b][p].at[0] ^= 1;
			must_find(&m.ref, buf_span(&m.log), &held, PCRS_OF_GRUB,
			          BOOTREF_UNREPLAYED,
			          pcr_bank_name(held.selection.banks[b].alg));
			/* Of another PCR it is no matter. */
			must_find(&m.ref, buf_span(&m.log), &held,
			          PCRS_OF_GRUB & ~(UINT32_C(1) << p),
			          BOOTREF_HOLDS, "");
			/* A bank that does not select it has no say. */
			held.selection.banks[b].mask &= ~(UINT32_C(1) << p);
			must_find(&m.ref, buf_span(&m.log), &held, PCRS_OF_GRUB,
			          BOOTREF_HOLDS, "");
		}
}

/* The reference without one event, of any PCR, or with it elsewhere. */
static void
test_each_event(void **state)
{
	AUTO(machine_done) struct machine m = machine_of("grub", both);

	(void)state;
	for (size_t i = 0; i < m.ref.n; i++) {
		struct bootref_event *e = &m.ref.events[i];
		uint8_t pcr = e->pcr;
		char text[64];

		/* No other event of the PCR is this one, but for "insmod gzio"
		 * and its like. */
		snprintf(text, sizeof(text), "event %zu of the boot log",
		         i + 1);
		for (size_t d = 0; d < e->n_digests; d++) {
			e->digests[d].value.at[19] ^= 0x80;
			must_find(&m.ref, buf_span(&m.log), &m.held,
			          PCRS_OF_GRUB, BOOTREF_UNKNOWN_EVENT, text);
			e->digests[d].value.at[19] ^= 0x80;
		}
		e->pcr = 15;
		must_find(&m.ref, buf_span(&m.log), &m.held, PCRS_OF_GRUB,
		          BOOTREF_UNKNOWN_EVENT, text);
		e->pcr = pcr;
		/* Neither type nor text decide. */
		e->type ^= 1;
		e->proved = !e->proved;
		e->text[0] = 'X';
		must_find(&m.ref, buf_span(&m.log), &m.held, PCRS_OF_GRUB,
		          BOOTREF_HOLDS, "");
	}
}

/* The lines of `golden add`. */
static void
test_usage(void **state)
{
	char text[PCR_CHOICE_TEXT_MAX];
	enum pcr_choice choice;

	(void)state;
	for (unsigned p = 0; p < PCR_COUNT; p++)
		for (size_t events = 0; events < 3; events++) {
			choice = pcr_choice_for(p, events);
			pcr_choice_describe(p, choice, events, text);
			assert_true(strlen(text) < PCR_CHOICE_TEXT_MAX - 1);
			assert_true(
			    choice == pcr_choice_default(p) ||
			    (choice == PCR_CHOICE_EXACT && events == 0));
		}
	assert_int_equal(pcr_choice_default(PCR_COUNT), PCR_CHOICE_FREE);
	assert_true(pcr_choice_of("events", &choice));
	assert_int_equal(choice, PCR_CHOICE_EVENTS);
	assert_string_equal(pcr_choice_name(PCR_CHOICE_FREE), "free");
	assert_false(pcr_choice_of("Events", &choice));
	pcr_choice_describe(4, PCR_CHOICE_EVENTS, 6, text);
	assert_string_equal(text, "PCR 4 (boot loader and kernel images): each "
	                          "of its 6 events must be among these");
	pcr_choice_describe(5, PCR_CHOICE_FREE, 6, text);
	assert_string_equal(
	    text,
	    "PCR 5 (partition table and boot manager): left free, since it "
	    "changes with the disk's partitions, and what is booted from "
	    "them is in PCR 4");
	pcr_choice_describe(12, pcr_choice_for(12, 0), 0, text);
	assert_non_null(strstr(text, "its value must be this one, since the "
	                             "boot log has no event of it"));
	pcr_choice_describe(4, PCR_CHOICE_FREE, 6, text);
	assert_string_equal(text,
	                    "PCR 4 (boot loader and kernel images): left free");
}

int
main(void)
{
	const struct CMUnitTest all[] = {
	    cmocka_unit_test(test_events),     cmocka_unit_test(test_holds),
	    cmocka_unit_test(test_refusals),   cmocka_unit_test(test_each_bank),
	    cmocka_unit_test(test_each_event), cmocka_unit_test(test_usage),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
