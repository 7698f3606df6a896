// SPDX-License-Identifier: GPL-2.0-only
/*
 * Choosing the kernel to boot: what the user named or what is to be found, the
 * image to boot, the vmlinux that explains it, its configuration, and whether
 * that has what tests need.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../base/fd.h"
#include "../base/strbuf.h"
#include "find.h"
#include "kconfig.h"
#include "kernel.h"
#include "kernel_boot.h"
#include "kernel_cache.h"
#include "kernel_image.h"
#include "pathf.h"

#define REMEDY \
	"run \"ktstr kernel build\", or merge ktstr's config into that kernel's and build it again"

/* Where the reason goes when there is no kernel. */
struct why_not {
	char *text;
	size_t size;
};

static __printf(3, 4) int refuse(struct why_not *wn, int err, const char *fmt,
				 ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(wn->text, wn->size, fmt, ap);
	va_end(ap);
	return err;
}

static bool is_file(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

static bool is_file_in(const char *dir, const char *name)
{
	char path[PATH_MAX];

	return !kt_pathf(path, "%s/%s", dir, name) && is_file(path);
}

/* A build directory, which a source tree built in place is as well. */
static bool is_build_dir(const char *dir)
{
	return is_file_in(dir, "vmlinux") && is_file_in(dir, ".config");
}

/* The first of @dir/@names that is a file, into @path; "" when none is. */
static bool first_file(const char *dir, const char *const names[], char *path)
{
	for (; *names; names++)
		if (!kt_pathf(path, "%s/%s", dir, *names) && is_file(path))
			return true;
	path[0] = '\0';
	return false;
}

/* "6.12.48" of "# Linux/x86 6.12.48 Kernel Configuration". */
static void release_from_config(const char *text, char *release, size_t size)
{
	const char *p = strstr(text, "# Linux/");

	p = p ? strchr(p + 2, ' ') : NULL;
	if (p)
		snprintf(release, size, "%.*s", (int)strcspn(p + 1, "\n "),
			 p + 1);
}

static bool config_is_y(const char *text, const char *name)
{
	char value[16];

	return kt_kconfig_get(text, name, value, sizeof(value)) &&
	       !strcmp(value, "y");
}

/* Judges configuration @text, and takes from it what there is to know. */
static int judge(struct kt_kernel *k, const char *text, bool pvh,
		 const char *name, struct why_not *wn)
{
	struct kt_strbuf missing;
	char value[16];
	int ret = 0;
	u32 nr;

	if (kt_kconfig_get(text, "HZ", value, sizeof(value)))
		k->hz = strtoul(value, NULL, 10);
	k->randomizes = config_is_y(text, "RANDOMIZE_BASE");
	if (!k->release[0])
		release_from_config(text, k->release, sizeof(k->release));
	kt_strbuf_init(&missing, 4096);
	nr = kt_kconfig_missing(text, &missing);
	if (pvh && !config_is_y(text, "PVH"))
		kt_strbuf_addf(&missing, "%sPVH", nr++ ? ", " : "");
	if (nr)
		ret = refuse(wn, -EINVAL,
			     "%s is built without what tests need: %s; " REMEDY,
			     name, kt_strbuf_str(&missing));
	kt_strbuf_fini(&missing);
	return ret;
}

/*
 * The configuration of @image: its own copy, which cannot be of another build,
 * else a file beside it.
 */
static int read_config(const char *image, char **text)
{
	const char *slash = strrchr(image, '/');
	const char *dash = strchr(slash ? slash : image, '-');
	char dir[PATH_MAX], path[PATH_MAX], versioned[NAME_MAX + 1];
	const char *const names[] = { versioned, ".config", "config",
				      "../../../.config", NULL };
	int ret;

	ret = kt_kconfig_read(image, text);
	if (ret != -ENODATA)
		return ret;
	kt_pathf(dir, "%.*s", slash ? (int)(slash - image) : 1,
		 slash ? image : ".");
	snprintf(versioned, sizeof(versioned), "config%s", dash ? dash : "");
	if (!first_file(dir, names, path))
		return -ENODATA;
	return kt_kconfig_read(path, text);
}

/* The vmlinux of a bzImage at @image, of release @k->release, or "". */
static void find_vmlinux(struct kt_kernel *k, const char *image)
{
	static const char *const near[] = { "vmlinux", "../../../vmlinux",
					    NULL };
	static const char *const debug[] = {
		"/usr/lib/debug/boot/vmlinux-%s",
		"/usr/lib/debug/lib/modules/%s/vmlinux",
		"/boot/vmlinux-%s",
		"/lib/modules/%s/vmlinux",
		"/lib/modules/%s/build/vmlinux",
	};
	char dir[PATH_MAX], path[PATH_MAX];
	bool found;
	size_t i;

	kt_pathf(dir, "%s", image);
	*strrchr(dir, '/') = '\0';
	found = first_file(dir, near, path);
	for (i = 0; !found && k->release[0] && i < ARRAY_SIZE(debug); i++) {
		kt_pathf(path, debug[i], k->release);
		found = is_file(path);
	}
	if (!found || !realpath(path, k->vmlinux))
		k->vmlinux[0] = '\0';
}

/*
 * The bzImage of the vmlinux at @vmlinux, or "". It is made from it: an older
 * one is of another build.
 */
static void find_bzimage(struct kt_kernel *k, const char *vmlinux)
{
	static const char *const near[] = { "arch/x86/boot/bzImage", "bzImage",
					    NULL };
	char dir[PATH_MAX];
	struct stat vm, bz;

	kt_pathf(dir, "%s", vmlinux);
	*strrchr(dir, '/') = '\0';
	if (!first_file(dir, near, k->bzimage) || stat(vmlinux, &vm) ||
	    stat(k->bzimage, &bz) || bz.st_mtime < vm.st_mtime)
		k->bzimage[0] = '\0';
}

/* An image of its own or in a build directory; @path is absolute. */
static int use_image(struct kt_kernel *k, const char *path, struct why_not *wn)
{
	struct kt_image img;
	char *config;
	int fd, ret;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return refuse(wn, -EINVAL, "%s: %s", path, strerror(errno));
	ret = kt_image_probe(fd, &img);
	close(fd);
	if (ret)
		return refuse(wn, -EINVAL,
			      "%s is no kernel image: give a vmlinux or a bzImage of x86-64",
			      path);
	if (!k->release[0])
		kt_utf8_copy(k->release, sizeof(k->release), img.release);
	ret = read_config(path, &config);
	if (ret == -ENODATA)
		return refuse(wn, -EINVAL,
			      "%s: its configuration is not to be found: put it beside the image as .config, or build with CONFIG_IKCONFIG=y and boot the vmlinux",
			      path);
	if (ret)
		return refuse(wn, -EINVAL, "%s: its configuration cannot be read: %s",
			      path, strerror(-ret));
	ret = judge(k, config, img.kind == KT_IMAGE_VMLINUX, path, wn);
	free(config);
	if (ret)
		return ret;
	if (img.kind == KT_IMAGE_BZIMAGE) {
		kt_pathf(k->boot, "%s", path);
		kt_pathf(k->bzimage, "%s", path);
		find_vmlinux(k, path);
	} else {
		kt_pathf(k->vmlinux, "%s", path);
		find_bzimage(k, path);
		kt_kernel_boot_image(path, k->boot);
	}
	return 0;
}

static int use_build_dir(struct kt_kernel *k, const char *dir,
			 struct why_not *wn)
{
	char path[PATH_MAX];

	kt_pathf(path, "%s/include/config/kernel.release", dir);
	if (kt_read_line(path, k->release, sizeof(k->release)))
		k->release[0] = '\0';
	if (kt_pathf(path, "%s/vmlinux", dir))
		return refuse(wn, -EINVAL, "%s: the path is too long", dir);
	return use_image(k, path, wn);
}

/* A cache entry holds all: nothing is to be searched or made. */
static int use_entry(struct kt_kernel *k, const struct kt_kernel_entry *e,
		     struct why_not *wn)
{
	char path[PATH_MAX], *config;
	int ret;

	kt_utf8_copy(k->release, sizeof(k->release), e->release);
	kt_pathf(k->vmlinux, "%s/vmlinux", e->dir);
	kt_pathf(k->boot, "%s/vmlinux.boot", e->dir);
	if (!kt_pathf(k->bzimage, "%s/bzImage", e->dir) &&
	    !is_file(k->bzimage))
		k->bzimage[0] = '\0';
	kt_pathf(path, "%s/config", e->dir);
	ret = kt_kconfig_read(path, &config);
	if (ret || !is_file(k->boot))
		return refuse(wn, -EINVAL,
			      "%s in the cache is incomplete: run \"ktstr kernel clean %s\" and \"ktstr kernel build\"",
			      e->name, e->name);
	ret = judge(k, config, true, e->name, wn);
	free(config);
	return ret;
}

static int use_dir(struct kt_kernel *k, const char *dir, struct why_not *wn)
{
	struct kt_kernel_entry e;

	if (!kt_kernel_entry_read(dir, &e))
		return use_entry(k, &e, wn);
	if (is_build_dir(dir))
		return use_build_dir(k, dir, wn);
	if (is_file_in(dir, "Kbuild"))
		return refuse(wn, -EINVAL,
			      "%s is a kernel source tree with no vmlinux in it: build it, or run \"ktstr kernel build --source %s\"",
			      dir, dir);
	return refuse(wn, -EINVAL,
		      "%s is no kernel build directory: no vmlinux and .config in it",
		      dir);
}

static int use_name(struct kt_kernel *k, const char *name, struct why_not *wn)
{
	struct kt_kernel_entry e;
	int ret = kt_kernel_find(name, &e);

	if (!ret)
		return use_entry(k, &e, wn);
	if (ret == -ENOTUNIQ)
		return refuse(wn, -EINVAL,
			      "%s: several kernels in the cache begin so, see \"ktstr kernel list\"",
			      name);
	return refuse(wn, -EINVAL,
		      "%s: neither a file or directory nor a kernel in the cache, see \"ktstr kernel list\"",
		      name);
}

static int use_spec(struct kt_kernel *k, const char *spec, struct why_not *wn)
{
	const char *env = getenv("KTSTR_KERNEL");
	char path[PATH_MAX];
	struct stat st;

	snprintf(k->why, sizeof(k->why), "%s%.200s",
		 env && !strcmp(env, spec) ? "KTSTR_KERNEL=" : "given as ",
		 spec);
	if (!realpath(spec, path) || stat(path, &st)) {
		if (strchr(spec, '/'))
			return refuse(wn, -EINVAL, "%s: %s", spec,
				      strerror(errno));
		return use_name(k, spec, wn);
	}
	return S_ISDIR(st.st_mode) ? use_dir(k, path, wn) :
				     use_image(k, path, wn);
}

/* The build output this program belongs to, into @dir. */
static bool find_tree(char *dir)
{
	static const char *const variables[] = { "KBUILD_OUTPUT", "O" };
	char *slash;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variables); i++) {
		const char *value = getenv(variables[i]);

		if (value && *value && realpath(value, dir) &&
		    is_build_dir(dir))
			return true;
	}
	if (kt_find_self_dir(dir, PATH_MAX))
		return false;
	while (!is_build_dir(dir)) {
		slash = strrchr(dir, '/');
		if (!slash || slash == dir)
			return false;
		*slash = '\0';
	}
	return true;
}

/* The last resort; that it does not do is no error of the user's. */
static int use_running(struct kt_kernel *k, struct why_not *wn)
{
	struct utsname uts;
	char path[PATH_MAX], reason[1024];
	struct why_not inner = { reason, sizeof(reason) };

	uname(&uts);
	kt_pathf(path, "/boot/vmlinuz-%s", uts.release);
	if (!is_file(path))
		return refuse(wn, -ENOENT,
			      "no kernel to boot: nothing built near, none in the cache, no %s; run \"ktstr kernel build\" or set KTSTR_KERNEL",
			      path);
	snprintf(k->why, sizeof(k->why), "the running kernel's image");
	if (use_image(k, path, &inner))
		return refuse(wn, -ENOENT,
			      "no kernel to boot: nothing built near, none in the cache, and %s",
			      reason);
	return 0;
}

static int search(struct kt_kernel *k, struct why_not *wn)
{
	struct kt_kernel_entry e;
	char dir[PATH_MAX];

	if (find_tree(dir)) {
		snprintf(k->why, sizeof(k->why), "the tree's build output");
		return use_build_dir(k, dir, wn);
	}
	if (!kt_kernel_newest(&e)) {
		snprintf(k->why, sizeof(k->why), "newest in the cache");
		return use_entry(k, &e, wn);
	}
	return use_running(k, wn);
}

int kt_kernel_resolve(const char *spec, struct kt_kernel *k, char *why_not,
		      size_t why_not_size)
{
	struct why_not wn = { why_not, why_not_size };

	memset(k, 0, sizeof(*k));
	why_not[0] = '\0';
	if (!spec || !*spec)
		spec = getenv("KTSTR_KERNEL");
	if (spec && *spec)
		return use_spec(k, spec, &wn);
	return search(k, &wn);
}
