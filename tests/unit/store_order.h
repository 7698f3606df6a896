/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests: in which order a function stores to a page. The page is kept read
 * only; each store to it traps, is noted, and is run as a single step.
 */
#ifndef KTSTR_TESTS_UNIT_STORE_ORDER_H
#define KTSTR_TESTS_UNIT_STORE_ORDER_H

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "ktstr/base/types.h"

#define ORDER_PAGE	4096
#define ORDER_MAX	16
#define ORDER_TRAP_FLAG	0x100		/* of EFLAGS: trap behind the next */

static u8 *order_page;
static size_t order_stores[ORDER_MAX];	/* offsets in the page */
static u32 order_nr;

static void order_on_store(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	size_t at = (u8 *)info->si_addr - order_page;

	if (sig != SIGSEGV || at >= ORDER_PAGE || order_nr == ORDER_MAX)
		_exit(99);
	order_stores[order_nr++] = at;
	mprotect(order_page, ORDER_PAGE, PROT_READ | PROT_WRITE);
	uc->uc_mcontext.gregs[REG_EFL] |= ORDER_TRAP_FLAG;
}

static void order_on_step(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)sig;
	(void)info;
	mprotect(order_page, ORDER_PAGE, PROT_READ);
	uc->uc_mcontext.gregs[REG_EFL] &= ~ORDER_TRAP_FLAG;
}

/* A zeroed page to watch; NULL when there is none. */
static inline void *order_begin(void)
{
	struct sigaction store = { .sa_sigaction = order_on_store,
				   .sa_flags = SA_SIGINFO };
	struct sigaction step = { .sa_sigaction = order_on_step,
				  .sa_flags = SA_SIGINFO };

	order_page = mmap(NULL, ORDER_PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (order_page == MAP_FAILED || sigaction(SIGSEGV, &store, NULL) ||
	    sigaction(SIGTRAP, &step, NULL))
		return NULL;
	return order_page;
}

/* From here on stores are noted, until order_off(). */
static inline void order_on(void)
{
	order_nr = 0;
	mprotect(order_page, ORDER_PAGE, PROT_READ);
}

static inline void order_off(void)
{
	mprotect(order_page, ORDER_PAGE, PROT_READ | PROT_WRITE);
}

static inline void order_end(void)
{
	munmap(order_page, ORDER_PAGE);
	signal(SIGSEGV, SIG_DFL);
	signal(SIGTRAP, SIG_DFL);
}

#endif /* KTSTR_TESTS_UNIT_STORE_ORDER_H */
