/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * BPF maps and programs of the guest's kernel, found by walking map_idr and
 * prog_idr; their values by type, their global variables by name. Everything
 * is bounded, whatever the guest's memory says.
 */
#ifndef KTSTR_INSPECT_BPF_H
#define KTSTR_INSPECT_BPF_H

#include "json.h"
#include "kernel.h"

#define KT_BPF_NAME_BYTES	16	/* BPF_OBJ_NAME_LEN, with its end */
#define KT_BPF_FUNC_BYTES	128	/* of a function's name, shown */
#define KT_BPF_MAX_MAPS		256
#define KT_BPF_MAX_PROGS	512
#define KT_BPF_MAX_FUNCS	2048	/* of all programs, without the first */
#define KT_BPF_MAX_ENTRIES	256	/* of a map, shown */
#define KT_BPF_MAX_VALUE_BYTES	0x100000u

struct kt_bpf_map {
	u64 kva;		/* struct bpf_map */
	u32 id;
	char name[KT_BPF_NAME_BYTES + 1];
	u32 type;		/* enum bpf_map_type */
	u32 flags;		/* BPF_F_.. */
	u32 key_bytes;
	u32 value_bytes;
	u32 max_entries;
	u64 btf_kva;		/* struct btf; 0 none */
	u32 key_type_id;	/* in that BTF; 0 not known */
	u32 value_type_id;
	const struct kt_types *types;	/* that BTF; NULL none, or not read */
};

struct kt_bpf_prog {
	u64 kva;		/* struct bpf_prog; 0: code of the kernel's own */
	u64 aux_kva;
	u32 id;			/* a function has that of its program */
	char name[KT_BPF_FUNC_BYTES];	/* function's name */
	u32 type;		/* enum bpf_prog_type */
	u32 insns;		/* verified; 0 not known */
	u64 run_count;		/* with bpf_stats; summed over CPUs */
	u64 run_ns;
	u64 text_start;		/* its JITed code: [start, end) */
	u64 text_end;
};

/*
 * All that is known of the BPF of one kernel at one moment, which must be
 * frozen or else may be torn: maps, programs, and BTF read out of the guest,
 * kept for as long as the table lives.
 */
struct kt_bpf;

/*
 * @cache (may be NULL) keeps parsed BTF from one moment to the next, and where
 * this kernel has its fields. It serves one kernel, and one table at a time,
 * which it outlives.
 * -ENOENT: the kernel has no BPF, or its BTF lacks what it takes; -EFAULT: not
 * readable. What is lacking goes to @absent (may be NULL; lives as long as the
 * table).
 */
struct kt_btf_cache;
int kt_btf_cache_new(struct kt_btf_cache **cache);
void kt_btf_cache_free(struct kt_btf_cache *cache);

int kt_bpf_read(const struct kt_guest_kernel *k, struct kt_btf_cache *cache,
		json_t *absent, struct kt_bpf **bpf);
void kt_bpf_free(struct kt_bpf *b);

u32 kt_bpf_nr_maps(const struct kt_bpf *b);
const struct kt_bpf_map *kt_bpf_map(const struct kt_bpf *b, u32 i);
u32 kt_bpf_nr_progs(const struct kt_bpf *b);
const struct kt_bpf_prog *kt_bpf_prog(const struct kt_bpf *b, u32 i);
/*
 * The program, function of one, or trampoline whose code holds @kva, with its
 * offset; NULL none.
 */
const struct kt_bpf_prog *kt_bpf_prog_at(const struct kt_bpf *b, u64 kva,
					 u64 *offset);

/*
 * The line of the source at @kva in JITed code, "scx_foo.bpf.c:123: x = 1;".
 * -ENOENT when the program has no such lines, -EFAULT.
 */
int kt_bpf_line_at(struct kt_bpf *b, u64 kva, char *buf, size_t size);

/* "array", "percpu_hash", ...; "type 99". */
const char *kt_bpf_map_type_str(u32 type, char *buf, size_t size);
/* "struct_ops", "syscall", ...; "type 99". */
const char *kt_bpf_prog_type_str(u32 type, char *buf, size_t size);

/*
 * The members "maps" and "progs" of a capture. A map of global variables
 * (.bss, .data, .rodata) has "variables", an object by name; others
 * "entries", an array of { "key", "value" } or, per CPU, { "key", "cpus" };
 * what was not read says so as "cut". What has no BTF is an integer when it
 * has 1, 2, 4 or 8 bytes, else text of its bytes in hex.
 */
json_t *kt_bpf_maps_json(struct kt_bpf *b);
json_t *kt_bpf_progs_json(struct kt_bpf *b);

/* A global variable of a program. */
struct kt_bpf_var {
	u64 kva;
	u32 size_bytes;
	u32 type_id;
	const struct kt_types *types;
	char name[KT_BPF_FUNC_BYTES];
	char map[KT_BPF_NAME_BYTES + 1];
	bool constant;		/* programs were verified with its value */
};

/*
 * The variable @name, in map @map unless that is NULL: its name, or the end of
 * it from a dot on (".bss"). Of maps with one name, the youngest counts.
 * -ENOENT, -EEXIST when maps of several names have it; @why names what there
 * is, what is spelled alike first.
 */
int kt_bpf_var_find(const struct kt_bpf *b, const char *map, const char *name,
		    struct kt_bpf_var *var, char *why, size_t size);

/*
 * Its number: of an integer, a truth value or an enumeration, of 1, 2, 4 or 8
 * bytes. -EINVAL for any other, for a value that does not fit it, and for a
 * constant, which programs do not look at; @why says so. Read and written in
 * one access, for the guest may do so at the same time.
 */
int kt_bpf_var_get(const struct kt_guest_kernel *k,
		   const struct kt_bpf_var *var, s64 *value, char *why,
		   size_t size);
int kt_bpf_var_set(const struct kt_guest_kernel *k,
		   const struct kt_bpf_var *var, s64 value, char *why,
		   size_t size);

#endif /* KTSTR_INSPECT_BPF_H */
