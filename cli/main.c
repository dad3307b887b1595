/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* virt-attest: the operator's command. */
#include <signal.h>

#include "audit.h"
#include "complete.h"
#include "doctor.h"
#include "golden_files.h"
#include "golden_trial.h"
#include "inspect.h"
#include "inventory.h"
#include "move.h"
#include "permit.h"
#include "status.h"
#include "watch.h"

const struct command commands[] = {
    {"enroll",
     "HOST [--address ADDR[:PORT]] [--label L] [--group G]"
     " [--pcrs sha256:0,2,4,7] [--ek-sha256 HEX] [--yes] [--json]",
     TAKES(ADDRESS) | TAKES(LABEL) | TAKES(GROUP) | TAKES(PCRS) | TAKES(EK) |
         TAKES(YES) | TAKES(JSON),
     1, 1, run_enroll},
    {"enroll",
     "--from FILE|- [--dry-run] [--jobs N] [--pcrs sha256:0,2,4,7] [--yes] "
     "[--json]",
     TAKES(FROM) | TAKES(DRY) | TAKES(JOBS) | TAKES(PCRS) | TAKES(YES) |
         TAKES(JSON),
     0, 0, run_enroll_from},
    {"reenroll",
     "HOST [--replace] [--address ADDR[:PORT]] [--label L] [--group G]"
     " [--pcrs sha256:0,2,4,7] [--ek-sha256 HEX] [--yes] [--json]",
     TAKES(ADDRESS) | TAKES(LABEL) | TAKES(GROUP) | TAKES(PCRS) | TAKES(EK) |
         TAKES(YES) | TAKES(JSON) | TAKES(REPLACE),
     1, 1, run_reenroll},
    {"hosts", "[--json]", TAKES(JSON), 0, 0, run_hosts},
    {"show", "HOST [--evidence] [--json]", TAKES(EVIDENCE) | TAKES(JSON), 1, 1,
     run_show},
    {"forget", "HOST [--yes]", TAKES(YES) | TAKES(JSON), 1, 1, run_forget},
    {"golden list", "[HOST|GROUP] [--json]", TAKES(JSON), 0, 1,
     run_golden_list},
    {"golden show", "ID [--json]", TAKES(JSON), 1, 1, run_golden_show},
    {"golden add",
     "HOST [--from-log] [--events PCRS] [--with ID] [--ima-policy FILE]"
     " [--pin-firmware]"
     " [--label L] [--pcrs SELECTION] [--for-group] [--allow-sha1]"
     " [--valid-from WHEN] [--valid-until WHEN] [--json]",
     TAKES(LABEL) | TAKES(PCRS) | TAKES(OF_GROUP) | TAKES(SHA1) | TAKES(JSON) |
         TAKES(FROM_LOG) | TAKES(EVENTS) | TAKES(WITH) | TAKES(IMA_POLICY) |
         TAKES(FIRMWARE) | TAKES(VALID_FROM) | TAKES(VALID_UNTIL),
     1, 1, run_golden_add},
    {"golden approve", "ID [--json]", TAKES(JSON), 1, 1, run_golden_set},
    {"golden promote", "ID --window 4h [--hosts N] | ID --cancel [--json]",
     TAKES(WINDOW) | TAKES(HOSTS) | TAKES(CANCEL) | TAKES(JSON), 1, 1,
     run_golden_promote},
    {"golden test", "ID|FILE [--all] [--json]", TAKES(ALL) | TAKES(JSON), 1, 1,
     run_golden_test},
    {"golden revoke", "ID [--json]", TAKES(JSON), 1, 1, run_golden_set},
    {"golden diff", "ID ID|HOST [--json]", TAKES(JSON), 2, 2, run_golden_diff},
    {"golden export", "ID", TAKES(JSON), 1, 1, run_golden_show},
    {"golden import",
     "FILE|- [--json], or another program's FILE|DIR... --host HOST|--group G"
     " --label L [--pcrs SELECTION] [--allow-sha1] [--valid-from WHEN]"
     " [--valid-until WHEN] [--json]",
     TAKES(HOST) | TAKES(GROUP) | TAKES(LABEL) | TAKES(PCRS) | TAKES(SHA1) |
         TAKES(VALID_FROM) | TAKES(VALID_UNTIL) | TAKES(JSON),
     1, FILES_MAX, run_golden_import},
    {"verify",
     "HOST|URI [--max-age SECONDS]"
     " [--explain | --json | --format ear [--nonce BASE64]]",
     TAKES(MAX_AGE) | TAKES(EXPLAIN) | TAKES(JSON) | TAKES(FORMAT) |
         TAKES(NONCE),
     1, 1, run_verify},
    {"check",
     "{DOMAIN DEST_URI [MIGRATEURI] | --xml FILE DEST_URI | DOMAIN --all-hosts "
     "| --evacuate DEST_URI}"
     " [-c SRC_URI] [--force CHECK[,...]] [--jobs N] [--verbose] [--json]"
     " [virsh migrate's options]",
     PASSES_ALL, 0, 0, run_check},
    {"migrate",
     "{DOMAIN DEST_URI [MIGRATEURI] | --all DEST_URI} [-c SRC_URI]"
     " [--force CHECK[,...]] [--jobs N] [--verbose] [--json]"
     " [virsh migrate's options]",
     PASSES_ALL, 0, 0, run_migrate},
    {"permit",
     "DOMAIN DEST_URI [MIGRATEURI] [--seconds N] [-c SRC_URI]"
     " [--force CHECK[,...]] [--verbose] [--json] [virsh migrate's options]"
     " | DOMAIN HOST|URI --unchecked [--seconds N] [--json]",
     PASSES_ALL, 0, 0, run_permit},
    {"permits", "[--json]", TAKES(JSON), 0, 0, run_permits},
    {"key", "[--json]", TAKES(JSON), 0, 0, run_key},
    {"inspect", "FILE|- [--json]", TAKES(JSON), 1, 1, run_inspect},
    {"watch", "[HOST...] [--json]", TAKES(JSON), 0, WATCHED_MAX, run_watch},
    {"status", "[--json | --watch]", TAKES(JSON) | TAKES(WATCH), 0, 0,
     run_status},
    {"audit show",
     "[--since WHEN] [--until WHEN] [--host HOST] [--event EVENT] [--json]",
     TAKES(SINCE) | TAKES(UNTIL) | TAKES(HOST) | TAKES(EVENT) | TAKES(JSON), 0,
     0, run_audit_show},
    {"audit verify",
     "[FILE --key PEM] [--key PEM] [--checkpoint FILE] [--json]",
     TAKES(KEY) | TAKES(CHECKPOINT) | TAKES(JSON), 0, 1, run_audit_verify},
    {"audit checkpoint", "[--json]", TAKES(JSON), 0, 0, run_audit_checkpoint},
    {"audit export", "FILE [--since WHEN]", TAKES(SINCE) | TAKES(JSON), 1, 1,
     run_audit_export},
    {"audit", "[show|verify|checkpoint|export]", TAKES(JSON), 0, 0,
     run_audit_show},
    {"doctor",
     "[--agentd FILE] [--verifierd FILE] [-o KEY=VALUE]... [--json] | --gates "
     "[--json]",
     TAKES(AGENTD) | TAKES(VERIFIERD) | TAKES(GATES) | TAKES(JSON), 0, 0,
     run_doctor},
    {"completion", "bash|zsh", 0, 1, COMPLETE_WORDS_MAX, run_completion},
    {"pki",
     "make|ca|host|verifier|revoke|crl|show|install DIR ... | "
     "migration HOST FOLDER ...",
     PASSES_ALL, 0, 0, run_pki},
};
const size_t commands_n = LENGTH_OF(commands);

int
main(int argc, char **argv)
{
	const struct command *command;
	struct cli cli = {0};
	int status = STATUS_FAILED;

	/* Whoever starts us may ignore it, and the end of a check would not be
	 * told (sys/child.h). */
	(void)signal(SIGCHLD, SIG_DFL);
	if (!cli_read(&cli, argc, argv, &command, &status))
		return status;
	return command->run(&cli);
}
