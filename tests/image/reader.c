// SPDX-License-Identifier: GPL-2.0-only
/*
 * A saved memory image (--save-image) looked into by the code that looks into
 * a machine: what is seen is what was seen then, and whatever is changed in it
 * harms nobody.
 *
 *	reader IMAGE [SECONDS [SEED]]
 *
 * Exits 0 when both hold. Built with sanitizers; the changes are made where
 * the first look has been.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ktstr/base/fd.h"
#include "ktstr/base/log.h"
#include "ktstr/coord/image.h"
#include "ktstr/coord/snapshot.h"
#include "ktstr/host/dump_text.h"

#define PAGE_BYTES	4096ULL
#define MAX_CHANGES	4096	/* in one round */
#define MAX_ROUND_S	60	/* a look that takes longer does not end */
#define MAX_HEADER	(64u << 20)

struct image {
	json_t *header;
	u8 *mem;
	u64 bytes;
	struct kt_symbols *syms;
	struct kt_subject subject;
	struct kt_machine m;
	struct kt_sinks sinks;
	bool *touched;		/* by page */
	u64 *hot;		/* pages that the first look touched */
	u64 nr_hot;
};

struct change {
	u64 at;
	u64 was;
};

static struct image img;
static u64 seed, nr_rounds;

static u64 draw(void)
{
	/* xorshift64* */
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dULL;
}

static int number(const char *key, u64 *n)
{
	int ret = kt_json_get_u64(json_object_get(img.header, key), n);

	return ret ? kt_err(ret, "the image's header has no \"%s\"", key) : 0;
}

static int take_regions(const json_t *regions)
{
	json_t *r;
	size_t i;

	json_array_foreach(regions, i, r) {
		struct kt_region *to = &img.m.regions[i];

		if (i == KT_MAX_REGIONS ||
		    kt_json_get_u64(json_object_get(r, "gpa"), &to->gpa) ||
		    kt_json_get_u64(json_object_get(r, "bytes"),
				    &to->size_bytes))
			return kt_err(-EPROTO, "the image's regions make no sense");
		to->hva = img.mem + img.bytes;
		img.bytes += to->size_bytes;
		img.m.nr_regions++;
	}
	return 0;
}

static int map_memory(const char *path)
{
	const json_t *regions = json_object_get(img.header, "regions");
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = -EIO;
	off_t size;

	if (fd < 0)
		return kt_err(-errno, "%s: %s", path, strerror(errno));
	size = lseek(fd, 0, SEEK_END);
	if (size > 0)
		img.mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			       fd, 0);
	if (size <= 0 || img.mem == MAP_FAILED)
		kt_err(ret, "%s: cannot be mapped: %s", path, strerror(errno));
	else
		ret = take_regions(regions);
	if (!ret && img.bytes != (u64)size)
		ret = kt_err(-EPROTO, "%s: %lld bytes, %" PRIu64 " expected",
			     path, (long long)size, img.bytes);
	close(fd);
	return ret;
}

/* What the guest and the host's own search have told of it. */
static int set_subject(void)
{
	u64 slide, phys_base, hz;
	const char *vmlinux;
	int ret;

	vmlinux = json_string_value(json_object_get(img.header, "vmlinux"));
	ret = number("slide", &slide);
	if (!ret)
		ret = number("phys_base", &phys_base);
	if (!ret)
		ret = number("hz", &hz);
	if (!ret)
		ret = kt_symbols_load(vmlinux ? vmlinux : "", &img.syms);
	if (ret)
		return ret;
	kt_sinks_init(&img.sinks);
	img.sinks.slide_biased = slide + 1;
	img.sinks.phys_base_biased = phys_base + 1;
	img.subject.opts = (struct kt_subject_opts){
		.symbols = img.syms, .vmlinux = vmlinux, .kaslr = true,
		.has_sched = true, .hz = hz,
	};
	return 0;
}

static int load(const char *path)
{
	static const struct kt_engine_ops no_registers = { .name = "image" };
	char json_path[4096], *text;
	json_error_t error;
	size_t len;
	int ret;

	snprintf(json_path, sizeof(json_path), "%s.json", path);
	ret = kt_read_file(json_path, MAX_HEADER, &text, &len);
	if (ret)
		return kt_err(ret, "%s: %s", json_path, strerror(-ret));
	img.header = json_loadb(text, len, 0, &error);
	free(text);
	if (!img.header)
		return kt_err(-EPROTO, "%s: %s", json_path, error.text);
	img.m.ops = &no_registers;
	ret = map_memory(path);
	return ret ? ret : set_subject();
}

/* All that is seen of the image as it is now; NULL: nothing. */
static json_t *look(void)
{
	json_t *state = json_object();
	char why[128] = "";
	int ret;

	/* what the guest says of itself is read anew, types are not */
	img.subject.located = false;
	kt_btf_cache_free(img.subject.btf);
	img.subject.btf = NULL;
	ret = kt_subject_locate(&img.subject, &img.m, &img.sinks, why,
				sizeof(why));
	if (!ret)
		kt_snapshot_take(&img.subject, &img.m, state, why, sizeof(why));
	if (!ret)
		return state;
	json_decref(state);
	return NULL;
}

static void on_touch(int sig, siginfo_t *info, void *arg)
{
	u64 at = (u64)((u8 *)info->si_addr - img.mem);

	(void)sig;
	(void)arg;
	if ((u8 *)info->si_addr < img.mem || at >= img.bytes)
		_exit(139);	/* none of ours */
	img.touched[at / PAGE_BYTES] = true;
	mprotect(img.mem + at / PAGE_BYTES * PAGE_BYTES, PAGE_BYTES,
		 PROT_READ | PROT_WRITE);
}

/* The first look, and which pages it takes. */
static json_t *look_first(void)
{
	struct sigaction sa = {
		.sa_sigaction = on_touch,
		.sa_flags = SA_SIGINFO,
	};
	struct sigaction before;
	json_t *state;
	u64 i, nr = img.bytes / PAGE_BYTES;

	img.touched = calloc(nr, sizeof(*img.touched));
	img.hot = calloc(nr, sizeof(*img.hot));
	if (!img.touched || !img.hot)
		return NULL;
	sigaction(SIGSEGV, &sa, &before);
	mprotect(img.mem, img.bytes, PROT_NONE);
	state = look();
	mprotect(img.mem, img.bytes, PROT_READ | PROT_WRITE);
	sigaction(SIGSEGV, &before, NULL);
	for (i = 0; i < nr; i++)
		if (img.touched[i])
			img.hot[img.nr_hot++] = i;
	return state;
}

/* What was seen then and is not seen so now; how many members. */
static u32 compare(const json_t *now)
{
	/* said of a capture, or read from registers */
	static const char *const only_then[] = {
		"tag", "cause", "at_ns", "workload_ns", "phase", "vcpus",
	};
	const json_t *then = json_object_get(img.header, "state");
	u32 differ = 0, i;
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)then, key, v) {
		for (i = 0; i < ARRAY_SIZE(only_then); i++)
			if (!strcmp(key, only_then[i]))
				break;
		if (i < ARRAY_SIZE(only_then) ||
		    json_equal(v, json_object_get(now, key)))
			continue;
		printf("\"%s\" is not what it was\n", key);
		differ++;
	}
	return differ;
}

static u64 *word(u64 at)
{
	return (u64 *)(img.mem + at);
}

/* A word of what was looked at, changed: a bit, or as a whole. */
static void make_change(struct change *c)
{
	u64 from;

	c->at = img.hot[draw() % img.nr_hot] * PAGE_BYTES +
		draw() % (PAGE_BYTES / 8) * 8;
	c->was = *word(c->at);
	switch (draw() % 8) {
	case 0:
		*word(c->at) = draw();
		break;
	case 1:
		*word(c->at) = 0;
		break;
	case 2:
		*word(c->at) = ~0ULL;
		break;
	case 3:
		/* what stands elsewhere, a pointer to another thing for one */
		from = img.hot[draw() % img.nr_hot] * PAGE_BYTES +
		       draw() % (PAGE_BYTES / 8) * 8;
		*word(c->at) = *word(from);
		break;
	default:
		*word(c->at) ^= 1ULL << draw() % 64;
	}
}

static void use(json_t *state)
{
	json_t *dump = json_object();
	struct kt_bpf *b = NULL;
	struct kt_bpf_var var;
	char why[256];
	FILE *null = fopen("/dev/null", "w");
	s64 value;

	json_object_set_new(dump, "state", state);
	if (null) {
		kt_dump_text(null, dump);
		fclose(null);
	}
	json_decref(dump);
	json_decref(kt_snapshot_exit(&img.subject));
	if (!kt_bpf_read(&img.subject.kernel, kt_subject_btf(&img.subject),
			 NULL, &b) &&
	    !kt_bpf_var_find(b, NULL, "stall", &var, why, sizeof(why)))
		kt_bpf_var_get(&img.subject.kernel, &var, &value, why,
			       sizeof(why));
	kt_bpf_free(b);
}

/* What cannot be seen any more is no state. */
static bool round_of_changes(void)
{
	static struct change changes[MAX_CHANGES];
	u32 nr = 1u << draw() % 13, i;
	json_t *state;

	for (i = 0; i < nr; i++)
		make_change(&changes[i]);
	alarm(MAX_ROUND_S);
	state = look();
	if (state)
		use(state);
	alarm(0);
	/* of a word changed twice, what it was first comes last */
	while (i--)
		*word(changes[i].at) = changes[i].was;
	nr_rounds++;
	return state;
}

static void drop(enum kt_log_level level, const char *file, int line,
		 const char *text, void *arg)
{
	(void)level, (void)file, (void)line, (void)text, (void)arg;
}

static void change_for(u32 seconds)
{
	u64 end = kt_now_ns() + seconds * KT_NSEC_PER_SEC, seen = 0;
	u64 first = seed;

	kt_log_set_sink(drop, NULL);
	while (kt_now_ns() < end)
		seen += round_of_changes();
	kt_log_set_sink(NULL, NULL);
	printf("%" PRIu64 " changed images, %" PRIu64 " of them readable; seed %" PRIu64 "\n",
	       nr_rounds, seen, first);
}

int main(int argc, char **argv)
{
	u32 seconds = argc > 2 ? atoi(argv[2]) : 0, differ;
	json_t *state;

	if (argc < 2) {
		fprintf(stderr, "usage: reader IMAGE [SECONDS [SEED]]\n");
		return 2;
	}
	seed = argc > 3 ? strtoull(argv[3], NULL, 0) : kt_now_ns();
	seed |= !seed;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("seed %" PRIu64 "\n", seed);
	if (load(argv[1]))
		return 1;
	state = look_first();
	if (!state) {
		printf("nothing is seen in %s\n", argv[1]);
		return 1;
	}
	differ = compare(state);
	printf("%" PRIu64 " MiB, %" PRIu64 " pages looked at, %u members differ\n",
	       img.bytes >> 20, img.nr_hot, differ);
	json_decref(state);
	if (seconds && img.nr_hot)
		change_for(seconds);
	/* and it is what it was */
	state = look();
	differ += state ? compare(state) : 1;
	json_decref(state);
	kt_subject_fini(&img.subject);
	kt_symbols_free(img.syms);
	json_decref(img.header);
	free(img.touched);
	free(img.hot);
	munmap(img.mem, img.bytes);
	return differ ? 1 : 0;
}
