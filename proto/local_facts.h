/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a host says of itself where its libvirt cannot: paths, devices,
 * addresses, clock, certificates.  Not evidence: no TPM signs it; it decides
 * whether a domain would run, never whether a host is trusted. */
#ifndef PROTO_LOCAL_FACTS_H
#define PROTO_LOCAL_FACTS_H

#include "base/arena.h"
#include "proto/json.h"

enum {
	LOCAL_PATHS_MAX = 128,
	LOCAL_PATH_SIZE = 1024,
	LOCAL_LINKS_MAX = 64,
	LOCAL_LINK_SIZE = 64,
	LOCAL_ADDRESSES_MAX = 32,
	LOCAL_ADDRESS_SIZE = 64,
	LOCAL_NAMES_MAX = 8, /* host names to resolve */
	LOCAL_CERTIFICATES_MAX = 8,
	LOCAL_CERTIFICATE_NAMES_MAX = 16,
	LOCAL_TEXT_MAX = 256,          /* any text of an answer but a path */
	LOCAL_ASKING_MAX = 192 * 1024, /* its JSON */
	LOCAL_ANSWER_MAX = 256 * 1024,
	LOCAL_HASH_MAX = 64 * 1024 * 1024, /* a file that is hashed */
	LOCAL_FACTS_MS = 5000, /* then an agent has answered, or refused */
};

/* What is asked; all that is no list is always told, but for swtpm. */
struct local_asking {
	size_t n_paths, n_links, n_addresses, n_names;
	struct local_path_asked {
		const char *path; /* absolute */
		bool hash;        /* its SHA-256, if it is a file to
		                   * LOCAL_HASH_MAX */
	} * paths;
	const char **links;     /* network devices and bridges */
	const char **addresses; /* are they this host's own? */
	const char **names;     /* does this host resolve them? */
	bool swtpm;             /* which one it has: it must be run for that */
};

struct local_path {
	const char *path;
	bool exists;
	const char *why;  /* could not be looked at: the system's words */
	const char *kind; /* "file", "block", "char", "directory", "other" */
	uint64_t size;    /* bytes; of a block device, too */
	uint64_t device, inode;    /* st_dev (st_rdev of a device), st_ino */
	const char *filesystem;    /* type by its mount: "nfs4", "ext4" */
	const char *mount_source;  /* "server:/export", "/dev/sda1" */
	const char *filesystem_id; /* statfs f_fsid in hex; NULL: zero */
	const char *wwid;          /* of a block device; NULL */
	uint64_t available;        /* bytes free on its file system */
	const char *sha256;        /* hex, where it was asked */
};

struct local_link {
	const char *name;
	bool exists, up, bridge, openvswitch;
	uint64_t mtu;
	bool vlan_filtering;
};

struct local_answer_bool {
	const char *name; /* the address or name that was asked */
	bool yes;         /* is the host's own; resolves (not to loopback) */
	const char *told; /* what a name resolves to first; NULL */
};

/* Of QEMU's migration PKI, in the folder that libvirt would choose:
 * migrate_tls_x509_cert_dir of qemu.conf, /etc/pki/libvirt-migrate,
 * default_tls_x509_cert_dir, /etc/pki/qemu. */
struct local_certificate {
	const char *file; /* "server-cert.pem", ... */
	bool exists;
	const char *why;
	uint64_t not_before, not_after; /* Unix time */
	size_t n_names;
	const char **names;     /* subjectAltName: DNS and IP */
	const char *key_sha256; /* of the SubjectPublicKeyInfo, hex */
	bool is_ca;
	bool signed_here; /* by a certificate of this host's ca-cert.pem, whose
	                   * key is ... */
	const char *signer_sha256;
};

struct local_facts {
	const char *missing; /* why there are none; NULL: there are */
	uint64_t time_ms;    /* Unix time when it was answered */
	uint64_t took_ms;    /* the question's way and back, by who asked */
	const char *boot_id, *kernel, *hostname;
	uint64_t load_milli; /* load average of a minute, thousandths */
	unsigned cpus;
	const char *maintenance; /* the word in /etc/virt-attest/maintenance */
	const char *swtpm;       /* "0.7.1"; NULL: none, or not asked */
	/* qemu.conf; NULL or why: not readable.  A key that is not set is the
	 * text "". */
	const char *qemu_conf_why;
	const char *lock_manager, *migrate_tls_force, *dynamic_ownership;
	const char *qemu_user, *qemu_group;
	uint64_t migration_port_min, migration_port_max;
	size_t n_paths, n_links, n_addresses, n_names, n_certificates;
	struct local_path *paths;
	struct local_link *links;
	struct local_answer_bool *addresses, *names;
	struct local_certificate *certificates;
};

struct json *local_asking_encode(const struct local_asking *);
/* Texts and lists are `arena`'s.  Refuses paths that are not absolute, link
 * names with a slash, what is over a limit. */
MUST_CHECK bool local_asking_decode(const struct json *, struct arena *,
                                    struct local_asking *, struct err *);
struct json *local_facts_encode(const struct local_facts *);
MUST_CHECK bool local_facts_decode(const struct json *, struct arena *,
                                   struct local_facts *, struct err *);

#endif
