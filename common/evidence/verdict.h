/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The attestation result, and the one list of reasons that an operator sees,
 * the database keeps and scripts match on. */
#ifndef EVIDENCE_VERDICT_H
#define EVIDENCE_VERDICT_H

#include "evidence/evidence.h"

/* Zero is not trust.  The names are the wire's, the numbers the exit status of
 * every command. */
#define VERDICT_STATES(X)                                                      \
	X(UNKNOWN, "unknown", 4)     /* no such host, or our own failure */    \
	X(TRUSTED, "trusted", 0)     /* every check of the table holds */      \
	X(UNTRUSTED, "untrusted", 2) /* appraised, and a check failed */       \
	X(UNREACHABLE, "unreachable", 3) /* no evidence came */                \
	X(STALE, "stale", 4)             /* too old, or of another boot */

enum verdict_state {
#define X(id, name, exit_status) VERDICT_##id,
	VERDICT_STATES(X)
#undef X
};

const char *verdict_state_name(enum verdict_state);
/* False for a word that is none of the five. */
MUST_CHECK bool verdict_state_of(const char *name, enum verdict_state *);
/* The exit status of every command for this state (0 trusted, 2, 3, 4). */
int verdict_exit_status(enum verdict_state);

/* code, sentence, what the operator can do. */
#define REASONS(X)                                                             \
	X(SIGNATURE, "signature",                                              \
	  "the quote is not signed by the enrolled attestation key",           \
	  "another TPM answered, or the quote was altered; if the TPM was "    \
	  "replaced, run 'virt-attest reenroll HOST --replace'")               \
	X(MAGIC, "magic", "the signed structure was not made by a TPM",        \
	  "treat the host as hostile")                                         \
	X(TYPE, "type", "the TPM signed something that is not a quote",        \
	  "treat the host as hostile")                                         \
	X(LENGTH, "length",                                                    \
	  "the signed structure is cut short, or bytes follow it",             \
	  "treat the host as hostile")                                         \
	X(SIGNER, "signer",                                                    \
	  "the quote's key is not the enrolled primary of the endorsement "    \
	  "hierarchy",                                                         \
	  "treat the host as hostile")                                         \
	X(NONCE, "nonce",                                                      \
	  "the quote answers another challenge, session or endpoint: it was "  \
	  "replayed or relayed",                                               \
	  "look for a machine between this host and the agent")                \
	X(PCR_SELECTION, "pcr-selection",                                      \
	  "the quote is over other PCRs than those asked for",                 \
	  "does the host's TPM have the golden value's PCR bank switched on?") \
	X(PCR_DIGEST, "pcr-digest",                                            \
	  "the reported PCR values are not those that the TPM signed",         \
	  "ask again; if it stays, treat the host as hostile")                 \
	X(BANK, "bank", "a PCR bank weaker than SHA-256 was asked for",        \
	  "take a golden value over a SHA-256 bank")                           \
	X(SESSION, "session",                                                  \
	  "the TPM's reset counter went backwards: the TPM was cleared, or "   \
	  "the quote is of an earlier boot",                                   \
	  "if you cleared the TPM, run 'virt-attest reenroll HOST --replace'") \
	X(CLOCK, "clock",                                                      \
	  "the TPM's clock went backwards within one boot session",            \
	  "ask again; if it stays, treat the host as hostile")                 \
	X(GOLDEN, "golden", "the PCRs match no active golden value",           \
	  "look at what changed on the host; if it was meant to, run "         \
	  "'virt-attest golden add' and 'approve'")                            \
	X(FIRMWARE, "firmware",                                                \
	  "the TPM's firmware is not of the version that the golden value "    \
	  "pins",                                                              \
	  "was the TPM updated? if it was meant to, run 'virt-attest golden "  \
	  "add --pin-firmware' and 'approve'")                                 \
	X(BOOT_LOG, "boot-log",                                                \
	  "the boot log does not show what the golden value asks for",         \
	  "look at what changed on the host; if it was meant to, run "         \
	  "'virt-attest golden add --from-log' and 'approve'")                 \
	X(IMA_LOG, "ima-log",                                                  \
	  "the files that the host opened are not those of the golden "        \
	  "value's IMA policy",                                                \
	  "look at the file that is named; if it is meant to be there, add "   \
	  "it to the policy and run 'virt-attest golden add --ima-policy'; a " \
	  "list that is cut or of another kernel comes right with a reboot")   \
	X(ENDPOINT, "endpoint",                                                \
	  "a key of the host's (libvirt's, or its migration CA's) is not the " \
	  "attested one",                                                      \
	  "was the host's certificate renewed, or a migration CA made? if it " \
	  "was meant to, run 'virt-attest reenroll HOST --replace'")           \
	X(UNREACHABLE, "unreachable", "no evidence came from the host",        \
	  "is virt-attest-agentd running there, and its port open?")           \
	X(PEER, "peer", "agent and verifier do not believe each other (TLS)",  \
	  "check names, dates, CA and revocation of the certificate that is "  \
	  "named; the agent's allowed_verifiers when it is ours")              \
	X(DEADLINE, "deadline", "no evidence came within the deadline",        \
	  "is the host up, and TCP port 16515 open to here? if so: is it or "  \
	  "its TPM overloaded? see deadline_ms")                               \
	X(AGENT, "agent", "the agent could not answer",                        \
	  "read virt-attest-agentd's journal on the host")                     \
	X(PROTOCOL, "protocol", "the agent's answer makes no sense",           \
	  "do both ends run the same major version?")                          \
	X(ENDPOINT_SILENT, "endpoint-silent",                                  \
	  "the libvirt endpoint did not show its key",                         \
	  "is libvirtd listening for TLS on the host?")                        \
	X(NO_HOST, "no-host", "no such host is enrolled",                      \
	  "run 'virt-attest enroll HOST'")                                     \
	X(NO_GOLDEN, "no-golden", "the host has no active golden value",       \
	  "run 'virt-attest golden add' and 'approve'")                        \
	X(DESTINATION, "destination",                                          \
	  "the destination URI does not lead to one host in a safe way",       \
	  "use qemu+tls://HOST/system or qemu+ssh://HOST/system, without "     \
	  "no_verify, pkipath, socket or command")                             \
	X(STORE, "store", "the verifier could not write its store",            \
	  "is the disk full? read virt-attest-verifierd's journal")            \
	X(INTERNAL, "internal", "the verifier failed",                         \
	  "read virt-attest-verifierd's journal")                              \
	X(AGE, "age", "the last trusted verdict is too old",                   \
	  "run 'virt-attest verify HOST'")                                     \
	X(REBOOTED, "rebooted",                                                \
	  "the host's session ended after the last verdict",                   \
	  "run 'virt-attest verify HOST'")                                     \
	X(PASS, "pass", "the domain carries no valid pass of its source",      \
	  "on the source run 'virt-attest migrate', or 'virt-attest permit' "  \
	  "before another command")                                            \
	X(NOT_ASKED, "not-asked", "the host was enrolled and never asked",     \
	  "run 'virt-attest verify HOST'")

enum reason_code {
#define X(name, code, text, remedy) REASON_##name,
	REASONS(X)
#undef X
	    REASON_COUNT
};

const char *reason_name(enum reason_code);
const char *reason_text(enum reason_code);
const char *reason_remedy(enum reason_code);
/* False for a code that is not in the list. */
MUST_CHECK bool reason_of(const char *name, enum reason_code *);

enum {
	HOST_NAME_MAX_SIZE = 254, /* RFC 1035, 2.3.4, and a NUL */
	REASONS_MAX = 20,
	REASON_DETAIL_MAX = 320,
	DIFFERENCES_MAX = PCR_COUNT,
	EVENTS_MAX = 8, /* differences that are explained */
	EVENT_MAX = 1024,
	EVENT_REMEDY_MAX = 320,
};

struct reason {
	enum reason_code code;
	char detail[REASON_DETAIL_MAX]; /* may be empty */
};

struct verdict {
	enum verdict_state state;
	char host[HOST_NAME_MAX_SIZE];
	size_t n_reasons; /* none when trusted */
	struct reason reasons[REASONS_MAX];
	/* Of a trusted one, what an operator should see; may be empty. */
	char warning[REASON_DETAIL_MAX];
	uint64_t golden; /* id; 0: none matched */
	uint64_t time_s; /* Unix time of the appraisal */
	uint64_t age_ms; /* when it was answered */
	bool appraised;  /* `session` is of signed evidence */
	struct boot_session session;
	size_t n_differences; /* against the nearest golden value */
	struct pcr_difference differences[DIFFERENCES_MAX];
	/* events[i]: the first event that made differences[i], in words; empty
	 * where no log tells. */
	char events[EVENTS_MAX][EVENT_MAX];
	char event_remedies[EVENTS_MAX][EVENT_REMEDY_MAX]; /* what to do */
};

/* A verdict of this state for `host` with one reason; `detail` may be NULL. */
void verdict_set(struct verdict *, const char *host, enum verdict_state,
                 enum reason_code, const char *detail);

/* Adds a reason; a full list keeps the first ones. */
void verdict_add(struct verdict *, enum reason_code, const char *detail);

#endif
