/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/net_private.h"
#include "net/tls_private.h"

struct probe {
	struct loop *loop;
	SSL_CTX *ctx;
	SSL *ssl;
	struct connecting *connecting;
	struct bufferevent *bev;
	struct timer *timer;
	bool seen;   /* a certificate came */
	bool proven; /* and its key signed this handshake */
	bool answered;
	uint8_t sha256[32];
	void (*done)(void *arg, const uint8_t *sha256, const struct err *);
	void *arg;
};

/* Nothing is trusted here: the key is compared with one that a TPM attested.
 * A chain would say less than that, and libvirt's CA need not be ours.  But
 * anybody can show a certificate: it counts when its key has signed. */
static int
on_certificate(X509_STORE_CTX *chain, void *arg)
{
	struct probe *p = arg;
	X509 *cert = X509_STORE_CTX_get0_cert(chain);

	p->seen = cert != NULL && tls_spki_of(cert, p->sha256);
	return 1;
}

/* OpenSSL calls this before it leaves a state, so a state that is seen here was
 * done without a fault.  TLS 1.2: after the ServerHelloDone the signature of
 * the key exchange holds (suites without one are not offered), also where the
 * server then ends it for want of our certificate.  TLS 1.3: the Finished
 * comes after the CertificateVerify. */
static void
on_progress(const SSL *ssl, int where, int ret)
{
	struct probe *p = SSL_get_app_data(ssl);
	const OSSL_HANDSHAKE_STATE at = SSL_get_state(ssl);

	(void)ret;
	if (where == SSL_CB_CONNECT_LOOP && p->seen &&
	    (at == TLS_ST_CR_SRVR_DONE || at == TLS_ST_CR_FINISHED))
		p->proven = true;
}

static void
answer(struct probe *p, const struct err *why)
{
	const struct err reason = *why;

	if (p->answered)
		return;
	p->answered = true;
	p->done(p->arg, p->proven ? p->sha256 : NULL, &reason);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct probe *p = arg;
	struct err why = {0};

	(void)bev;
	/* A server that then wants our certificate has shown its own. */
	if ((what & BEV_EVENT_CONNECTED) == 0 && !p->proven)
		err_set(&why, ERR_UNAVAILABLE,
		        p->seen ? "the server did not prove that it has its key"
		                : "no TLS server answers there");
	ERR_clear_error();
	answer(p, &why);
}

static void
on_connected(void *arg, int fd, const struct err *why)
{
	struct probe *p = arg;

	const struct err reason = why != NULL ? *why : (struct err){0};

	connecting_free(p->connecting);
	p->connecting = NULL;
	if (fd < 0) {
		answer(p, &reason);
		return;
	}
	p->bev = bufferevent_openssl_socket_new(
	    p->loop->base, fd, p->ssl, BUFFEREVENT_SSL_CONNECTING,
	    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (p->bev == NULL)
		abort();
	bufferevent_setcb(p->bev, NULL, NULL, on_event, p);
	(void)bufferevent_enable(p->bev, EV_READ | EV_WRITE);
}

static void
on_timeout(void *arg)
{
	struct err why = {0};

	err_set(&why, ERR_TIMEOUT, "no key was shown in time");
	answer(arg, &why);
}

struct probe *
probe_new(struct loop *loop, const struct probe_target *target,
          void (*done)(void *arg, const uint8_t *sha256, const struct err *),
          void *arg)
{
	struct probe *p = mem_new(1, sizeof(*p));

	p->loop = loop;
	p->done = done;
	p->arg = arg;
	p->ctx = SSL_CTX_new(TLS_client_method());
	if (p->ctx == NULL)
		abort();
	/* libvirt's servers speak 1.2 and 1.3, as GnuTLS is set up. */
	(void)SSL_CTX_set_min_proto_version(p->ctx, TLS1_2_VERSION);
	if (SSL_CTX_set_cipher_list(p->ctx, "ECDHE:DHE:!aNULL:!PSK") != 1)
		abort();
	SSL_CTX_set_info_callback(p->ctx, on_progress);
	SSL_CTX_set_verify(p->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_cert_verify_callback(p->ctx, on_certificate, p);
	p->ssl = SSL_new(p->ctx);
	if (p->ssl == NULL)
		abort();
	(void)SSL_set_app_data(p->ssl, p);
	p->timer = timer_new(loop, target->timeout_ms, on_timeout, p);
	p->connecting = connecting_new(loop, target->address, target->port,
	                               on_connected, p);
	return p;
}

void
probe_free(struct probe *p)
{
	if (p == NULL)
		return;
	connecting_free(p->connecting);
	timer_free(p->timer);
	if (p->bev != NULL)
		bufferevent_free(p->bev);
	else
		SSL_free(p->ssl);
	SSL_CTX_free(p->ctx);
	free(p);
}
