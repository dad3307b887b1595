/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "collect.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/uuid.h"
#include "crew.h"
#include "net.h"
#include "path.h"
#include "pki.h"
#include "qemu_conf.h"
#include "sys/child.h"
#include "words.h"

const struct collect_files collect_files = {
    .qemu_conf = "/etc/libvirt/qemu.conf",
    .maintenance = "/etc/virt-attest/maintenance",
    .migrate_pki = "/etc/pki/libvirt-migrate",
    .pki = "/etc/pki/qemu",
};

enum { SWTPM_SAYS_MAX = 4096, SWTPM_VERSION_SIZE = 32 };

/* Something that may hang; its texts are in an arena of its own, which nobody
 * reads before it is done. */
struct looking {
	struct crew_job job; /* the first */
	struct arena arena;
	const struct local_path_asked *path; /* NULL: a name */
	const char *name;
	struct local_path path_said;
	struct local_answer_bool name_said;
};

static void
look(struct crew_job *job)
{
	struct looking *l = (void *)job;

	if (l->path != NULL)
		path_look(l->path, &l->arena, &l->path_said);
	else
		net_name(l->name, &l->arena, &l->name_said);
}

const char *
collect_swtpm_version(const char *said, struct arena *arena)
{
	static const char before[] = "version ";
	const char *at = strstr(said, before);
	char version[SWTPM_VERSION_SIZE];
	size_t len;

	if (at == NULL)
		return NULL;
	at += sizeof(before) - 1;
	len = strspn(at, "0123456789.abcdefghijklmnopqrstuvwxyz-~+");
	if (len == 0 || len >= sizeof(version))
		return NULL;
	memcpy(version, at, len);
	version[len] = '\0';
	return words_kept(arena, version);
}

static const char *
swtpm_version(struct arena *arena)
{
	static const char *const places[] = {"/usr/bin/swtpm",
	                                     "/usr/local/bin/swtpm"};
	static const char *const argv[] = {"swtpm", "--version", NULL};

	for (size_t i = 0; i < LENGTH_OF(places); i++) {
		const struct child_asked asked = {.path = places[i],
		                                  .argv = argv,
		                                  .max = SWTPM_SAYS_MAX,
		                                  .timeout_ms =
		                                      COLLECT_SWTPM_MS};
		struct child_told told = {0};
		const char *version = NULL;
		struct err err = {0};

		if (access(places[i], X_OK) != 0)
			continue;
		if (child_run(&asked, &told, &err)) {
			buf_u8(&told.out, '\0');
			version = collect_swtpm_version(
			    (const char *)told.out.at, arena);
		}
		buf_done(&told.out);
		if (version != NULL)
			return version;
	}
	return NULL;
}

/* The first line, or "yes" of one that says nothing. */
static const char *
maintenance(const char *path, struct arena *arena)
{
	char line[LOCAL_TEXT_MAX + 1];
	const char *word;
	bool read = words_line(path, line, sizeof(line));

	if (!read && (errno == ENOENT || errno == ENOTDIR))
		return NULL;
	word = read && line[0] != '\0' ? words_kept(arena, line) : NULL;
	return word != NULL ? word : "yes";
}

/* Written as the kernel writes it: others compare it. */
static const char *
boot_id(const char *said, struct arena *arena)
{
	AUTO(buf_done) struct buf bytes = {0};
	char line[128], id[UUID_SIZE];

	if (said == NULL)
		return words_line("/proc/sys/kernel/random/boot_id", line,
		                  sizeof(line))
		           ? words_kept(arena, line)
		           : NULL;
	if (!text_unhex(said, &bytes) || bytes.len != UUID_BYTES)
		return NULL;
	uuid_format(bytes.at, id);
	return words_kept(arena, id);
}

static void
collect_host(const struct local_asking *asking,
             const struct collect_files *files, struct arena *arena,
             struct local_facts *f)
{
	struct utsname names;
	struct sysinfo info;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	f->boot_id = boot_id(files->boot, arena);
	if (uname(&names) == 0) {
		f->kernel = words_kept(arena, names.release);
		f->hostname = words_kept(arena, names.nodename);
	}
	/* SI_LOAD_SHIFT: 65536 is a load of 1. */
	if (sysinfo(&info) == 0)
		f->load_milli =
		    (uint64_t)info.loads[0] * 1000 / (1u << SI_LOAD_SHIFT);
	f->cpus = cpus > 0 ? (unsigned)cpus : 0;
	f->maintenance = maintenance(files->maintenance, arena);
	if (asking->swtpm)
		f->swtpm = swtpm_version(arena);
}

/* As libvirt chooses: migrate_tls_x509_cert_dir, its own folder for migrations
 * where that is there, default_tls_x509_cert_dir, /etc/pki/qemu. */
static const char *
pki_folder(const struct collect_files *files,
           const struct qemu_conf_folders *folders)
{
	struct stat is;

	if (folders->migrate[0] != '\0')
		return folders->migrate;
	if (stat(files->migrate_pki, &is) == 0)
		return files->migrate_pki;
	return folders->fallback[0] != '\0' ? folders->fallback : files->pki;
}

static void
collect_qemu(const struct collect_files *files, struct arena *arena,
             struct local_facts *f)
{
	AUTO(mem_auto)
	struct qemu_conf_folders *folders = mem_new(1, sizeof(*folders));
	AUTO(buf_done) struct buf text = {0};

	if (words_file(files->qemu_conf, QEMU_CONF_MAX, &text))
		qemu_conf_read(buf_span(&text), arena, f, folders);
	else
		f->qemu_conf_why = words_errno(arena, errno);
	pki_look(pki_folder(files, folders), arena, f);
}

static void
collect_net(const struct local_asking *asking, struct arena *arena,
            struct local_facts *f)
{
	f->links = arena_new(arena, asking->n_links + 1, sizeof(*f->links));
	for (; f->n_links < asking->n_links; f->n_links++)
		net_link(asking->links[f->n_links], arena,
		         &f->links[f->n_links]);
	f->addresses =
	    arena_new(arena, asking->n_addresses + 1, sizeof(*f->addresses));
	for (size_t i = 0; i < asking->n_addresses; i++)
		f->n_addresses += net_address(asking->addresses[i], arena,
		                              &f->addresses[f->n_addresses]);
}

/* What was looked at; of a path that was not it is told, and of a name that was
 * not, nothing: neither yes nor no is known. */
static void
take(const struct looking *l, struct local_facts *f)
{
	if (l->path == NULL) {
		if (l->job.done)
			f->names[f->n_names++] = l->name_said;
		return;
	}
	f->paths[f->n_paths++] =
	    l->job.done ? l->path_said
			: (struct local_path){.path = l->path->path,
	                                      .why = "it was not answered in "
	                                             "time (a mount that "
	                                             "hangs?)"};
}

static bool
collect_slow(const struct local_asking *asking, struct arena *arena,
             struct local_facts *f)
{
	size_t n = asking->n_paths + asking->n_names;
	struct looking *all = arena_new(arena, n + 1, sizeof(*all));
	struct crew_job **jobs =
	    arena_new(arena, n + 1, sizeof(struct crew_job *));
	bool done;

	for (size_t i = 0; i < n; i++) {
		jobs[i] = &all[i].job;
		all[i].job.work = look;
		if (i < asking->n_paths)
			all[i].path = &asking->paths[i];
		else
			all[i].name = asking->names[i - asking->n_paths];
	}
	f->paths = arena_new(arena, asking->n_paths + 1, sizeof(*f->paths));
	f->names = arena_new(arena, asking->n_names + 1, sizeof(*f->names));
	done = crew_run(jobs, n, COLLECT_MS);
	for (size_t i = 0; i < n; i++) {
		take(&all[i], f);
		if (all[i].job.done)
			arena_take(arena, &all[i].arena);
	}
	return done;
}

bool
collect(const struct local_asking *asking, const struct collect_files *files,
        struct arena *arena, struct local_facts *f)
{
	struct timespec now;
	bool done;

	*f = (struct local_facts){0};
	collect_host(asking, files, arena, f);
	collect_qemu(files, arena, f);
	collect_net(asking, arena, f);
	done = collect_slow(asking, arena, f);
	clock_gettime(CLOCK_REALTIME, &now);
	f->time_ms =
	    (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	return done;
}
