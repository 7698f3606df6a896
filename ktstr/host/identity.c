// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files go in by their contents, the machine by the engine's own command for
 * it, which has no path of the host but the kernel's: that is left out.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "../base/fd.h"
#include "../base/fnv.h"
#include "../base/log.h"
#include "../base/strbuf.h"
#include "identity.h"

#define TEXT_MAX	(16u << 10)
#define EVENTS		"events: "

int kt_identity_hash_fd(int fd, const char *what, u64 *hash)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st))
		return kt_err(-errno, "%s: %s", what, strerror(errno));
	*hash = 0;
	if (!st.st_size)
		return 0;
	p = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		return kt_err(-errno, "%s: cannot be read: %s", what,
			      strerror(errno));
	*hash = XXH3_64bits(p, st.st_size);
	munmap(p, st.st_size);
	return 0;
}

int kt_identity_hash_file(const char *path, u64 *hash)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return kt_err(-errno, "%s: %s", path, strerror(errno));
	ret = kt_identity_hash_fd(fd, path, hash);
	kt_close(&fd);
	return ret;
}

static int add_machine(struct kt_strbuf *sb, const struct kt_engine_ops *engine,
		       const struct kt_machine_plan *mp)
{
	struct kt_machine_plan anywhere = *mp;
	char *command = NULL;
	int ret;

	anywhere.kernel = "KERNEL";
	anywhere.stops = false;		/* nothing that it notices, */
	anywhere.saved = NULL;		/* nor this */
	ret = engine->describe(&anywhere, &command);
	if (ret)
		return ret;
	kt_strbuf_addf(sb, "machine: %s\n", command);
	free(command);
	return 0;
}

int kt_identity_make(struct kt_identity *id,
		     const struct kt_identity_parts *parts)
{
	const struct kt_machine_plan *mp = parts->mp;
	struct kt_strbuf sb;
	int ret;

	memset(id, 0, sizeof(*id));
	kt_strbuf_init(&sb, TEXT_MAX);
	kt_strbuf_addf(&sb, "engine: %s, %s\n", parts->engine->name,
		       parts->engine_version);
	kt_strbuf_addf(&sb, "kernel: %016llx, %s\n",
		       (unsigned long long)parts->files.kernel,
		       parts->kernel->release);
	kt_strbuf_addf(&sb, "seed: %llu\nshift: %u\n",
		       (unsigned long long)mp->icount.seed, mp->icount.shift);
	kt_strbuf_addf(&sb, "initramfs: %016llx\n",
		       (unsigned long long)parts->files.initramfs);
	kt_strbuf_addf(&sb, "plan: %016llx\n", (unsigned long long)
		       kt_fnv64(KT_FNV64_INIT, parts->plan, parts->plan_bytes));
	if (parts->events_kib)
		kt_strbuf_addf(&sb, EVENTS "traced, %u KiB\n",
			       parts->events_kib);
	else
		kt_strbuf_addf(&sb, EVENTS "not traced\n");
	ret = add_machine(&sb, parts->engine, mp);
	id->hash = kt_fnv64_str(KT_FNV64_INIT, kt_strbuf_str(&sb));
	if (!ret && (sb.overflow ||
		     asprintf(&id->text, "identity: %016llx\n%s",
			      (unsigned long long)id->hash,
			      kt_strbuf_str(&sb)) < 0))
		ret = kt_err(-ENOMEM, "the run's identity: no memory");
	kt_strbuf_fini(&sb);
	return ret;
}

void kt_identity_fini(struct kt_identity *id)
{
	free(id->text);
	id->text = NULL;
}

bool kt_identity_same(const char *a, const char *b, bool *traced, char *why,
		      size_t size)
{
	bool first = true, same;

	*traced = false;
	/* the number says only that something differs */
	while (*a && *b) {
		size_t la = strcspn(a, "\n"), lb = strcspn(b, "\n");

		same = first || (la == lb && !memcmp(a, b, la));
		if (!same && !strncmp(a, EVENTS, strlen(EVENTS)) &&
		    !strncmp(b, EVENTS, strlen(EVENTS))) {
			*traced = true;
		} else if (!same) {
			snprintf(why, size, "%.*s / %.*s", (int)la, a, (int)lb,
				 b);
			return false;
		}
		first = false;
		a += la + (a[la] == '\n');
		b += lb + (b[lb] == '\n');
	}
	if (!*a && !*b)
		return true;
	snprintf(why, size, "one of them has less to say: they are of different versions of ktstr");
	return false;
}
