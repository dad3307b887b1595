/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The few keys of the daemons' files that say where things are.  Others are
 * passed over: whether those are right is said by who starts with them. */
#include "look_private.h"
#include "sys/control.h"

#define TEXT(type, name, fallback)                                             \
	{                                                                      \
#name, CONFIG_TEXT, offsetof(struct type, name), fallback, 0,  \
		    0, NULL                                                    \
	}

/* The fallbacks are the daemons' own (agentd/config.c, verifierd/config.c). */
static const struct config_key agentd_keys[] = {
    TEXT(look_agentd, listen, "[::]:16515"),
    TEXT(look_agentd, tls_ca, "/etc/pki/CA/cacert.pem"),
    TEXT(look_agentd, tls_cert, "/etc/pki/libvirt/servercert.pem"),
    TEXT(look_agentd, tls_key, "/etc/pki/libvirt/private/serverkey.pem"),
    TEXT(look_agentd, tls_crl, ""),
    TEXT(look_agentd, tcti, "device:/dev/tpmrm0"),
    TEXT(look_agentd, boot_log,
         "/sys/kernel/security/tpm0/binary_bios_measurements"),
    TEXT(look_agentd, ima_log,
         "/sys/kernel/security/ima/binary_runtime_measurements"),
    TEXT(look_agentd, migration_ca, "/etc/pki/qemu/migration-ca.pem"),
};

static const struct config_key verifierd_keys[] = {
    TEXT(look_verifierd, tls_ca, "/etc/pki/CA/cacert.pem"),
    TEXT(look_verifierd, tls_cert, "/etc/pki/libvirt/clientcert.pem"),
    TEXT(look_verifierd, tls_key, "/etc/pki/libvirt/private/clientkey.pem"),
    TEXT(look_verifierd, tls_crl, ""),
    TEXT(look_verifierd, socket, CONTROL_SOCKET),
    TEXT(look_verifierd, store, "sqlite:/var/lib/virt-attest/verifierd.db"),
    TEXT(look_verifierd, trust_own, "/etc/pki/qemu/migration-ca.pem"),
};

/* libvirt's own fallbacks. */
static const struct config_key libvirt_keys[] = {
    TEXT(look_libvirt, ca_file, "/etc/pki/CA/cacert.pem"),
    TEXT(look_libvirt, cert_file, "/etc/pki/libvirt/servercert.pem"),
    TEXT(look_libvirt, key_file, "/etc/pki/libvirt/private/serverkey.pem"),
    TEXT(look_libvirt, crl_file, ""),
};

/* A wrong file leaves the fallbacks, which are looked at all the same. */
static bool
load(const struct config_key *keys, size_t n, const char *path, void *into,
     struct err *err)
{
	struct config_source from = {.path = path, .shared = true};
	struct err none = {0};

	if (config_load(keys, n, &from, into, err))
		return true;
	config_done(keys, n, into);
	from.path = NULL;
	(void)!config_load(keys, n, &from, into, &none);
	return false;
}

bool
look_agentd_conf(struct look *look, const char *path, struct err *err)
{
	return load(agentd_keys, LENGTH_OF(agentd_keys), path, &look->agentd,
	            err);
}

bool
look_verifierd_conf(struct look *look, const char *path, struct err *err)
{
	return load(verifierd_keys, LENGTH_OF(verifierd_keys), path,
	            &look->verifierd, err);
}

bool
look_libvirt_conf(struct look *look, const char *path, struct err *err)
{
	return load(libvirt_keys, LENGTH_OF(libvirt_keys), path, &look->libvirt,
	            err);
}

void
look_conf_done(struct look *look)
{
	config_done(agentd_keys, LENGTH_OF(agentd_keys), &look->agentd);
	config_done(verifierd_keys, LENGTH_OF(verifierd_keys),
	            &look->verifierd);
	config_done(libvirt_keys, LENGTH_OF(libvirt_keys), &look->libvirt);
}
