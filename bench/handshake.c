/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What TLS costs without us. */
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

static SSL_CTX *
context(const SSL_METHOD *method, const char *folder, const char *role)
{
	SSL_CTX *ctx = SSL_CTX_new(method);
	char ca[512], cert[512], key[512];

	snprintf(ca, sizeof(ca), "%s/pki/cacert.pem", folder);
	snprintf(cert, sizeof(cert), "%s/pki/%scert.pem", folder, role);
	snprintf(key, sizeof(key), "%s/pki/%skey.pem", folder, role);
	if (ctx == NULL ||
	    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1 ||
	    SSL_CTX_load_verify_locations(ctx, ca, NULL) != 1 ||
	    SSL_CTX_use_certificate_file(ctx, cert, SSL_FILETYPE_PEM) != 1 ||
	    SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		die(role, NULL);
	SSL_CTX_set_verify(
	    ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	(void)SSL_CTX_set_num_tickets(ctx, 0);
	return ctx;
}

/* One byte tells the client that the server has accepted it too. */
static void
serve(SSL_CTX *ctx, int listening)
{
	for (;;) {
		int fd = accept(listening, NULL, NULL);
		SSL *ssl = SSL_new(ctx);

		SSL_set_fd(ssl, fd);
		if (SSL_accept(ssl) == 1)
			(void)SSL_write(ssl, "x", 1);
		SSL_free(ssl);
		close(fd);
	}
}

static void
shake(SSL_CTX *ctx, const struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	SSL *ssl = SSL_new(ctx);
	char byte;

	if (connect(fd, (const struct sockaddr *)at, sizeof(*at)) != 0 ||
	    SSL_set_fd(ssl, fd) != 1 || SSL_connect(ssl) != 1 ||
	    SSL_read(ssl, &byte, 1) != 1)
		die("handshake", NULL);
	SSL_free(ssl);
	close(fd);
}

void
measure_handshake(const char *folder, const char *host, struct series *s)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
	                         .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listening = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(at);
	char role[128];
	SSL_CTX *ctx;
	pid_t child;

	if (bind(listening, (struct sockaddr *)&at, len) != 0 ||
	    listen(listening, 16) != 0 ||
	    getsockname(listening, (struct sockaddr *)&at, &len) != 0)
		die("handshake: listen", NULL);
	snprintf(role, sizeof(role), "%s/server", host);
	child = fork();
	if (child == 0)
		serve(context(TLS_server_method(), folder, role), listening);
	close(listening);
	ctx = context(TLS_client_method(), folder, "verifier/client");
	for (int i = 0; i < ROUNDS; i++) {
		double start = now_us();

		shake(ctx, &at);
		series_add(s, now_us() - start);
	}
	SSL_CTX_free(ctx);
	kill(child, SIGKILL);
}
