/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A guest that tells whether it was moved in one piece.  Ten times a second
 * it looks at each page of its memory, says so on the first serial port,
 *
 *     tick 17
 *     tick 18 BAD page 4711
 *
 * and writes to the next few.  Its clock stands while it is paused, and its
 * count is in its memory: a tick that is missing or comes twice is a guest that
 * was lost, started anew or ran in two places.
 *
 * A Multiboot kernel in 32-bit mode, of nothing but itself.  Its command line:
 * mib=N, memory to fill (8); step=N, pages to write at each tick (64);
 * spoil=N, at that tick a page goes bad, to see that it is seen. */

enum {
	COM1 = 0x3f8,
	PIC_1 = 0x20,
	PIC_2 = 0xa0,
	TIMER = 0x40,
	TIMER_HZ = 1193182,
	BEATS_PER_SECOND = 100,
	BEATS_PER_TICK = 10,
	VECTOR = 0x20,
	PAGE_WORDS = 1024,
	PAGES_PER_MIB = 256,
	MEMORY_FROM = 4 << 20,
	MIB_MAX = 2048,
	STEP_MAX = 65536,
};

/* Multiboot 0.6.96: magic, flags (memory is told), checksum; and the clock. */
__asm__("	.text\n"
        "	.align 4\n"
        "	.long 0x1badb002, 2, -(0x1badb002 + 2)\n"
        "	.global begin\n"
        "begin:	cli\n"
        "	mov $stack + 4096, %esp\n"
        "	lgdt segments_at\n"
        "	ljmp $8, $1f\n"
        "1:	mov $16, %eax\n"
        "	mov %eax, %ds\n"
        "	mov %eax, %es\n"
        "	mov %eax, %ss\n"
        "	push %ebx\n"
        "	call run\n"
        "on_beat:\n"
        "	push %eax\n"
        "	incl beats\n"
        "	mov $0x20, %al\n"
        "	out %al, $0x20\n"
        "	pop %eax\n"
        "	iret\n"
        "	.bss\n"
        "	.align 16\n"
        "stack:	.skip 4096\n"
        "	.text\n");

struct table_at {
	unsigned short limit;
	unsigned base;
} __attribute__((packed));

/* What the loader says, as far as it is read here. */
struct loader {
	unsigned flags, memory[2], device;
	const char *words;
};

void run(const struct loader *);
extern char on_beat[];
extern const struct table_at segments_at;
volatile unsigned beats;

/* Flat code and data. */
static const unsigned long long segments[] = {0, 0x00cf9a000000ffffULL,
                                              0x00cf92000000ffffULL};
const struct table_at segments_at = {sizeof(segments) - 1, (unsigned)segments};
static unsigned long long gates[VECTOR + 1];

static unsigned pages, step;
/* Pages before `next` were written in this round, the others in the last. */
static unsigned next, round;

static void
out(unsigned short port, unsigned char value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "d"(port));
}

static unsigned char
in(unsigned short port)
{
	unsigned char value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "d"(port));
	return value;
}

static void
say(const char *text)
{
	for (; *text != '\0'; text++) {
		while ((in(COM1 + 5) & 0x20) == 0)
			continue;
		out(COM1, (unsigned char)*text);
	}
}

static void
say_number(unsigned n)
{
	char text[11], *at = text + sizeof(text) - 1;

	*at = '\0';
	do
		*--at = (char)('0' + n % 10);
	while ((n /= 10) != 0);
	say(at);
}

/* The number after NAME in the loader's words. */
static unsigned
setting(const char *words, const char *name, unsigned fallback, unsigned max)
{
	unsigned value = 0, i;

	for (; *words != '\0'; words++) {
		for (i = 0; name[i] != '\0' && words[i] == name[i]; i++)
			continue;
		if (name[i] != '\0')
			continue;
		for (words += i; *words >= '0' && *words <= '9'; words++)
			value = value * 10 + (unsigned)(*words - '0');
		return value == 0 || value > max ? fallback : value;
	}
	return fallback;
}

static void
start_clock(void)
{
	static const struct table_at gates_at = {sizeof(gates) - 1,
	                                         (unsigned)gates};
	unsigned at = (unsigned)on_beat, each = TIMER_HZ / BEATS_PER_SECOND;

	gates[VECTOR] = (unsigned long long)(at & 0xffff0000u) << 32 |
	                0x8e0000080000ULL | (at & 0xffffu);
	__asm__ volatile("lidt %0" : : "m"(gates_at));
	/* Interrupts from VECTOR on, and but the timer's. */
	out(PIC_1, 0x11), out(PIC_2, 0x11);
	out(PIC_1 + 1, VECTOR), out(PIC_2 + 1, VECTOR + 8);
	out(PIC_1 + 1, 4), out(PIC_2 + 1, 2);
	out(PIC_1 + 1, 1), out(PIC_2 + 1, 1);
	out(PIC_1 + 1, 0xfe), out(PIC_2 + 1, 0xff);
	out(TIMER + 3, 0x34);
	out(TIMER, each & 0xff), out(TIMER, (unsigned char)(each >> 8));
}

static void
wait_for_beat(unsigned due)
{
	for (;;) {
		__asm__ volatile("cli");
		if ((int)(beats - due) >= 0)
			break;
		__asm__ volatile("sti; hlt");
	}
	__asm__ volatile("sti");
}

static volatile unsigned *
page_at(unsigned page)
{
	return (volatile unsigned *)MEMORY_FROM + page * PAGE_WORDS;
}

static unsigned
stamp(unsigned page, unsigned of_round)
{
	return page * 2654435761u + of_round * 40503u + 1;
}

static void
write_page(unsigned page)
{
	page_at(page)[0] = stamp(page, round);
	page_at(page)[PAGE_WORDS - 1] = ~stamp(page, round);
}

/* The first page that does not hold what was written there, or `pages`. */
static unsigned
find_bad(void)
{
	unsigned page, want;

	for (page = 0; page < pages; page++) {
		want = stamp(page, page < next ? round : round - 1);
		if (page_at(page)[0] != want ||
		    page_at(page)[PAGE_WORDS - 1] != ~want)
			break;
	}
	return page;
}

void
run(const struct loader *loader)
{
	const char *words = (loader->flags & 4) != 0 ? loader->words : "";
	unsigned spoil = setting(words, "spoil=", 0, ~0u);

	pages = setting(words, "mib=", 8, MIB_MAX) * PAGES_PER_MIB;
	step = setting(words, "step=", 64, STEP_MAX);
	for (next = 0; next < pages; next++)
		write_page(next);
	start_clock();
	for (unsigned tick = 1;; tick++) {
		unsigned bad;

		wait_for_beat(tick * BEATS_PER_TICK);
		if (tick == spoil)
			page_at(pages / 2)[PAGE_WORDS - 1] ^= 1;
		bad = find_bad();
		say("tick ");
		say_number(tick);
		if (bad < pages) {
			say(" BAD page ");
			say_number(bad);
		}
		say("\n");
		for (unsigned i = 0; i < step; i++) {
			if (next == pages) {
				next = 0;
				round++;
			}
			write_page(next++);
		}
	}
}
