/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel tells of others' changes (nfnetlink(7)): whoever says "flush
 * ruleset" takes our table with his own. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nft.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

enum {
	READ_MAX = 32 * 1024,
	QUEUE_MAX =
	    16 * 1024 * 1024, /* of our own changes, too: all hosts at once */
	TABLE_ATTRIBUTE = 1,  /* NFTA_*_TABLE of each */
};
#define ATTRIBUTE_HEAD sizeof(struct nlattr)

static const int went[] = {NFT_MSG_DELTABLE, NFT_MSG_DELCHAIN, NFT_MSG_DELRULE,
                           NFT_MSG_DELSET};

int
wiped_open(struct err *err)
{
	const struct sockaddr_nl us = {.nl_family = AF_NETLINK};
	const int group = NFNLGRP_NFTABLES, queue = QUEUE_MAX;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	                NETLINK_NETFILTER);

	/* With less some may be lost, which counts as a change. */
	if (fd >= 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue,
		                 sizeof(queue));
	if (fd >= 0 &&
	    bind(fd, (const struct sockaddr *)&us, sizeof(us)) == 0 &&
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
	               sizeof(group)) == 0)
		return fd;
	err_set(err, ERR_IO, "netlink: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool
is_wipe(const struct nlmsghdr *m, const char *name)
{
	const size_t head = NLMSG_ALIGN(sizeof(struct nfgenmsg));
	const uint8_t *body = NLMSG_DATA(m);
	size_t left = m->nlmsg_len - NLMSG_HDRLEN;
	bool of_ours = false;

	if (m->nlmsg_type >> 8 != NFNL_SUBSYS_NFTABLES || left < head ||
	    body[0] != NFPROTO_INET)
		return false;
	for (size_t i = 0; i < sizeof(went) / sizeof(went[0]); i++)
		of_ours |= (m->nlmsg_type & 0xff) == went[i];
	if (!of_ours)
		return false;
	body += head;
	left -= head;
	while (left >= sizeof(struct nlattr)) {
		const struct nlattr *a = (const void *)body;
		size_t size = (a->nla_len + (size_t)3) & ~(size_t)3;

		if (a->nla_len < ATTRIBUTE_HEAD || a->nla_len > left)
			return true;
		if ((a->nla_type & NLA_TYPE_MASK) == TABLE_ATTRIBUTE)
			return a->nla_len ==
			           ATTRIBUTE_HEAD + strlen(name) + 1 &&
			       memcmp(body + ATTRIBUTE_HEAD, name,
			              strlen(name) + 1) == 0;
		body += size < left ? size : left;
		left -= size < left ? size : left;
	}
	return false;
}

bool
wiped_read(int fd, const char *name)
{
	_Alignas(struct nlmsghdr) static uint8_t part[READ_MAX];
	bool wiped = false;
	ssize_t n;

	for (;;) {
		const struct nlmsghdr *m = (const void *)part;
		size_t left;

		n = recv(fd, part, sizeof(part), MSG_TRUNC);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == ENOBUFS) { /* some were lost */
			wiped = true;
			continue;
		}
		if (n <= 0)
			return wiped || (n < 0 && errno != EAGAIN);
		wiped |= (size_t)n > sizeof(part);
		left = (size_t)n < sizeof(part) ? (size_t)n : sizeof(part);
		for (; NLMSG_OK(m, left); m = NLMSG_NEXT(m, left))
			wiped |= is_wipe(m, name);
	}
}
