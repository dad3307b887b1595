/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "screen.h"

enum { KEYS_READ = 64, ROWS_USUAL = 24 };

/* The other screen; no cursor; a line that is too long goes nowhere. */
static const char enter[] = "\033[?1049h\033[?25l\033[?7l";
static const char leave[] = "\033[0m\033[?7h\033[?25h\033[?1049l";

static const int caught[] = {SIGINT,  SIGTERM, SIGHUP,
                             SIGTSTP, SIGCONT, SIGWINCH};

static const struct {
	const char *bytes;
	enum terminal_key key;
} keys_known[] = {
    {"q", KEY_QUIT},
    {"Q", KEY_QUIT},
    {"\033[A", KEY_UP},
    {"\033OA", KEY_UP},
    {"k", KEY_UP},
    {"\033[B", KEY_DOWN},
    {"\033OB", KEY_DOWN},
    {"j", KEY_DOWN},
    {"\033[5~", KEY_PAGE_UP},
    {"b", KEY_PAGE_UP},
    {"\033[6~", KEY_PAGE_DOWN},
    {" ", KEY_PAGE_DOWN},
    {"\033[H", KEY_HOME},
    {"\033OH", KEY_HOME},
    {"\033[1~", KEY_HOME},
    {"g", KEY_HOME},
    {"\033[F", KEY_END},
    {"\033OF", KEY_END},
    {"\033[4~", KEY_END},
    {"G", KEY_END},
};

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	return value != NULL ? value : "";
}

bool
terminal_can(void)
{
	const char *term = environment("TERM");

	return isatty(STDOUT_FILENO) != 0 && term[0] != '\0' &&
	       strcmp(term, "dumb") != 0;
}

/* As setlocale(3) looks; that would change how this program reads numbers. */
bool
terminal_has_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < LENGTH_OF(names); i++) {
		const char *value = environment(names[i]);

		if (value[0] != '\0')
			return strcasestr(value, "utf-8") != NULL ||
			       strcasestr(value, "utf8") != NULL;
	}
	return false;
}

/* https://no-color.org */
bool
terminal_is_plain(void)
{
	return environment("NO_COLOR")[0] != '\0';
}

static void
all_signals(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < LENGTH_OF(caught); i++)
		sigaddset(set, caught[i]);
}

bool
terminal_open(struct terminal *t, struct err *err)
{
	const char *name = ttyname(STDOUT_FILENO);
	sigset_t set;

	*t = (struct terminal){.in = -1, .out = -1, .signals = -1};
	all_signals(&set);
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (t->signals < 0 || sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return err_set(err, ERR_IO, "signals: %s", strerror(errno));
	/* One of our own: that which was given is the shell's, too, and has to
	 * wait.  A terminal that was stopped (Ctrl-S) must not stop us. */
	if (name != NULL)
		t->out =
		    open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	t->own_out = t->out >= 0;
	if (!t->own_out)
		t->out = STDOUT_FILENO;
	if (tcgetattr(STDIN_FILENO, &t->before) == 0)
		t->in = STDIN_FILENO;
	return true;
}

void
terminal_on(struct terminal *t)
{
	struct termios raw = t->before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	if (t->in >= 0)
		(void)tcsetattr(t->in, TCSADRAIN, &raw);
	buf_done(&t->unsent);
	buf_text(&t->unsent, enter);
	t->on = true;
}

/* What was not shown is not wanted any more; this is, and it waits for it
 * through the terminal that waits. */
void
terminal_off(struct terminal *t)
{
	if (!t->on)
		return;
	t->on = false;
	buf_done(&t->unsent);
	(void)!write(STDOUT_FILENO, leave, sizeof(leave) - 1);
	if (t->in >= 0)
		(void)tcsetattr(t->in, TCSADRAIN, &t->before);
}

void
terminal_done(struct terminal *t)
{
	sigset_t set;

	terminal_off(t);
	if (t->own_out)
		close(t->out);
	if (t->signals >= 0)
		close(t->signals);
	buf_done(&t->unsent);
	all_signals(&set);
	(void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void
terminal_size(const struct terminal *t, size_t *columns, size_t *rows)
{
	struct winsize size = {0};

	(void)ioctl(t->out, TIOCGWINSZ, &size);
	*columns = size.ws_col != 0 ? size.ws_col : SCREEN_USUAL;
	*rows = size.ws_row != 0 ? size.ws_row : ROWS_USUAL;
}

void
terminal_stop(struct terminal *t)
{
	terminal_off(t);
	(void)raise(SIGSTOP);
	terminal_on(t);
}

int
terminal_signal(struct terminal *t)
{
	struct signalfd_siginfo one;

	return read(t->signals, &one, sizeof(one)) == (ssize_t)sizeof(one)
	           ? (int)one.ssi_signo
	           : 0;
}

/* The key at the start of what was typed; `*used` of it. */
static enum terminal_key
key_of(const char *typed, size_t *used)
{
	for (size_t i = 0; i < LENGTH_OF(keys_known); i++) {
		size_t len = strlen(keys_known[i].bytes);

		if (strncmp(typed, keys_known[i].bytes, len) != 0)
			continue;
		*used = len;
		return keys_known[i].key;
	}
	*used = 1;
	return KEY_NONE;
}

bool
terminal_keys(struct terminal *t, enum terminal_key *keys, size_t max,
              size_t *n)
{
	char typed[KEYS_READ + 1] = {0};
	ssize_t got = read(t->in, typed, KEYS_READ);
	size_t used;

	*n = 0;
	/* It was readable, and there is nothing: it is gone. */
	if (got <= 0)
		return got < 0 && (errno == EINTR || errno == EAGAIN);
	for (ssize_t at = 0; at < got && *n < max; at += (ssize_t)used)
		keys[(*n)++] = key_of(typed + at, &used);
	return true;
}

bool
terminal_send(struct terminal *t)
{
	struct buf *b = &t->unsent;
	ssize_t n = write(t->out, b->at, b->len);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	memmove(b->at, b->at + n, b->len - (size_t)n);
	b->len -= (size_t)n;
	return true;
}
