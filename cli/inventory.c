/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* enroll --from: a whole list of hosts, some at a time.  Every job has a
 * connection and a thread of its own, and takes one host after the other. */
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "inventory.h"
#include "sys/sys.h"

enum { JOBS_DEFAULT = 8, JOBS_MAX = 64 };

struct job {
	struct run *run;
	struct session session;
	pthread_t thread;
	bool asking; /* nothing of its host is stored yet */
};

struct run {
	const struct cli *cli;
	struct inventory *inventory;
	size_t n_jobs;
	struct job jobs[JOBS_MAX];
	pthread_t waiting; /* is told when the last job ends */
	pthread_mutex_t lock;
	/* Under the lock. */
	size_t next;    /* host */
	size_t working; /* jobs */
	bool stopping;
	struct err why; /* what stopped it; ERR_NONE: the operator, nothing */
	struct report report;
};

static void
stop_for(struct run *run, const struct err *why)
{
	pthread_mutex_lock(&run->lock);
	if (!run->stopping)
		run->why = *why;
	run->stopping = true;
	pthread_mutex_unlock(&run->lock);
}

/* NULL when there are no more, or no more are to be asked. */
static struct inventory_host *
next_host(struct job *job)
{
	struct run *run = job->run;
	struct inventory_host *host = NULL;

	pthread_mutex_lock(&run->lock);
	if (!run->stopping && run->next < run->inventory->n) {
		host = &run->inventory->hosts[run->next++];
		run->report.under_way++;
		job->asking = true;
		report_progress(&run->report);
	}
	pthread_mutex_unlock(&run->lock);
	return host;
}

static void
host_done(struct job *job, const struct inventory_host *host)
{
	struct run *run = job->run;

	pthread_mutex_lock(&run->lock);
	job->asking = false;
	run->report.under_way--;
	report_host(&run->report, host);
	report_progress(&run->report);
	pthread_mutex_unlock(&run->lock);
}

/* From here on the host is not let go any more. */
static bool
may_commit(void *arg)
{
	struct job *job = arg;
	bool may;

	pthread_mutex_lock(&job->run->lock);
	may = !job->run->stopping;
	if (may)
		job->asking = false;
	pthread_mutex_unlock(&job->run->lock);
	return may;
}

static void *
work(void *arg)
{
	struct job *job = arg;
	struct run *run = job->run;
	const struct visiting visiting = {
	    .session = &job->session,
	    .pcrs = run->cli->option[OPTION_PCRS],
	    .dry = run->report.dry,
	    .may_commit = may_commit,
	    .arg = job,
	};
	struct inventory_host *host;
	struct err err = {0};
	bool going = true;

	while (going && (host = next_host(job)) != NULL) {
		going = inventory_enrol(&visiting, host, &err);
		host_done(job, host);
	}
	if (!going)
		stop_for(run, &err);
	pthread_mutex_lock(&run->lock);
	if (--run->working == 0)
		(void)pthread_kill(run->waiting, SIGUSR1);
	pthread_mutex_unlock(&run->lock);
	return NULL;
}

/* The operator had enough: hosts that are only looked at are let go. */
static void
stop(struct run *run)
{
	pthread_mutex_lock(&run->lock);
	run->stopping = true;
	for (size_t i = 0; i < run->n_jobs; i++)
		if (run->jobs[i].asking)
			(void)shutdown(run->jobs[i].session.fd, SHUT_RDWR);
	pthread_mutex_unlock(&run->lock);
}

static bool
is_working(struct run *run)
{
	bool working;

	pthread_mutex_lock(&run->lock);
	working = run->working != 0;
	pthread_mutex_unlock(&run->lock);
	return working;
}

/* The signals that this thread waits for, blocked in all of them.  What was
 * ignored when we came (nohup, a job in the background) stays so. */
static sigset_t
block_signals(void)
{
	static const int stops[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction before;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	for (size_t i = 0; i < LENGTH_OF(stops); i++)
		if (sigaction(stops[i], NULL, &before) == 0 &&
		    before.sa_handler != SIG_IGN)
			sigaddset(&set, stops[i]);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	return set;
}

static void
wait_for_jobs(struct run *run, const sigset_t *signals)
{
	bool stopped = false;
	int got;

	while (is_working(run)) {
		if (sigwait(signals, &got) != 0 || got == SIGUSR1)
			continue;
		if (stopped)
			_exit(STATUS_FAILED); /* said twice: now */
		stop(run);
		stopped = true;
	}
	for (size_t i = 0; i < run->n_jobs; i++)
		(void)pthread_join(run->jobs[i].thread, NULL);
}

/* Connections are made before the threads are: what looks at the socket's owner
 * is not for several at once. */
static bool
connect_jobs(struct run *run, struct err *err)
{
	for (size_t i = 0; i < run->n_jobs; i++) {
		run->jobs[i].run = run;
		if (!session_open(&run->jobs[i].session, run->cli, err))
			return false;
	}
	return true;
}

static void
enrol_all(struct run *run)
{
	sigset_t signals = block_signals();
	struct err err = {0};

	run->waiting = pthread_self();
	pthread_mutex_lock(&run->lock); /* none ends before all began */
	for (; run->working < run->n_jobs; run->working++)
		if (pthread_create(&run->jobs[run->working].thread, NULL, work,
		                   &run->jobs[run->working]) != 0)
			break;
	run->n_jobs = run->working;
	pthread_mutex_unlock(&run->lock);
	if (run->n_jobs == 0) {
		err_set(&err, ERR_INTERNAL, "no thread can be made");
		stop_for(run, &err);
	}
	wait_for_jobs(run, &signals);
}

static bool
read_options(const struct cli *cli, uint64_t *jobs, struct err *err)
{
	const char *text = cli->option[OPTION_JOBS];
	const char *pcrs = cli->option[OPTION_PCRS];
	struct pcr_selection selection;

	*jobs = JOBS_DEFAULT;
	if (text != NULL && (!text_u64(text, JOBS_MAX, jobs) || *jobs == 0))
		return err_set(err, ERR_CONFIG, "--jobs takes 1 to %d",
		               JOBS_MAX);
	return pcrs == NULL || pcr_selection_parse(pcrs, &selection, err);
}

static bool
read_inventory(const char *path, struct inventory *inventory, struct err *err)
{
	AUTO(buf_done) struct buf text = {0};

	return sys_read_file(path, INVENTORY_FILE_MAX, &text, err) &&
	       inventory_parse(buf_span(&text), path, inventory, err);
}

static bool
approved(const struct cli *cli, const struct inventory *inventory)
{
	char question[128];

	snprintf(question, sizeof(question),
	         "Enrol these %zu hosts, each in the state that it is in?",
	         inventory->n);
	return cli->option[OPTION_DRY] != NULL || confirmed(cli, question);
}

int
run_enroll_from(struct cli *cli)
{
	AUTO(inventory_done) struct inventory inventory = {0};
	struct run run = {.cli = cli,
	                  .inventory = &inventory,
	                  .lock = PTHREAD_MUTEX_INITIALIZER};
	struct err err = {0};
	uint64_t jobs;
	int status;

	if (!read_options(cli, &jobs, &err) ||
	    !read_inventory(cli->option[OPTION_FROM], &inventory, &err))
		return fail(&err);
	if (!approved(cli, &inventory))
		return STATUS_FAILED;
	run.n_jobs = jobs < inventory.n ? (size_t)jobs : inventory.n;
	run.report = (struct report){.json = cli->option[OPTION_JSON] != NULL,
	                             .dry = cli->option[OPTION_DRY] != NULL,
	                             .terminal = isatty(STDERR_FILENO) != 0,
	                             .hosts = inventory.n};
	if (connect_jobs(&run, &err))
		enrol_all(&run);
	else
		run.why = err;
	status = report_end(&run.report, &inventory);
	for (size_t i = 0; i < LENGTH_OF(run.jobs); i++)
		session_done(&run.jobs[i].session);
	return run.why.code == ERR_NONE ? status : fail(&run.why);
}
