/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "evidence/pcr_usage.h"

#include <stdio.h>
#include <string.h>

/* PC Client Platform Firmware Profile 1.06, 3.3.4, for 0 to 7; the UAPI Group's
 * Linux TPM PCR Registry for the others. */
static const struct {
	const char *what;
	enum pcr_choice choice;
	const char *reason;
} usages[] = {
    [0] = {"firmware code", PCR_CHOICE_EXACT,
           "it changes with the firmware alone; on a virtual machine with its "
           "memory size and number of vCPUs too"},
    [1] = {"firmware settings and boot entries", PCR_CHOICE_FREE,
           "boot order, boot entries and hardware settings change in daily "
           "work, and what is booted is in PCR 4"},
    [2] = {"option ROMs and drivers of devices", PCR_CHOICE_EXACT,
           "it changes with an added device alone"},
    [3] = {"settings of option ROMs", PCR_CHOICE_EXACT,
           "it changes with an added device alone"},
    [4] = {"boot loader and kernel images", PCR_CHOICE_EVENTS,
           "an update adds images to those that are known"},
    [5] = {"partition table and boot manager", PCR_CHOICE_FREE,
           "it changes with the disk's partitions, and what is booted from "
           "them is in PCR 4"},
    [6] = {"the manufacturer's own", PCR_CHOICE_EXACT,
           "it changes with the machine's maker alone"},
    [7] = {"Secure Boot's switch, keys and revocations", PCR_CHOICE_EVENTS,
           "an update of db, dbx or SbatLevel adds events to those that are "
           "known"},
    [8] = {"the boot loader's commands and the kernel's command line",
           PCR_CHOICE_EVENTS,
           "an update adds commands to those that are known"},
    [9] = {"files that the boot loader read: configuration, kernel, initrd",
           PCR_CHOICE_EVENTS, "an update adds files to those that are known"},
    [10] = {"IMA's measurements of files", PCR_CHOICE_FREE,
            "its value is another at each boot; IMA's list is judged by a "
            "policy"},
    [11] = {"the unified kernel image's sections, and boot phases",
            PCR_CHOICE_FREE,
            "systemd extends boot phases into it that are not in the boot log, "
            "and the image as a whole is in PCR 4"},
    [12] = {"command line, credentials and add-ons of a unified kernel image",
            PCR_CHOICE_EVENTS,
            "each command line and credential must be a known one"},
    [13] = {"system extensions of a unified kernel image", PCR_CHOICE_EVENTS,
            "each system extension must be a known one"},
    [14] = {"shim's keys of the machine's owner (MOK)", PCR_CHOICE_EVENTS,
            "an enrolled key adds an event to those that are known"},
    [15] = {"the system's identity: machine ID, volume keys", PCR_CHOICE_FREE,
            "systemd extends it with no entry in the boot log, and it differs "
            "from machine to machine"},
    [16] = {"debugging", PCR_CHOICE_FREE, "anyone can reset it"},
    [17] = {"a dynamic launch", PCR_CHOICE_FREE, "it is not part of a boot"},
    [18] = {"a dynamic launch", PCR_CHOICE_FREE, "it is not part of a boot"},
    [19] = {"a dynamic launch", PCR_CHOICE_FREE, "it is not part of a boot"},
    [20] = {"a dynamic launch", PCR_CHOICE_FREE, "it is not part of a boot"},
    [21] = {"a dynamic launch", PCR_CHOICE_FREE, "it is not part of a boot"},
    [22] = {"a dynamic launch", PCR_CHOICE_FREE, "it is not part of a boot"},
    [23] = {"applications", PCR_CHOICE_FREE, "anyone can reset it"},
};

_Static_assert(LENGTH_OF(usages) == PCR_COUNT, "a usage for each PCR");

static const char *const names[] = {
#define X(id, name) name,
    PCR_CHOICES(X)
#undef X
};

const char *
pcr_choice_name(enum pcr_choice choice)
{
	return names[choice];
}

bool
pcr_choice_of(const char *name, enum pcr_choice *choice)
{
	for (size_t i = 0; i < LENGTH_OF(names); i++)
		if (strcmp(names[i], name) == 0) {
			*choice = (enum pcr_choice)i;
			return true;
		}
	return false;
}

const char *
pcr_usage(unsigned pcr)
{
	return pcr < PCR_COUNT ? usages[pcr].what : "no PCR";
}

const char *
pcr_choice_reason(unsigned pcr)
{
	return pcr < PCR_COUNT ? usages[pcr].reason : "there is no such PCR";
}

enum pcr_choice
pcr_choice_default(unsigned pcr)
{
	return pcr < PCR_COUNT ? usages[pcr].choice : PCR_CHOICE_FREE;
}

enum pcr_choice
pcr_choice_for(unsigned pcr, size_t events)
{
	enum pcr_choice choice = pcr_choice_default(pcr);

	return choice == PCR_CHOICE_EVENTS && events == 0 ? PCR_CHOICE_EXACT
	                                                  : choice;
}

void
pcr_choice_describe(unsigned pcr, enum pcr_choice choice, size_t events,
                    char out[PCR_CHOICE_TEXT_MAX])
{
	bool unused = choice == PCR_CHOICE_EXACT && events == 0 &&
	              pcr_choice_default(pcr) == PCR_CHOICE_EVENTS;
	bool plain = choice == PCR_CHOICE_FREE &&
	             pcr_choice_default(pcr) == PCR_CHOICE_FREE;
	char how[64];

	if (choice == PCR_CHOICE_FREE)
		snprintf(how, sizeof(how), "left free");
	else if (choice == PCR_CHOICE_EXACT)
		snprintf(how, sizeof(how), "its value must be this one");
	else if (events == 1)
		snprintf(how, sizeof(how), "each event must be this one");
	else
		snprintf(how, sizeof(how),
		         "each of its %zu events must be among these", events);
	snprintf(out, PCR_CHOICE_TEXT_MAX, "PCR %u (%s): %s%s%s", pcr,
	         pcr_usage(pcr), how, plain || unused ? ", since " : "",
	         plain    ? pcr_choice_reason(pcr)
	         : unused ? "the boot log has no event of it"
	                  : "");
}
