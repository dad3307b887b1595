/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files that golden values come in: our own export, and what other programs
 * write.  A form is known by its content.  No foreign form is signed by a TPM:
 * what is made of one is a candidate, and its operator vouches for it. */
#ifndef PROTO_GOLDENFILE_H
#define PROTO_GOLDENFILE_H

#include "proto/codec.h"

enum {
	GOLDENFILE_BYTES_MAX = 1024 * 1024, /* of a file in a foreign form */
	GOLDENFILE_NAME_MAX = 256,
	GOLDENFILE_RECORDS_MAX = 1024, /* of one .pcrlock file */
	GOLDENFILE_VALUES_MAX = 512,   /* of a tpm_policy */
	GOLDENFILE_CANDIDATES_MAX = 16,
};

#define GOLDENFILE_FORMS(X)                                                    \
	X(NONE, "none", "nothing that is known here")                          \
	X(EXPORT, "export", "an exported golden value")                        \
	X(PCRLOCK, "pcrlock", "systemd's .pcrlock files")                      \
	X(PCRREAD, "pcrread", "output of tpm2_pcrread")                        \
	X(KEYLIME, "keylime", "a tpm_policy of Keylime")

enum goldenfile_form {
#define X(id, name, text) GOLDENFILE_##id,
	GOLDENFILE_FORMS(X)
#undef X
};

const char *goldenfile_form_name(enum goldenfile_form);
const char *goldenfile_form_text(enum goldenfile_form);

/* A value that a PCR may have. */
struct goldenfile_value {
	uint8_t pcr;
	uint16_t bank;
	struct digest value;
};

/* What was read so far; {0} is nothing. */
struct goldenfile {
	enum goldenfile_form form;
	size_t n_files;
	struct json *export;   /* EXPORT: owned */
	struct bootref events; /* PCRLOCK: each one once */
	size_t n_nv;           /* PCRLOCK: records of NV indices, left out */
	size_t n_values;       /* PCRREAD, KEYLIME: each one once */
	struct goldenfile_value *values; /* owned */
	/* KEYLIME: PCRs of its mask of which it has no value; Keylime judges
	 * them by other means. */
	uint32_t masked;
};

/* Reads one file more.  `name` is for messages and for the words of events; it
 * must be printable.  Several files may be .pcrlock files only. */
MUST_CHECK bool goldenfile_add(struct goldenfile *, const char *name,
                               struct span text, struct err *);
void goldenfile_done(struct goldenfile *);

/* What a foreign form does not say. */
struct goldenfile_choice {
	bool of_group;
	const char *scope; /* the host's or the group's name */
	const char *label;
	const char *pcrs; /* a selection; NULL: the usual one of the form */
	bool allow_sha1;
};

/* The candidates.  .pcrlock: one, whose PCRs are judged by `events` and have no
 * value.  Else a golden value for each combination of the values that a file
 * allows: each has one value of a PCR. */
struct goldenfile_made {
	size_t n; /* at most GOLDENFILE_CANDIDATES_MAX */
	struct golden *goldens;
	uint32_t left_out; /* PCRs of a .pcrlock file that are left free */
};
MUST_CHECK bool goldenfile_make(const struct goldenfile *,
                                const struct goldenfile_choice *,
                                struct goldenfile_made *, struct err *);
void goldenfile_made_done(struct goldenfile_made *);

#endif
