/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "scrape/scrape_private.h"
#include "sys/sys.h"

enum { STAT_MAX = 4096 };

static const struct metric cpu = {
    METRIC_COUNTER,
    "process_cpu_seconds",
    "seconds",
    true,
    "Processor time, of user and system.",
};
static const struct metric started = {
    METRIC_GAUGE,
    "process_start_time_seconds",
    "seconds",
    true,
    "When the process began, as Unix time.",
};
static const struct metric resident = {
    METRIC_GAUGE, "process_resident_memory_bytes",       "bytes",
    false,        "Memory that the process has in use.",
};
static const struct metric open_fds = {
    METRIC_GAUGE,
    "process_open_fds",
    NULL,
    false,
    "File descriptors that are open.",
};
static const struct metric max_fds = {
    METRIC_GAUGE,
    "process_max_fds",
    NULL,
    false,
    "File descriptors that may be open.",
};

static uint64_t
microseconds(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000000 + (uint64_t)t->tv_usec;
}

/* proc(5): the fields of /proc/PID/stat that are wanted.  The second, in
 * brackets, may hold anything. */
enum { STAT_SECOND = 2, STAT_STARTED = 22, STAT_PAGES = 24 };

static bool
read_stat(int wanted, uint64_t *out)
{
	AUTO(buf_done) struct buf text = {0};
	const char *at;

	if (!sys_read_file("/proc/self/stat", STAT_MAX, &text, NULL))
		return false;
	buf_u8(&text, '\0');
	at = strrchr((const char *)text.at, ')');
	for (int field = STAT_SECOND; at != NULL; field++) {
		if (field == wanted) {
			*out = strtoull(at, NULL, 10);
			return true;
		}
		at = strchr(at + 1, ' ');
	}
	return false;
}

static bool
count_fds(uint64_t *n)
{
	DIR *folder = opendir("/proc/self/fd");
	const struct dirent *entry;

	if (folder == NULL)
		return false;
	*n = 0;
	while ((entry = readdir(folder)) != NULL)
		*n += entry->d_name[0] != '.';
	(*n)--; /* this folder's own */
	(void)closedir(folder);
	return true;
}

static void
put(struct metrics *m, const struct metric *family, uint64_t n)
{
	metrics_begin(m, family);
	metrics_put(m, NULL, n);
}

uint64_t
scrape_started_us(void)
{
	const uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	uint64_t ticks;

	return read_stat(STAT_STARTED, &ticks)
	           ? sys_unix_us() - sys_boot_us() + ticks * (1000000 / hz)
	           : 0;
}

/* What the system does not tell is left out. */
void
scrape_put_process(struct metrics *m, uint64_t started_us)
{
	uint64_t pages, fds;
	struct rusage used;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &used) == 0)
		put(m, &cpu,
		    microseconds(&used.ru_utime) +
		        microseconds(&used.ru_stime));
	if (started_us != 0)
		put(m, &started, started_us);
	if (read_stat(STAT_PAGES, &pages))
		put(m, &resident, pages * (uint64_t)sysconf(_SC_PAGESIZE));
	if (count_fds(&fds))
		put(m, &open_fds, fds);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		put(m, &max_fds, limit.rlim_cur);
}
