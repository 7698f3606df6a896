// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way between a debugger and the stub. A vCPU that waits within an
 * instruction cannot be stopped, so it is let go when the stub has taken the
 * debugger's first bytes: it then stops at the end of a few instructions.
 */
#include <ctype.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "chase_gdb.h"
#include "coord.h"

#define CARRY_BYTES	4096
#define CARRY_MS	5000
#define TAKEN_MS	2000
#define TAKEN_NS	200000	/* from there to the vCPUs' being asked */
#define SCRIPT_SUFFIX	".gdb"

void kt_chase_gdb_init(struct kt_chase_gdb *g)
{
	memset(g, 0, sizeof(*g));
	g->epoll_fd = -1;
	g->listen_fd = -1;
	g->client_fd = -1;
}

void kt_chase_gdb_fini(struct kt_chase_gdb *g)
{
	kt_close(&g->client_fd);
	kt_close(&g->listen_fd);
	kt_close(&g->epoll_fd);
	if (*g->path)
		unlink(g->path);
	g->path[0] = '\0';
}

/* A name of gdb's for each program, "$ktstr_dispatch". */
static void write_programs(FILE *f, struct kt_coord *c)
{
	char name[KT_BPF_FUNC_BYTES], *p;
	const struct kt_bpf_prog *prog;
	struct kt_bpf *b = NULL;
	u32 i;

	if (kt_bpf_read(&c->subject.kernel, NULL, NULL, &b))
		return;
	for (i = 0; i < kt_bpf_nr_progs(b); i++) {
		prog = kt_bpf_prog(b, i);
		snprintf(name, sizeof(name), "%s", prog->name);
		for (p = name; *p; p++)
			if (!isalnum((unsigned char)*p))
				*p = '_';
		fprintf(f, "set $%s = (void *)0x%llx\n", name,
			(unsigned long long)prog->text_start);
	}
	kt_bpf_free(b);
}

/*
 * The way back. QEMU's own is to replay from a snapshot, and a machine with
 * virtio-serial hangs there: that device sets a timer when it is loaded, of which
 * the recording knows nothing. gdb keeps its breakpoints meanwhile.
 */
static const char again[] =
"python\n"
"import os, time\n"
"ktstr_path = \"%s\"\n"
"class KtstrAgain(gdb.Command):\n"
"    'The run once more, up to where it stopped, or to a time: 3.2s, 3200ms.'\n"
"    def invoke(self, arg, tty):\n"
"        wish = ktstr_path + '" KT_CHASE_GDB_WISH "'\n"
"        with open(wish, 'w') as f: f.write(arg.strip() + '\\n')\n"
"        gdb.execute('disconnect', to_string=True)\n"
"        while os.path.exists(wish) or not os.path.exists(ktstr_path):\n"
"            if not os.path.isdir(os.path.dirname(ktstr_path)):\n"
"                raise gdb.GdbError('the run is not repeated any more')\n"
"            time.sleep(0.05)\n"
"        gdb.execute('target remote ' + ktstr_path)\n"
"class KtstrNoReverse(gdb.Command):\n"
"    'Not with this QEMU.'\n"
"    def invoke(self, arg, tty):\n"
"        raise gdb.GdbError('not with this QEMU: '\n"
"            '\"" KT_CHASE_GDB_AGAIN " TIME\" goes back, by running it again')\n"
"KtstrAgain('" KT_CHASE_GDB_AGAIN "', gdb.COMMAND_RUNNING)\n"
"for name in ('continue', 'stepi', 'step', 'nexti', 'next', 'finish'):\n"
"    KtstrNoReverse('reverse-' + name, gdb.COMMAND_RUNNING)\n"
"end\n";

static int write_script(struct kt_coord *c, const struct kt_machine *m,
			const char *path)
{
	char script[sizeof(c->chase.gdb.path) + sizeof(SCRIPT_SUFFIX)], why[64];
	FILE *f;

	snprintf(script, sizeof(script), "%s" SCRIPT_SUFFIX, path);
	f = fopen(script, "we");
	if (!f)
		return kt_err(-errno, "%s: %s", script, strerror(errno));
	fprintf(f, "set pagination off\nfile %s\ntarget remote %s\n",
		c->subject.opts.vmlinux, path);
	fprintf(f, again, path);
	if (!kt_subject_locate(&c->subject, m, &c->sinks, why, sizeof(why)))
		write_programs(f, c);
	if (fclose(f))
		return kt_err(-errno, "%s: %s", script, strerror(errno));
	return 0;
}

/* Under its name once it is listened to. */
static int make_socket(struct kt_chase_gdb *g, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if ((size_t)snprintf(sun.sun_path, sizeof(sun.sun_path), "%s.new",
			     path) >= sizeof(sun.sun_path))
		return kt_err(-ENAMETOOLONG, "%s: too long for a unix socket",
			      path);
	g->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
			      SOCK_NONBLOCK, 0);
	if (g->listen_fd < 0 ||
	    bind(g->listen_fd, (struct sockaddr *)&sun, sizeof(sun)) ||
	    listen(g->listen_fd, 1) || rename(sun.sun_path, path))
		return kt_err(-errno, "%s: %s", path, strerror(errno));
	snprintf(g->path, sizeof(g->path), "%s", path);
	return 0;
}

static int add(struct kt_chase_gdb *g, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(g->epoll_fd, EPOLL_CTL_ADD, fd, &ev) ? -errno : 0;
}

int kt_chase_gdb_open(struct kt_coord *c, const struct kt_machine *m,
		      const char *path)
{
	struct kt_chase_gdb *g = &c->chase.gdb;
	int ret = write_script(c, m, path);

	if (!ret)
		ret = make_socket(g, path);
	return ret ? ret : add(g, g->listen_fd);
}

static int on_client(struct kt_coord *c, const struct kt_machine *m)
{
	struct kt_chase_gdb *g = &c->chase.gdb;
	char stale[CARRY_BYTES];
	int ret;

	g->client_fd = accept4(g->listen_fd, NULL, NULL,
			       SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (g->client_fd < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	epoll_ctl(g->epoll_fd, EPOLL_CTL_DEL, g->listen_fd, NULL);
	kt_close(&g->listen_fd);
	/* what the stub has said to nobody */
	while (read(m->gdb_fd, stale, sizeof(stale)) > 0)
		;
	ret = add(g, g->client_fd);
	if (!ret)
		ret = add(g, m->gdb_fd);
	return ret ? ret : kt_stops_debugged(&c->stops, m);
}

static int carry(int from, int to)
{
	char buf[CARRY_BYTES];
	ssize_t n = read(from, buf, sizeof(buf));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (!n)
		return -EPIPE;
	return kt_write_all(to, buf, n,
			    kt_now_ns() + CARRY_MS * KT_NSEC_PER_MSEC);
}

/* The stub has the debugger's first bytes, and waits for the vCPU to stop. */
static int release(struct kt_coord *c, const struct kt_machine *m)
{
	const struct timespec pause = { .tv_nsec = TAKEN_NS };

	kt_wait_taken(m->gdb_fd, kt_now_ns() + TAKEN_MS * KT_NSEC_PER_MSEC);
	nanosleep(&pause, NULL);
	c->chase.gdb.released = true;
	return kt_stops_release(&c->stops, m);
}

int kt_chase_gdb_pump(struct kt_coord *c, struct kt_machine *m)
{
	struct kt_chase_gdb *g = &c->chase.gdb;
	struct epoll_event ev;
	int ret;

	if (epoll_wait(g->epoll_fd, &ev, 1, 0) != 1)
		return 0;
	if (ev.data.fd == g->listen_fd)
		return on_client(c, m);
	if (ev.data.fd == m->gdb_fd)
		return carry(m->gdb_fd, g->client_fd);
	ret = carry(g->client_fd, m->gdb_fd);
	return ret || g->released ? ret : release(c, m);
}
