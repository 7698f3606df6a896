// SPDX-License-Identifier: GPL-2.0-only
/*
 * The monitor's names of registers, and where each belongs. Numbers are
 * hexadecimal; of a segment the selector comes first, then its base.
 */
#include <ctype.h>

#include "regs.h"

#define REG(name, field)	{ name "=", offsetof(struct kt_vcpu_regs, field) }

static const struct {
	const char *key;
	size_t offset;
} numbers[] = {
	REG("RAX", rax), REG("RBX", rbx), REG("RCX", rcx), REG("RDX", rdx),
	REG("RSI", rsi), REG("RDI", rdi), REG("RBP", rbp), REG("RSP", rsp),
	REG("R8 ", r8), REG("R9 ", r9), REG("R10", r10), REG("R11", r11),
	REG("R12", r12), REG("R13", r13), REG("R14", r14), REG("R15", r15),
	REG("RIP", rip), REG("RFL", rflags), REG("CR0", cr0), REG("CR2", cr2),
	REG("CR3", cr3), REG("CR4", cr4), REG("EFER", efer),
};

/* What stands behind @key, which begins a word, or NULL. */
static const char *find(const char *text, const char *key)
{
	const char *at = text;

	while ((at = strstr(at, key))) {
		if (at == text || isspace((unsigned char)at[-1]))
			return at + strlen(key);
		at++;
	}
	return NULL;
}

static bool number(const char **at, u64 *v)
{
	char *end;

	if (!*at || !isxdigit((unsigned char)**at))
		return false;
	*v = strtoull(*at, &end, 16);
	*at = end;
	return true;
}

static bool segment(const char *text, const char *key, u64 *selector, u64 *base)
{
	const char *at = find(text, key);

	if (!number(&at, selector) || *at++ != ' ')
		return false;
	return number(&at, base);
}

int kt_qemu_regs_parse(const char *text, struct kt_vcpu_regs *regs)
{
	u64 selector, base;
	const char *at;
	size_t i;

	memset(regs, 0, sizeof(*regs));
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		at = find(text, numbers[i].key);
		if (!number(&at, (u64 *)((char *)regs + numbers[i].offset)))
			return -ENODATA;
	}
	if (!segment(text, "FS =", &selector, &regs->fs_base) ||
	    !segment(text, "GS =", &selector, &regs->gs_base) ||
	    !segment(text, "CS =", &selector, &base))
		return -ENODATA;
	regs->cs = selector;
	return 0;
}
