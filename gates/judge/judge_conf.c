/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The gates that qemu.conf switches on: the trust file and the lock driver. */
#include <string.h>

#include "judge_private.h"

#define PLUGIN "virt-attest"

/* As libvirt's parser joins a folder and a file. */
static bool
is_file_of(const char *path, const char *folder, const char *name)
{
	size_t n = strlen(folder);

	while (n > 1 && folder[n - 1] == '/')
		n--;
	return strncmp(path, folder, n) == 0 && path[n] == '/' &&
	       strcmp(path + n + 1, name) == 0;
}

static bool
trust_is_walked_around(const struct gate_facts *f, struct gate_line *line)
{
	if (strcmp(f->conf.tls_force, "1") != 0)
		return gate_says(line, GATE_BROKEN,
		                 "migrate_tls_force = 1 in qemu.conf, and "
		                 "restart libvirt's daemon",
		                 "verifierd keeps %s, but migrate_tls_force is "
		                 "not 1: plain TCP walks around it",
		                 f->verifier.trust_file);
	if (!is_file_of(f->verifier.trust_file, f->conf.tls_folder,
	                "ca-cert.pem"))
		return gate_says(
		    line, GATE_BROKEN,
		    "one and the same in trust_file (verifierd.conf) "
		    "and migrate_tls_x509_cert_dir (qemu.conf)",
		    "verifierd keeps %s, but QEMU reads "
		    "%s/ca-cert.pem",
		    f->verifier.trust_file, f->conf.tls_folder);
	return gate_not_read(&f->daemon, &f->conf.qemu, line);
}

static bool
trust_file_is_wrong(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_trust *t = &f->trust;

	if (gate_unread(&t->file, line))
		return true;
	if (!t->file.exists)
		return gate_says(line, GATE_BROKEN,
		                 "start virt-attest-verifierd, and look at its "
		                 "log",
		                 "%s is not there: no migration starts",
		                 t->file.path);
	if (gate_loose(&t->file, line))
		return true;
	if (f->booted_ms != 0 && t->file.written_ms < f->booted_ms)
		return gate_says(line, GATE_BROKEN,
		                 "start virt-attest-verifierd, and enable it",
		                 "%s was not written since this host booted: "
		                 "its %llu CAs are of before",
		                 t->file.path, (unsigned long long)t->entries);
	if (t->own == SEEN_NO)
		return gate_says(line, GATE_BROKEN,
		                 "name it in trust_own of verifierd.conf "
		                 "('virt-attest pki migration' makes it)",
		                 "%s does not hold this host's own CA: QEMU "
		                 "refuses its own certificate",
		                 t->file.path);
	return false;
}

/* An entry is there only as long as somebody confirms it: verifierd, or in its
 * place the timer that empties the file. */
static bool
trust_outlives(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_trust *t = &f->trust;

	if (t->timer == SEEN_NO)
		return gate_says(
		    line, GATE_BROKEN,
		    "systemctl enable --now virt-attest-trust-expire.timer",
		    "virt-attest-trust-expire.timer is not active: a verifier "
		    "that dies leaves %s as it is",
		    t->file.path);
	if (t->foreign != 0)
		return gate_says(
		    line, GATE_BROKEN,
		    "delete that file: virt-attest-verifierd "
		    "writes it anew",
		    "%s holds %llu CAs that no verdict stands for: "
		    "who has a certificate of one may receive",
		    t->file.path, (unsigned long long)t->foreign);
	if (t->expired != 0)
		return gate_says(line, GATE_BROKEN,
		                 "look at virt-attest-verifierd's log",
		                 "%llu of the CAs in %s are there beyond their "
		                 "time",
		                 (unsigned long long)t->expired, t->file.path);
	return false;
}

void
judge_trust(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_trust *t = &f->trust;

	if (gate_unread(&f->verifier.conf, line))
		return;
	if (f->verifier.trust_file[0] == '\0') {
		gate_says(line, GATE_OFF,
		          "trust_file in verifierd.conf (GATES.md, \"The trust "
		          "gate\")",
		          "verifierd.conf names no trust_file");
		return;
	}
	if (gate_unread(&f->conf.qemu, line) ||
	    trust_is_walked_around(f, line) || trust_file_is_wrong(f, line) ||
	    trust_outlives(f, line))
		return;
	gate_says(line, GATE_ON, "",
	          "QEMU reads %s, which holds the CAs of %llu other hosts%s%s",
	          t->file.path, (unsigned long long)t->entries,
	          f->verifier.listens == SEEN_YES ? ""
	                                          : "; verifierd is not "
	                                            "there to add one",
	          t->timer == SEEN_NOT_KNOWN
	              ? "; whether virt-attest-trust-expire.timer is active is "
	                "not known (no systemd here)"
	              : "");
}

static bool
plugin_is_wrong(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_lock *l = &f->lock;

	if (gate_unread(&l->plugin, line) || gate_unread(&l->conf, line))
		return true;
	if (!l->plugin.exists)
		return gate_says(line, GATE_BROKEN,
		                 "install it, or take lock_manager out of "
		                 "qemu.conf",
		                 "lock_manager is \"" PLUGIN "\", and there is "
		                 "no %s: the QEMU driver does not start",
		                 l->plugin.path);
	if (gate_loose(&l->plugin, line) || gate_loose(&l->conf, line))
		return true;
	if (l->wrong != NULL)
		return gate_says(line, GATE_BROKEN, "mend that file",
		                 "the QEMU driver will not start: %s",
		                 l->wrong);
	if (l->next[0] != '\0' && !l->next_plugin.exists)
		return gate_says(line, GATE_BROKEN,
		                 "install it, or set next = \"\"",
		                 "next is \"%s\", and there is no %s", l->next,
		                 l->next_plugin.path);
	if (strcmp(l->socket, f->verifier.socket) != 0)
		return gate_says(line, GATE_BROKEN,
		                 "one and the same socket in both files",
		                 "it asks at %s, but verifierd listens at %s: "
		                 "all migrations are refused",
		                 l->socket, f->verifier.socket);
	return false;
}

static bool
plugin_is_not_run(const struct gate_daemon *d, struct gate_line *line)
{
	if (!d->runs)
		return false;
	if (d->plugin == SEEN_NOT_KNOWN)
		return gate_says(line, GATE_NOT_KNOWN, "run this as root",
		                 "whether %s has the plugin loaded is not "
		                 "known: %s",
		                 d->name, d->why != NULL ? d->why : "?");
	if (d->plugin == SEEN_NO)
		return gate_says(line, GATE_BROKEN,
		                 "restart that daemon (guests run on)",
		                 "qemu.conf names the plugin, but %s runs "
		                 "without it",
		                 d->name);
	if (d->plugin_replaced)
		return gate_says(line, GATE_BROKEN,
		                 "restart that daemon (guests run on)",
		                 "%s runs a plugin whose file was replaced or "
		                 "deleted since",
		                 d->name);
	return false;
}

void
judge_lock(const struct gate_facts *f, struct gate_line *line)
{
	if (gate_unread(&f->conf.qemu, line))
		return;
	if (strcmp(f->conf.lock_manager, PLUGIN) != 0) {
		gate_says(line, GATE_OFF,
		          "lock_manager = \"" PLUGIN "\" (GATES.md, \"The "
		          "lock-driver gate\")",
		          "qemu.conf names %s%s as lock_manager",
		          f->conf.lock_manager[0] == '\0' ? "nobody" : "",
		          f->conf.lock_manager);
		return;
	}
	if (plugin_is_wrong(f, line) || plugin_is_not_run(&f->daemon, line) ||
	    gate_not_read(&f->daemon, &f->conf.qemu, line) ||
	    gate_not_read(&f->daemon, &f->lock.conf, line))
		return;
	line->keeps_paused = f->lock.keeps_paused;
	if (line->keeps_paused)
		line->leaves = "QEMU's monitor, root; it does not see where "
			       "to, and takes a permit for any host";
	gate_says(line, GATE_ON, "", "%s %s the plugin%s%s; it waits %llu ms%s",
	          f->daemon.name, f->daemon.runs ? "runs" : "will start with",
	          f->lock.next[0] != '\0' ? " in front of " : "", f->lock.next,
	          (unsigned long long)f->lock.deadline_ms,
	          f->verifier.listens == SEEN_YES
	              ? ""
	              : "; verifierd is not there, and all is refused");
}
