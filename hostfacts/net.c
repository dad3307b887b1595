/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "words.h"

enum { PATH_SIZE = 160, WORD_SIZE = 64 };

struct literal {
	int family; /* 0: none */
	uint8_t at[16];
	size_t len;
};

static void
path_of(const char *name, const char *what, char out[PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "/sys/class/net/%s/%s", name, what);
}

static bool
is_of_openvswitch(const char *name)
{
	char path[PATH_SIZE], master[PATH_SIZE] = "";
	const char *base;
	ssize_t len;

	path_of(name, "master", path);
	len = readlink(path, master, sizeof(master) - 1);
	if (len > 0)
		master[len] = '\0';
	base = strrchr(master, '/');
	return strcmp(name, "ovs-system") == 0 ||
	       (base != NULL && strcmp(base + 1, "ovs-system") == 0);
}

static bool
is_up(const char *name, bool bridge)
{
	char path[PATH_SIZE], flags[WORD_SIZE], state[WORD_SIZE];

	path_of(name, "flags", path);
	if (!words_line(path, flags, sizeof(flags)) ||
	    (strtoul(flags, NULL, 16) & IFF_UP) == 0)
		return false;
	/* A bridge without a port that is plugged in is "down" and carries
	 * frames between its guests all the same. */
	path_of(name, "operstate", path);
	return bridge || !words_line(path, state, sizeof(state)) ||
	       strcmp(state, "up") == 0 || strcmp(state, "unknown") == 0;
}

void
net_link(const char *name, struct arena *arena, struct local_link *link)
{
	char path[PATH_SIZE], word[WORD_SIZE];

	*link = (struct local_link){.name = arena_text(arena, name)};
	path_of(name, "", path);
	link->exists = access(path, F_OK) == 0;
	if (!link->exists)
		return;
	path_of(name, "bridge", path);
	link->bridge = access(path, F_OK) == 0;
	link->openvswitch = is_of_openvswitch(name);
	link->up = is_up(name, link->bridge || link->openvswitch);
	path_of(name, "mtu", path);
	(void)!words_number(path, &link->mtu);
	path_of(name, "bridge/vlan_filtering", path);
	link->vlan_filtering =
	    words_line(path, word, sizeof(word)) && strcmp(word, "1") == 0;
}

/* An address may say which device it is on ("fe80::1%eth0"). */
static struct literal
literal_of(const char *text)
{
	struct literal l = {0};
	char plain[LOCAL_ADDRESS_SIZE];

	snprintf(plain, sizeof(plain), "%s", text);
	plain[strcspn(plain, "%")] = '\0';
	if (inet_pton(AF_INET, plain, l.at) == 1) {
		l.family = AF_INET;
		l.len = sizeof(struct in_addr);
	} else if (inet_pton(AF_INET6, plain, l.at) == 1) {
		l.family = AF_INET6;
		l.len = sizeof(struct in6_addr);
	}
	return l;
}

static struct literal
literal_at(const struct sockaddr *sa)
{
	struct literal l = {0};

	if (sa == NULL)
		return l;
	if (sa->sa_family == AF_INET) {
		l.len = sizeof(struct in_addr);
		memcpy(
		    l.at,
		    &((const struct sockaddr_in *)(const void *)sa)->sin_addr,
		    l.len);
	} else if (sa->sa_family == AF_INET6) {
		l.len = sizeof(struct in6_addr);
		memcpy(
		    l.at,
		    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr,
		    l.len);
	}
	l.family = l.len != 0 ? sa->sa_family : 0;
	return l;
}

static bool
same(const struct literal *a, const struct literal *b)
{
	return a->family != 0 && a->family == b->family &&
	       memcmp(a->at, b->at, a->len) == 0;
}

bool
net_address(const char *address, struct arena *arena,
            struct local_answer_bool *answer)
{
	const struct literal asked = literal_of(address);
	struct ifaddrs *all = NULL;

	*answer =
	    (struct local_answer_bool){.name = arena_text(arena, address)};
	if (getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *one = all; one != NULL;
	     one = one->ifa_next) {
		const struct literal ours = literal_at(one->ifa_addr);

		answer->yes = answer->yes || same(&asked, &ours);
	}
	freeifaddrs(all);
	return true;
}

/* 127.0.0.0/8, ::1, and those that stand for it. */
static bool
is_loopback(const struct literal *l)
{
	struct in6_addr six;

	if (l->family == AF_INET)
		return l->at[0] == 127 || l->at[0] == 0;
	memcpy(&six, l->at, sizeof(six));
	return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_UNSPECIFIED(&six) ||
	       (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

void
net_name(const char *name, struct arena *arena,
         struct local_answer_bool *answer)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	char text[INET6_ADDRSTRLEN];
	struct addrinfo *all = NULL;
	struct literal first;

	*answer = (struct local_answer_bool){.name = arena_text(arena, name)};
	if (getaddrinfo(name, NULL, &hints, &all) != 0)
		return;
	first = literal_at(all->ai_addr);
	freeaddrinfo(all);
	if (first.family == 0 ||
	    inet_ntop(first.family, first.at, text, sizeof(text)) == NULL)
		return;
	answer->told = arena_text(arena, text);
	answer->yes = !is_loopback(&first);
}
