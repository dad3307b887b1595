/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* doctor --gates: a host on which every gate is on, and each trap in which one
 * of them looks as if it were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "gatejudge/judge.h"

enum { BOOTED = 1000, WRITTEN = 2000, STARTED = 3000, LATER = 4000 };

static struct gate_file
file(const char *path)
{
	return (struct gate_file){.path = path,
	                          .exists = true,
	                          .executable = true,
	                          .changed_ms = WRITTEN,
	                          .written_ms = WRITTEN};
}

static struct gate_net
a_table(void)
{
	return (struct gate_net){.conf = file("/g.conf"),
	                         .named = 1,
	                         .runs = SEEN_YES,
	                         .table = SEEN_YES,
	                         .hooked = true,
	                         .refuses = true,
	                         .networks = 1,
	                         .attested = 3,
	                         .users = 1,
	                         .awake = true,
	                         .n_cgroups = 1,
	                         .cgroups = {"system.slice/libvirtd.service"}};
}

static struct gate_facts
all_on(void)
{
	struct gate_facts f = {
	    .as_root = true,
	    .booted_ms = BOOTED,
	    .now_ms = 5000,
	    .daemon = {.name = "libvirtd",
	               .runs = true,
	               .started_ms = STARTED,
	               .plugin = SEEN_YES,
	               .patched = SEEN_YES,
	               .cgroup = "system.slice/libvirtd.service",
	               .cgroup_id = 77},
	    .conf = {.qemu = file("/q.conf"),
	             .daemon = file("/l.conf"),
	             .lock_manager = "virt-attest",
	             .tls_force = "1",
	             .tls_folder = "/pki/",
	             .asks_polkit = true},
	    .verifier = {.conf = file("/v.conf"),
	                 .listens = SEEN_YES,
	                 .socket = "/v.sock",
	                 .trust_file = "/pki/ca-cert.pem",
	                 .trust_own = "/own.pem",
	                 .pass_keys = "/keys",
	                 .n_pass_keys = 1,
	                 .read_group = "readers"},
	    .trust = {.file = file("/pki/ca-cert.pem"),
	              .entries = 2,
	              .own = SEEN_YES,
	              .timer = SEEN_YES},
	    .lock = {.plugin = file("/p.so"),
	             .conf = file("/p.conf"),
	             .next_plugin = file("/lockd.so"),
	             .socket = "/v.sock",
	             .next = "lockd",
	             .deadline_ms = 500},
	    .hooks = {.n = 1},
	    .callers = {.n = 1},
	    .polkit = {.runs = SEEN_YES, .helper = file("/permitted"), .n = 2},
	};

	f.net = a_table();
	f.hooks.all[0] = (struct gate_hook){
	    .file = file("/h/50"), .attests = true, .policy = PASS_REQUIRE};
	f.callers.all[0] =
	    (struct gate_hook){.file = file("/c/50"), .attests = true};
	f.polkit.all[0] = (struct gate_rule){
	    .file = file("/r/00"), .name = "00", .ours = true};
	f.polkit.all[1] = (struct gate_rule){
	    .file = file("/r/10"), .name = "10", .migrates = true};
	return f;
}

/* Each trap is a line: its name, its gate, the state, words, what it does. */
#define TRAPS(X)                                                               \
	X(trust_unread, TRUST, NOT_KNOWN, "/pki/ca-cert.pem cannot",           \
	  f->trust.file.why = "no")                                            \
	X(trust_conf_unread, TRUST, NOT_KNOWN, "/q.conf cannot",               \
	  f->conf.qemu.why = "no")                                             \
	X(plugin_unread, LOCK, NOT_KNOWN, "/p.so cannot",                      \
	  f->lock.plugin.why = "no")                                           \
	X(lock_conf_unread, LOCK, NOT_KNOWN, "cannot be looked at",            \
	  f->lock.conf.why = "no")                                             \
	X(net_conf_unread, NET, NOT_KNOWN, "/g.conf cannot",                   \
	  f->net.conf.why = "no")                                              \
	X(daemon_conf_unread, POLKIT, NOT_KNOWN, "/l.conf cannot",             \
	  f->conf.daemon.why = "no")                                           \
	X(pmc_hooks_unread, PMC, NOT_KNOWN, "cannot be looked at",             \
	  f->hooks.why = "no")                                                 \
	X(callers_unread, CALLERS, NOT_KNOWN, "cannot be looked at",           \
	  f->callers.why = "no")                                               \
	X(no_trust_file, TRUST, OFF, "no trust_file",                          \
	  f->verifier.trust_file = "")                                         \
	X(plain_tcp, TRUST, BROKEN, "plain TCP", f->conf.tls_force = "")       \
	X(force_zero, TRUST, BROKEN, "plain TCP", f->conf.tls_force = "0")     \
	X(other_folder, TRUST, BROKEN, "QEMU reads /pkix",                     \
	  f->conf.tls_folder = "/pkix")                                        \
	X(folder_above, TRUST, BROKEN, "QEMU reads /",                         \
	  f->conf.tls_folder = "/")                                            \
	X(qemu_conf_not_read, TRUST, BROKEN, "has not read it",                \
	  f->conf.qemu.written_ms = LATER)                                     \
	X(no_file, TRUST, BROKEN, "no migration starts",                       \
	  f->trust.file.exists = false)                                        \
	X(anybodys_file, TRUST, BROKEN, "others than root",                    \
	  f->trust.file.loose = "uid 7")                                       \
	X(of_before, TRUST, BROKEN, "since this host booted",                  \
	  f->trust.file.written_ms = BOOTED - 1)                               \
	X(not_own, TRUST, BROKEN, "own CA", f->trust.own = SEEN_NO)            \
	X(no_timer, TRUST, BROKEN, "is not active", f->trust.timer = SEEN_NO)  \
	X(foreign, TRUST, BROKEN, "no verdict stands for",                     \
	  f->trust.foreign = 1)                                                \
	X(overdue, TRUST, BROKEN, "beyond their time", f->trust.expired = 1)   \
	X(conf_unread, TRUST, NOT_KNOWN, "cannot be looked at",                \
	  f->verifier.conf.why = "no")                                         \
	X(qemu_unread, LOCK, NOT_KNOWN, "cannot be looked at",                 \
	  f->conf.qemu.why = "no")                                             \
	X(other_driver, LOCK, OFF, "lockd", f->conf.lock_manager = "lockd")    \
	X(no_plugin, LOCK, BROKEN, "does not start",                           \
	  f->lock.plugin.exists = false)                                       \
	X(anybodys_plugin, LOCK, BROKEN, "others than root",                   \
	  f->lock.plugin.loose = "uid 7")                                      \
	X(anybodys_conf, LOCK, BROKEN, "others than root",                     \
	  f->lock.conf.loose = "uid 7")                                        \
	X(wrong_conf, LOCK, BROKEN, "deadlin: no such key",                    \
	  f->lock.wrong = "deadlin: no such key")                              \
	X(no_next, LOCK, BROKEN, "there is no /lockd.so",                      \
	  f->lock.next_plugin.exists = false)                                  \
	X(other_socket, LOCK, BROKEN, "it asks at /x", f->lock.socket = "/x")  \
	X(not_run, LOCK, BROKEN, "runs without it",                            \
	  f->daemon.plugin = SEEN_NO)                                          \
	X(old_plugin, LOCK, BROKEN, "replaced or deleted",                     \
	  f->daemon.plugin_replaced = true)                                    \
	X(maps_unread, LOCK, NOT_KNOWN, "is not known",                        \
	  f->daemon.plugin = SEEN_NOT_KNOWN)                                   \
	X(lock_conf_not_read, LOCK, BROKEN, "has not read it",                 \
	  f->lock.conf.written_ms = LATER)                                     \
	X(no_net, NET, OFF, "there is no /g.conf", f->net.conf.exists = false, \
	  f->net.table = SEEN_NO)                                              \
	X(net_sample, NET, OFF, "/g.conf names no networks", f->net.named = 0, \
	  f->net.table = SEEN_NO)                                              \
	X(net_taken_out, NET, ON, "lets QEMU", f->net.named = 0)               \
	X(net_deaf, NET, BROKEN, "no read_group", f->net.attested = 0,         \
	  f->verifier.read_group = "")                                         \
	X(net_nobody, NET, ON, "reach 0", f->net.attested = 0)                 \
	X(no_table, NET, BROKEN, "no table", f->net.table = SEEN_NO)           \
	X(table_unread, NET, NOT_KNOWN, "cannot be looked at",                 \
	  f->net.table = SEEN_NOT_KNOWN)                                       \
	X(not_hooked, NET, BROKEN, "at output", f->net.hooked = false)         \
	X(refuses_nothing, NET, BROKEN, "no rule", f->net.refuses = false)     \
	X(no_network, NET, BROKEN, "no network", f->net.networks = 0)          \
	X(nobody_meant, NET, BROKEN, "no user", f->net.users = 0,              \
	  f->net.n_cgroups = 0)                                                \
	X(everybody_meant, NET, ON,                                            \
	  "lets libvirt and every account that is not root's or excepted "     \
	  "reach 3",                                                           \
	  f->net.users = 0, f->net.everybody = true)                           \
	X(everybody_but_libvirt, NET, BROKEN, "does not know",                 \
	  f->net.users = 0, f->net.n_cgroups = 0, f->net.everybody = true)     \
	X(other_cgroup, NET, BROKEN, "does not know",                          \
	  f->net.cgroups[0] = "system.slice/libvirtd.servic")                  \
	X(root_too, NET, ON, "lets QEMU", f->net.cgroups[0] = "76",            \
	  f->net.root_too = true, f->net.awake = false)                        \
	X(awake, NET, BROKEN, "does not know", f->net.cgroups[0] = "76",       \
	  f->net.root_too = true)                                              \
	X(no_cgroup, NET, BROKEN, "group /, which", f->daemon.cgroup = "",     \
	  f->daemon.cgroup_id = 0)                                             \
	X(old_cgroup, NET, BROKEN, "does not know", f->net.cgroups[0] = "76")  \
	X(no_gated, NET, BROKEN, "does not run", f->net.runs = SEEN_NO)        \
	X(no_hook, PASS, BROKEN, "deleted or never there", f->hooks.n = 0)     \
	X(no_pass, PASS, OFF, "no hook", f->hooks.n = 0,                       \
	  f->verifier.n_pass_keys = 0)                                         \
	X(not_executable, PASS, BROKEN, "not executable",                      \
	  f->hooks.all[0].file.executable = false)                             \
	X(after_start, PASS, BROKEN, "has not looked for hooks",               \
	  f->hooks.all[0].file.changed_ms = LATER)                             \
	X(before_reload, PASS, ON, "lets in",                                  \
	  f->hooks.all[0].file.changed_ms = LATER,                             \
	  f->daemon.reloaded_ms = LATER)                                       \
	X(other_hook_seen, PASS, ON, "lets in", f->hooks.n = 2,                \
	  f->hooks.all[1].file = file("/h/10"),                                \
	  f->hooks.all[0].file.changed_ms = LATER)                             \
	X(anybodys_hook, PASS, BROKEN, "others than root",                     \
	  f->hooks.all[0].file.loose = "uid 7")                                \
	X(left_over, PASS, BROKEN, "libvirt runs /h/50~", f->hooks.n = 2,      \
	  f->hooks.all[1] =                                                    \
	      (struct gate_hook){.file = file("/h/50~"), .stray = true})       \
	X(hidden, PASS, BROKEN, "has a name", f->hooks.all[0].stray = true)    \
	X(says_off, PASS, OFF, "says off", f->hooks.all[0].policy = PASS_OFF)  \
	X(says_warn, PASS, ON, "lets all in",                                  \
	  f->hooks.all[0].policy = PASS_WARN)                                  \
	X(no_keys, PASS, BROKEN, "no key in /keys",                            \
	  f->verifier.n_pass_keys = 0)                                         \
	X(hooks_unread, PASS, NOT_KNOWN, "cannot be looked at",                \
	  f->hooks.why = "no")                                                 \
	X(no_rule, POLKIT, OFF, "no rule", f->polkit.n = 0)                    \
	X(rules_unread, POLKIT, NOT_KNOWN, "cannot be looked at",              \
	  f->polkit.n = 0, f->polkit.why = "no")                               \
	X(not_asked, POLKIT, BROKEN, "nobody asks",                            \
	  f->conf.asks_polkit = false)                                         \
	X(drivers_not_read, POLKIT, BROKEN, "has not read it",                 \
	  f->conf.daemon.written_ms = LATER)                                   \
	X(anybodys_rule, POLKIT, BROKEN, "others than root",                   \
	  f->polkit.all[0].file.loose = "uid 7")                               \
	X(earlier_rule, POLKIT, BROKEN, "is asked before /r/00",               \
	  f->polkit.all[1] = f->polkit.all[0],                                 \
	  f->polkit.all[0] = (struct gate_rule){                               \
	      .file = file("/r/-"), .name = "-", .migrates = true})            \
	X(no_helper, POLKIT, BROKEN, "cannot be run",                          \
	  f->polkit.helper.executable = false)                                 \
	X(no_readers, POLKIT, BROKEN, "no read_group",                         \
	  f->verifier.read_group = "")                                         \
	X(no_polkitd, POLKIT, BROKEN, "does not run",                          \
	  f->polkit.runs = SEEN_NO)                                            \
	X(stock_driver, PMC, OFF, "libvirt's own",                             \
	  f->daemon.patched = SEEN_NO)                                         \
	X(driver_unread, PMC, NOT_KNOWN, "is not known",                       \
	  f->daemon.patched = SEEN_NOT_KNOWN)                                  \
	X(asks_nobody, PMC, BROKEN, "none runs virt-attest-hook",              \
	  f->hooks.all[0].attests = false)                                     \
	X(asks_no_program, PMC, BROKEN, "not executable",                      \
	  f->hooks.all[0].file.executable = false)                             \
	X(no_caller, CALLERS, OFF, "no hook", f->callers.n = 0)                \
	X(caller_not_executable, CALLERS, BROKEN, "not executable",            \
	  f->callers.all[0].file.executable = false)

#define X(name, gate, state, words, ...)                                       \
	static void spring_##name(struct gate_facts *f)                        \
	{                                                                      \
		__VA_ARGS__;                                                   \
	}
TRAPS(X)
#undef X

static const struct {
	const char *name;
	enum gate gate;
	enum gate_state state;
	const char *words;
	void (*spring)(struct gate_facts *);
} traps[] = {
#define X(name, gate, state, words, ...)                                       \
	{#name, GATE_##gate, GATE_##state, words, spring_##name},
    TRAPS(X)
#undef X
};

static void
every_gate_is_on(void **state)
{
	struct gate_facts f = all_on();
	struct gate_line lines[GATE_COUNT];

	(void)state;
	gates_judge(&f, lines);
	for (size_t i = 0; i < GATE_COUNT; i++)
		if (lines[i].state != GATE_ON)
			fail_msg("%s: %s", gate_name((enum gate)i),
			         lines[i].evidence);
	assert_int_equal(gates_status(lines), 0);
}

static void
each_trap_is_seen(void **state)
{
	struct gate_line lines[GATE_COUNT];

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(traps); i++) {
		struct gate_facts f = all_on();
		const struct gate_line *line = &lines[traps[i].gate];

		traps[i].spring(&f);
		gates_judge(&f, lines);
		if (line->state != traps[i].state ||
		    strstr(line->evidence, traps[i].words) == NULL)
			fail_msg("%s: %s: %s", traps[i].name,
			         gate_state_name(line->state), line->evidence);
		if (line->state == GATE_BROKEN && line->remedy[0] == '\0')
			fail_msg("%s: no remedy", traps[i].name);
		if (line->state == GATE_BROKEN)
			assert_int_equal(gates_status(lines), 2);
	}
}

/* What is not running can be as it should be; what nobody saw cannot. */
static void
a_host_at_rest_is_no_trap(void **state)
{
	struct gate_facts f = all_on();
	struct gate_line lines[GATE_COUNT];

	(void)state;
	f.daemon = (struct gate_daemon){.name = "libvirtd", .cgroup = ""};
	gates_judge(&f, lines);
	assert_int_equal(lines[GATE_TRUST].state, GATE_ON);
	assert_int_equal(lines[GATE_LOCK].state, GATE_ON);
	assert_int_equal(lines[GATE_NET].state, GATE_ON);
	assert_int_equal(lines[GATE_PASS].state, GATE_ON);
}

static void
what_is_kept_is_not_left_open(void **state)
{
	struct gate_facts f = all_on();
	struct gate_line lines[GATE_COUNT];

	(void)state;
	gates_judge(&f, lines);
	assert_false(lines[GATE_LOCK].keeps_paused);
	assert_non_null(strstr(lines[GATE_LOCK].leaves, "paused"));
	f.lock.keeps_paused = true;
	gates_judge(&f, lines);
	assert_true(lines[GATE_LOCK].keeps_paused);
	assert_null(strstr(lines[GATE_LOCK].leaves, "paused"));
}

/* libvirt's cgroup may lie below the one that is named; a number is a name. */
static void
a_control_group_is_known_by_path_above_or_number(void **state)
{
	static const char *const good[] = {"system.slice", "77",
	                                   "system.slice/libvirtd.service"};
	struct gate_line lines[GATE_COUNT];

	(void)state;
	for (size_t i = 0; i < LENGTH_OF(good); i++) {
		struct gate_facts f = all_on();

		f.net.cgroups[0] = good[i];
		gates_judge(&f, lines);
		assert_int_equal(lines[GATE_NET].state, GATE_ON);
	}
}

static void
the_worst_is_the_status(void **state)
{
	struct gate_line lines[GATE_COUNT] = {0};

	(void)state;
	assert_int_equal(gates_status(lines), 4);
	for (size_t i = 0; i < GATE_COUNT; i++)
		lines[i].state = GATE_OFF;
	assert_int_equal(gates_status(lines), 0);
	lines[GATE_LOCK].state = GATE_NOT_KNOWN;
	assert_int_equal(gates_status(lines), 4);
	lines[GATE_CALLERS].state = GATE_BROKEN;
	assert_int_equal(gates_status(lines), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_gate_is_on),
	    cmocka_unit_test(each_trap_is_seen),
	    cmocka_unit_test(a_host_at_rest_is_no_trap),
	    cmocka_unit_test(what_is_kept_is_not_left_open),
	    cmocka_unit_test(a_control_group_is_known_by_path_above_or_number),
	    cmocka_unit_test(the_worst_is_the_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
