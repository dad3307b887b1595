/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A rack is enrolled by the operator's own command. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "evidence/credential.h"
#include "soft_host.h"

/* The program beside this one. */
static _Noreturn void
run_command(const char *socket, const char *list)
{
	const char *folder = getenv("VIRT_ATTEST_BIN");
	char path[512];

	snprintf(path, sizeof(path), "%s/virt-attest",
	         folder != NULL ? folder : ".");
	if (dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO) >= 0)
		(void)execl(path, "virt-attest", "-S", socket, "enroll",
		            "--from", list, "--yes", (char *)NULL);
	_exit(127);
}

static double
enrol_all(const char *socket, const char *folder)
{
	char list[512];
	double start;
	int status = 1;
	pid_t child;

	snprintf(list, sizeof(list), "%s/rack.csv", folder);
	(void)fflush(stdout);
	start = now_us();
	child = fork();
	if (child == 0)
		run_command(socket, list);
	if (waitpid(child, &status, 0) != child || status != 0)
		die("not all are enrolled", NULL);
	return (now_us() - start) / 1e6;
}

static double
cpu_us(void)
{
	struct rusage used;

	(void)getrusage(RUSAGE_SELF, &used);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

/* The server works in a process of its own. */
static double
handshake_cpu_us(const char *folder)
{
	static struct series whole;
	double start = cpu_us();

	measure_handshake(folder, "node-1", &whole);
	return (cpu_us() - start) / ROUNDS;
}

struct proof {
	struct identity id;
	struct tpm_name ak;
	struct evidence evidence;
};

static void
prepare(struct proof *p)
{
	static const uint8_t qualifying[SHA256_SIZE] = {1};
	struct soft_host *host = soft_host_new("bare");
	struct pcr_selection selection;
	struct err err = {0};

	soft_host_identity(host, &p->id);
	if (!tpm_name_of(span_of(p->id.ak.at, p->id.ak.len), &p->ak) ||
	    !pcr_selection_parse("sha256:0,2,4,7", &selection, &err) ||
	    !soft_host_quote(host, &selection, qualifying, &p->evidence, &err))
		die("proof", &err);
	soft_host_free(host);
}

/* A credential is made, a quote's signature is verified. */
static void
prove(const struct proof *p)
{
	static const uint8_t secret[CREDENTIAL_SECRET_SIZE] = {1};
	const struct public_bytes *ek = &p->id.eks[0].public_area;
	const struct span area = span_of(ek->at, ek->len);
	const struct evidence *e = &p->evidence;
	struct crypto_signature signature;
	struct tpm_public sealer, signer;
	struct credential credential;
	struct sealed_seed seed;
	struct err err = {0};

	if (!tpm_public_parse(area, &sealer, &err) ||
	    !crypto_seal_seed(&sealer.key, sealer.name_alg, CREDENTIAL_LABEL,
	                      &seed, &err) ||
	    !credential_make(area, &seed, &p->ak, secret, &credential, &err) ||
	    !tpm_public_parse(span_of(p->id.ak.at, p->id.ak.len), &signer,
	                      &err) ||
	    !signature_parse(span_of(e->signature.at, e->signature.len),
	                     &signature, &err) ||
	    !crypto_signed(&signer.key, span_of(e->attest.at, e->attest.len),
	                   &signature))
		die("proof", &err);
}

void
measure_enrolment(const char *socket, const char *folder,
                  struct enrolment_result *r)
{
	static struct series proofs, commits;
	static struct proof proof;
	sqlite3 *db = bare_open(folder, "enrolment.db");

	prepare(&proof);
	for (int i = 0; i < ROUNDS; i++) {
		double start = now_us();

		prove(&proof);
		series_add(&proofs, now_us() - start);
		start = now_us();
		bare_commit(db);
		series_add(&commits, now_us() - start);
	}
	sqlite3_close(db);
	r->proof_us = series_at(&proofs, 0.5);
	r->commit_us = series_at(&commits, 0.5);
	r->handshake_us = handshake_cpu_us(folder);
	r->seconds = enrol_all(socket, folder);
}
