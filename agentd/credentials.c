/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "credentials.h"

#include "proto/message.h"
#include "sys/log.h"
#include "sys/service.h"

static bool
read_endpoints(const struct config *config, struct credentials *c,
               struct err *err)
{
	bool missing;

	if (!agentd_endpoints(config, &c->endpoints, &missing, err))
		return false;
	if (missing)
		log_notice("endpoint_certs: libvirt's server certificate is "
		           "not there; its key is not attested");
	return agentd_migration_ca(config, &c->endpoints, &c->migration_ca,
	                           err);
}

static bool
read_tls(const struct config *config, const struct tls *of,
         struct credentials *c, struct err *err)
{
	char room[SERVICE_PATH_MAX];
	const struct tls_files files = {
	    .ca = config->tls_ca,
	    .cert = config->tls_cert,
	    .key = service_key(config->tls_key, room),
	    .crl = config->tls_crl,
	    .tcti = config->tcti,
	};

	if (!agentd_key_allowed(config, files.key, err))
		return false;
	c->tls = of != NULL ? tls_renewed(of, &files, err)
	                    : tls_server_new(&files, PROTO_ALPN, err);
	if (c->tls == NULL)
		return false;
	tls_allow(c->tls, (const char *const *)config->allowed_verifiers.items,
	          config->allowed_verifiers.n);
	return true;
}

bool
credentials_read(const struct config *config, const struct tls *of,
                 struct credentials *c, struct err *err)
{
	*c = (struct credentials){0};
	return read_endpoints(config, c, err) && read_tls(config, of, c, err);
}

void
credentials_replace(struct credentials *c, struct credentials *fresh)
{
	tls_replace(c->tls, fresh->tls);
	c->endpoints = fresh->endpoints;
	c->migration_ca = fresh->migration_ca;
	fresh->tls = NULL;
}

void
credentials_done(struct credentials *c)
{
	tls_free(c->tls);
	c->tls = NULL;
}
