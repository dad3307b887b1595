/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The network gate, and polkit's. */
#include <stdio.h>
#include <string.h>

#include "judge_private.h"

/* nft prints a control group by its path; one that is gone by its number. */
static bool
names_cgroup(const struct gate_net *net, const struct gate_daemon *d)
{
	char number[24];

	snprintf(number, sizeof(number), "%llu",
	         (unsigned long long)d->cgroup_id);
	for (size_t i = 0; i < net->n_cgroups; i++) {
		const char *one = net->cgroups[i];
		size_t n = strlen(one);

		if (strcmp(one, number) == 0 ||
		    (strncmp(d->cgroup, one, n) == 0 &&
		     (d->cgroup[n] == '\0' || d->cgroup[n] == '/')))
			return true;
	}
	return false;
}

static bool
table_is_wrong(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_net *net = &f->net;

	if (net->table == SEEN_NO)
		return gate_says(line, GATE_BROKEN,
		                 "start virt-attest-gated, and enable it",
		                 "there is %s, but no table inet virt_attest",
		                 net->conf.path);
	if (!net->hooked || !net->refuses || net->networks == 0 ||
	    (net->users + net->n_cgroups == 0 && !net->everybody))
		return gate_says(
		    line, GATE_BROKEN,
		    "reload virt-attest-gated: it makes its table "
		    "anew",
		    "the table inet virt_attest refuses nothing: %s",
		    !net->hooked    ? "no chain of it is at output"
		    : !net->refuses ? "it has no rule that refuses"
		    : net->networks == 0
			? "it names no network"
			: "it names no user and no control group");
	return false;
}

/* By its control group, or because all of root's counts as libvirt's. */
static bool
daemon_is_missed(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_net *net = &f->net;
	const char *cgroup = f->daemon.cgroup;

	if (!f->daemon.runs || (net->root_too && !net->awake) ||
	    (cgroup[0] != '\0' && names_cgroup(net, &f->daemon)))
		return false;
	return gate_says(line, GATE_BROKEN,
	                 "name its control group in cgroups of gated.conf, and "
	                 "reload virt-attest-gated",
	                 "%s runs in the control group /%s, which the table "
	                 "does not know: what it sends itself passes",
	                 f->daemon.name, cgroup);
}

/* Whoever may not listen to the verifier learns of nobody. */
static bool
hears_nobody(const struct gate_facts *f, struct gate_line *line)
{
	if (f->net.attested != 0 || f->verifier.listens != SEEN_YES ||
	    f->verifier.read_group[0] != '\0')
		return false;
	return gate_says(
	    line, GATE_BROKEN,
	    "read_group = \"virt-attest-read\" in verifierd.conf, "
	    "and reload verifierd",
	    "the table inet virt_attest lets nobody go: "
	    "verifierd.conf names no read_group, so that verifierd "
	    "tells virt-attest-gated nothing");
}

void
judge_net(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_net *net = &f->net;

	if (!net->conf.exists && net->conf.why == NULL &&
	    net->table != SEEN_YES) {
		gate_says(line, GATE_OFF,
		          "gated.conf (GATES.md, \"The network gate\")",
		          "there is no %s", net->conf.path);
		return;
	}
	if (net->named == 0 && net->conf.why == NULL && net->table == SEEN_NO) {
		gate_says(line, GATE_OFF,
		          "networks in gated.conf (GATES.md, \"The network "
		          "gate\")",
		          "%s names no networks", net->conf.path);
		return;
	}
	if (gate_unread(&net->conf, line))
		return;
	if (net->table == SEEN_NOT_KNOWN) {
		gate_says(line, GATE_NOT_KNOWN,
		          "run this as root, where nft is installed",
		          "the table inet virt_attest cannot be looked at: %s",
		          net->why != NULL ? net->why : "?");
		return;
	}
	if (table_is_wrong(f, line) || gate_loose(&net->conf, line) ||
	    daemon_is_missed(f, line))
		return;
	if (net->runs == SEEN_NO) {
		gate_says(line, GATE_BROKEN,
		          "start virt-attest-gated, and enable it",
		          "virt-attest-gated does not run: its table is there, "
		          "runs empty and lets nobody go");
		return;
	}
	if (hears_nobody(f, line))
		return;
	gate_says(line, GATE_ON, "",
	          "the table inet virt_attest lets %s reach %llu "
	          "attested addresses on the migration networks%s%s",
	          net->everybody
	              ? "libvirt and every account that is not root's "
	                "or excepted"
	              : "QEMU and libvirt",
	          (unsigned long long)net->attested,
	          net->root_too && !net->awake
	              ? "; all that is root's counts as libvirt's"
	              : "",
	          f->verifier.listens == SEEN_YES
	              ? ""
	              : "; verifierd is not there, and they run out");
}

static const struct gate_rule *
our_rule(const struct gate_polkit *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->all[i].ours)
			return &p->all[i];
	return NULL;
}

/* A rule that polkit asks before ours may have said yes already. */
static const struct gate_rule *
earlier_rule(const struct gate_polkit *p)
{
	for (size_t i = 0; i < p->n && !p->all[i].ours; i++)
		if (p->all[i].migrates)
			return &p->all[i];
	return NULL;
}

static bool
rule_is_wrong(const struct gate_facts *f, const struct gate_rule *rule,
              struct gate_line *line)
{
	const struct gate_rule *earlier = earlier_rule(&f->polkit);

	if (!f->conf.asks_polkit)
		return gate_says(line, GATE_BROKEN,
		                 "access_drivers = [ \"polkit\" ], and restart "
		                 "that daemon",
		                 "%s is there, but %s does not name polkit in "
		                 "access_drivers: nobody asks it",
		                 rule->file.path, f->conf.daemon.path);
	if (gate_not_read(&f->daemon, &f->conf.daemon, line) ||
	    gate_loose(&rule->file, line))
		return true;
	if (earlier != NULL)
		return gate_says(line, GATE_BROKEN,
		                 "give it a name that sorts behind ours",
		                 "%s speaks of the same action and is asked "
		                 "before %s",
		                 earlier->file.path, rule->file.path);
	if (!f->polkit.helper.executable)
		return gate_says(
		    line, GATE_BROKEN, "install it",
		    "%s cannot be run: nobody but root may migrate",
		    f->polkit.helper.path);
	if (f->verifier.read_group[0] == '\0')
		return gate_says(
		    line, GATE_BROKEN,
		    "read_group in verifierd.conf, with polkitd in "
		    "that group",
		    "verifierd.conf names no read_group: it tells "
		    "polkitd nothing, and nobody but root may "
		    "migrate");
	return false;
}

void
judge_polkit(const struct gate_facts *f, struct gate_line *line)
{
	const struct gate_rule *rule = our_rule(&f->polkit);

	if (f->polkit.why != NULL && rule == NULL) {
		gate_says(line, GATE_NOT_KNOWN, "run this as root",
		          "polkit's rules cannot be looked at: %s",
		          f->polkit.why);
		return;
	}
	if (rule == NULL) {
		gate_says(line, GATE_OFF,
		          "00-virt-attest.rules (GATES.md, \"polkit\")",
		          "polkit has no rule of ours");
		return;
	}
	if (gate_unread(&f->conf.daemon, line) ||
	    gate_unread(&f->verifier.conf, line) ||
	    rule_is_wrong(f, rule, line))
		return;
	if (f->polkit.runs == SEEN_NO) {
		gate_says(line, GATE_BROKEN, "start polkit",
		          "polkitd does not run: nobody but root may migrate");
		return;
	}
	gate_says(line, GATE_ON, "",
	          "%s is asked by %s, first of all that speaks of it",
	          rule->file.path, f->daemon.name);
}
