/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_OPTION_LIST_H
#define CLI_OPTION_LIST_H

/* Every option there is; a command names those that it takes. */
#define OPTIONS(X)                                                             \
	X(ADDRESS, "address", true)                                            \
	X(LABEL, "label", true)                                                \
	X(GROUP, "group", true)                                                \
	X(HOST, "host", true)                                                  \
	X(PCRS, "pcrs", true)                                                  \
	X(EK, "ek-sha256", true)                                               \
	X(FROM, "from", true)                                                  \
	X(JOBS, "jobs", true)                                                  \
	X(DRY, "dry-run", false)                                               \
	X(YES, "yes", false)                                                   \
	X(JSON, "json", false)                                                 \
	X(GATES, "gates", false)                                               \
	X(MAX_AGE, "max-age", true)                                            \
	X(FORMAT, "format", true)                                              \
	X(NONCE, "nonce", true)                                                \
	X(EXPLAIN, "explain", false)                                           \
	X(EVIDENCE, "evidence", false)                                         \
	X(OF_GROUP, "for-group", false)                                        \
	X(SHA1, "allow-sha1", false)                                           \
	X(FROM_LOG, "from-log", false)                                         \
	X(EVENTS, "events", true)                                              \
	X(WITH, "with", true)                                                  \
	X(IMA_POLICY, "ima-policy", true)                                      \
	X(FIRMWARE, "pin-firmware", false)                                     \
	X(REPLACE, "replace", false)                                           \
	X(VALID_FROM, "valid-from", true)                                      \
	X(VALID_UNTIL, "valid-until", true)                                    \
	X(WINDOW, "window", true)                                              \
	X(HOSTS, "hosts", true)                                                \
	X(CANCEL, "cancel", false)                                             \
	X(ALL, "all", false)                                                   \
	X(SINCE, "since", true)                                                \
	X(UNTIL, "until", true)                                                \
	X(EVENT, "event", true)                                                \
	X(KEY, "key", true)                                                    \
	X(CHECKPOINT, "checkpoint", true)                                      \
	X(AGENTD, "agentd", true)                                              \
	X(VERIFIERD, "verifierd", true)                                        \
	X(WATCH, "watch", false)

enum option_id {
#define X(id, name, argument) OPTION_##id,
	OPTIONS(X)
#undef X
	    OPTION_COUNT
};

#endif
