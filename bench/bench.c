/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ratios of what we take to a limit measured in the same run.
 *
 *   virt-attest-bench SOCKET HOST TCTI FOLDER SLOW-AGENT [--json FILE]
 *
 * talks to a running verifier, which knows HOST and cold-1 to cold-60, and to
 * an agent with a slow TPM, and enrols the rack of FOLDER/rack.csv; bench/run
 * starts everything. */
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "proto/codec.h"
#include "proto/message.h"
#include "source/tpm.h"
#include "sys/control.h"

enum { PER_ROUND_CACHED = 200, REPLY_MAX = 1 << 20 };

double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
series_at(struct series *s, double part)
{
	qsort(s->values, s->n, sizeof(double), by_value);
	return s->values[(size_t)(part * (double)(s->n - 1))];
}

void
series_add(struct series *s, double value)
{
	if (s->n < SERIES_MAX)
		s->values[s->n++] = value;
}

void
die(const char *what, const struct err *err)
{
	fprintf(stderr, "bench: %s: %s\n", what, err != NULL ? err->text : "");
	exit(1);
}

/* One question as the hook asks it: connect, ask, read the verdict. */
static void
verify(int *fd, const char *socket, const char *host, uint64_t max_age)
{
	AUTO(buf_done) struct buf line = {0}, answer = {0};
	struct json *arguments = json_new_object();
	struct verdict verdict;
	struct reply reply;
	struct err err = {0};

	json_put_text(arguments, "destination", host);
	json_put_u64(arguments, "max_age", max_age);
	request_format("verify", arguments, 1, &line);
	if (*fd < 0)
		*fd = control_connect(socket, 2000, &err);
	if (*fd < 0 ||
	    !control_exchange(*fd, buf_span(&line), REPLY_MAX, 30000, &answer,
	                      &err) ||
	    !reply_parse(buf_span(&answer), &reply, &err) ||
	    reply.result == NULL ||
	    !verdict_decode(reply.result, &verdict, &err) ||
	    verdict.state != VERDICT_TRUSTED)
		die("verify", &err);
	reply_done(&reply);
}

static void
measure_warm(const char *socket, const char *host, struct series *s)
{
	for (s->n = 0; s->n < ROUNDS; s->n++) {
		double start = now_us();
		int fd = -1;

		verify(&fd, socket, host, 0);
		s->values[s->n] = now_us() - start;
		close(fd);
	}
}

/* Each of these hosts is asked for the first time: nothing is connected. */
static void
measure_cold(const char *socket, struct series *s)
{
	for (int i = 0; i < ROUNDS; i++) {
		char host[32];
		double start;
		int fd = -1;

		snprintf(host, sizeof(host), "cold-%d", i + 1);
		start = now_us();
		verify(&fd, socket, host, 0);
		series_add(s, now_us() - start);
		close(fd);
	}
}

static void
measure_cached(const char *socket, const char *host, struct series *s)
{
	int fd = -1;

	verify(&fd, socket, host, 0);
	for (s->n = 0; s->n < ROUNDS; s->n++) {
		double start = now_us();

		for (int i = 0; i < PER_ROUND_CACHED; i++)
			verify(&fd, socket, host, 60);
		s->values[s->n] = (now_us() - start) / PER_ROUND_CACHED;
	}
	close(fd);
}

sqlite3 *
bare_open(const char *folder, const char *name)
{
	char path[512];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db,
	                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	                 "CREATE TABLE t (x BLOB)",
	                 NULL, NULL, NULL) != SQLITE_OK)
		die(path, NULL);
	return db;
}

void
bare_commit(sqlite3 *db)
{
	if (sqlite3_exec(db, "INSERT INTO t VALUES (zeroblob(2000))", NULL,
	                 NULL, NULL) != SQLITE_OK)
		die("commit", NULL);
}

/* PCR_Read and Quote of the same key on the same TPM, and one durable commit.
 */
static void
measure_bare(const char *tcti, const char *folder, struct series *s)
{
	const struct tpm_options options = {.tcti = tcti};
	static const uint8_t qualifying[SHA256_SIZE] = {1};
	struct pcr_selection selection;
	struct evidence evidence;
	struct err err = {0};
	struct tpm *tpm = tpm_open(&options, &err);
	sqlite3 *db = bare_open(folder, "bare.db");

	if (tpm == NULL ||
	    !pcr_selection_parse("sha256:0,2,4,7", &selection, &err))
		die("bare", &err);
	for (s->n = 0; s->n < ROUNDS; s->n++) {
		double start = now_us();

		if (!tpm_quote(tpm, &selection, qualifying, &evidence, &err))
			die("bare", &err);
		bare_commit(db);
		s->values[s->n] = now_us() - start;
	}
	sqlite3_close(db);
	tpm_close(tpm);
}

/* A bare libevent echo of a line of the same length, in its own process. */
static void
echo_read(struct bufferevent *bev, void *arg)
{
	(void)arg;
	bufferevent_write_buffer(bev, bufferevent_get_input(bev));
}

static void
echo_accept(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *a,
            int len, void *base)
{
	struct bufferevent *bev =
	    bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);

	(void)l;
	(void)a;
	(void)len;
	bufferevent_setcb(bev, echo_read, NULL, NULL, NULL);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
}

static void
echo_serve(const struct sockaddr_un *path)
{
	struct event_base *base = event_base_new();

	if (evconnlistener_new_bind(
		base, echo_accept, base, LEV_OPT_CLOSE_ON_FREE, -1,
		(const struct sockaddr *)path, sizeof(*path)) == NULL)
		die("echo", NULL);
	event_base_dispatch(base);
	exit(0);
}

static void
measure_echo(const char *folder, struct series *s)
{
	struct sockaddr_un path = {.sun_family = AF_UNIX};
	AUTO(buf_done) struct buf line = {0}, answer = {0};
	struct err err = {0};
	pid_t child;
	int fd = -1;

	snprintf(path.sun_path, sizeof(path.sun_path), "%.90s/echo.sock",
	         folder);
	child = fork();
	if (child == 0)
		echo_serve(&path);
	while (fd < 0)
		fd = control_connect(path.sun_path, 2000, &err);
	for (int i = 0; i < 300; i++)
		buf_u8(&line, 'x');
	buf_text(&line, "\n");
	for (s->n = 0; s->n < ROUNDS; s->n++) {
		double start = now_us();

		for (int i = 0; i < PER_ROUND_CACHED; i++)
			if (!control_exchange(fd, buf_span(&line), REPLY_MAX,
			                      5000, &answer, &err))
				die("echo", &err);
		s->values[s->n] = (now_us() - start) / PER_ROUND_CACHED;
	}
	close(fd);
	kill(child, SIGKILL);
}

static void
report_ratio(struct json *all, const struct figure *f, struct series *ours)
{
	double ratio = f->ours / f->limit;
	bool met = f->at_least ? ratio >= f->goal : ratio <= f->goal;
	struct json *object = json_new_object();

	printf("%-16s ours %10.1f %s   limit %10.1f   ratio %6.2f   goal %s "
	       "%5.2f   %s   (min %.1f, max %.1f)\n",
	       f->name, f->ours, f->unit, f->limit, ratio,
	       f->at_least ? ">=" : "<=", f->goal, met ? "met" : "not met",
	       series_at(ours, 0), series_at(ours, 1));
	json_put_text(object, "figure", f->name);
	json_put_double(object, "ours", f->ours);
	json_put_double(object, "limit", f->limit);
	json_put_text(object, "unit", f->unit);
	json_put_double(object, "ratio", ratio);
	json_put_double(object, "goal", f->goal);
	json_put_bool(object, "met", met);
	json_put_double(object, "min", series_at(ours, 0));
	json_put_double(object, "median", series_at(ours, 0.5));
	json_put_double(object, "max", series_at(ours, 1));
	json_add(all, object);
}

/* Medians of times against each other, or of the rates that they are. */
static void
report(struct json *all, const char *name, struct series *ours, double limit,
       double goal, bool rate)
{
	const double median = series_at(ours, 0.5);
	struct figure f = {name, median, limit, "us", goal, false};

	if (rate) {
		f = (struct figure){name, 1e6 / median, 1e6 / limit,
		                    "/s", goal,         true};
		for (size_t i = 0; i < ours->n; i++)
			ours->values[i] = 1e6 / ours->values[i];
	}
	report_ratio(all, &f, ours);
}

static void
report_askers(struct json *all, const char *agent, const char *pki)
{
	static struct series latency;
	struct askers_result r;
	struct figure f = {
	    .name = "agent-64", .unit = "/s", .goal = 30, .at_least = true};

	measure_askers(agent, pki, &latency, &r);
	f.ours = r.answers / r.seconds;
	f.limit = r.signatures / r.seconds;
	report_ratio(all, &f, &(struct series){.n = 1, .values = {f.ours}});
	f = (struct figure){"agent-64-p99",
	                    series_at(&latency, 0.99),
	                    r.seconds * 1e6 / r.signatures,
	                    "us",
	                    2.2,
	                    false};
	report_ratio(all, &f, &latency);
}

/* The verifier has one thread: what it must do for a host, one after the other,
 * and nothing beside it. */
static void
report_enrolment(struct json *all, const char *socket, const char *folder)
{
	struct enrolment_result r;
	struct figure f = {
	    .name = "enroll-1000", .unit = "/s", .goal = 0.5, .at_least = true};

	measure_enrolment(socket, folder, &r);
	f.ours = ENROLMENTS / r.seconds;
	f.limit = 1e6 / (r.handshake_us + r.proof_us + r.commit_us);
	report_ratio(all, &f, &(struct series){.n = 1, .values = {f.ours}});
	printf(
	    "                 %d hosts in %.2f s; of the limit's time for one "
	    "are TLS %.0f, proof %.0f, commit %.0f us\n",
	    ENROLMENTS, r.seconds, r.handshake_us, r.proof_us, r.commit_us);
}

static void
report_imawalk(struct json *all)
{
	static struct imawalk_result r;

	measure_imawalk(&r);
	report(all, "ima-first", &r.first, series_at(&r.first_limit, 0.5), 3,
	       false);
	report(all, "ima-next", &r.next, series_at(&r.next_limit, 0.5), 4,
	       false);
	printf(
	    "                 %d entries, then %d; a policy of as many files "
	    "is read in %.0f ms and takes %.1f MB; a walk takes %.0f kB, and "
	    "%zu bytes are kept of a host\n",
	    IMA_ENTRIES, IMA_NEXT, r.load_us / 1e3, (double)r.policy_size / 1e6,
	    (double)r.walk_size / 1e3, r.state_size);
}

static void
write_json(const struct json *all, const char *path)
{
	AUTO(buf_done) struct buf text = {0};
	FILE *file = fopen(path, "w");

	json_format_pretty(all, &text);
	if (file == NULL || fwrite(text.at, 1, text.len, file) != text.len ||
	    fclose(file) != 0)
		die(path, NULL);
}

int
main(int argc, char **argv)
{
	AUTO(json_auto) struct json *all = json_new_array();
	static struct series warm, cold, bare, cached, echo, shake, ima, hashes;
	double limit;

	if (argc != 6 && !(argc == 8 && strcmp(argv[6], "--json") == 0))
		return 1;
	(void)setenv("TSS2_LOG", "all+NONE", 0);
	measure_echo(argv[4], &echo);
	measure_cached(argv[1], argv[2], &cached);
	measure_warm(argv[1], argv[2], &warm);
	measure_cold(argv[1], &cold);
	measure_handshake(argv[4], argv[2], &shake);
	measure_bare(argv[3], argv[4], &bare);
	limit = series_at(&bare, 0.5);
	report(all, "warm-verdict", &warm, limit, 1.25, false);
	report(all, "cold-verdict", &cold, limit + series_at(&shake, 0.5), 1.25,
	       false);
	report(all, "cached-verdict", &cached, series_at(&echo, 0.5), 0.5,
	       true);
	measure_imareplay(&ima, &hashes);
	report(all, "ima-replay", &ima, series_at(&hashes, 0.5), 2, false);
	report_imawalk(all);
	report_enrolment(all, argv[1], argv[4]);
	report_askers(all, argv[5], argv[4]);
	if (argc == 8)
		write_json(all, argv[7]);
	return 0;
}
