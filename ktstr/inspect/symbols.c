// SPDX-License-Identifier: GPL-2.0-only
/*
 * The symbol table of an ELF file, read with libelf from its section headers:
 * only those, the symbols and their names are read, not the debug information
 * around them. A hash table over the names; the order by address is made when
 * somebody asks for it, which most runs do not.
 */
#include <fcntl.h>
#include <gelf.h>
#include <pthread.h>
#include <sys/stat.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "../base/fd.h"
#include "../base/log.h"
#include "symbols.h"

#define STRINGS_MAX_BYTES	(256 * 1024 * 1024)
#define SYMBOLS_MAX		(4 * 1024 * 1024)
#define NAME_MAX_BYTES		1023	/* the kernel's longest has 511 */

struct entry {
	struct kt_symbol sym;
	u32 rank;		/* the best of a name or an address */
	u32 hash;		/* of its name */
};

/* Made late, by whoever asks first. */
struct order {
	pthread_mutex_t lock;
	const struct entry **by_address;
};

struct kt_symbols {
	Elf *elf;		/* whose memory the strings are in */
	const char *strings;
	struct entry *entry;	/* as they are in the file */
	u32 nr;
	struct order *order;
	u32 *slot;		/* 1 + index of an entry, by hash of its name */
	u32 nr_slots;		/* a power of two */
};

struct reader {
	const char *path;
	Elf *elf;
	u64 size_bytes;		/* of the file */
	size_t nr_sections;
	size_t strings_bytes;
	struct kt_symbols *syms;
};

static int broken(const struct reader *r, const char *what)
{
	return kt_err(-EBADMSG, "%s: %s; is the file complete?", r->path, what);
}

static Elf_Data *section_data(struct reader *r, const GElf_Shdr *sh, u64 max,
			      Elf_Type type)
{
	if (!sh->sh_size || sh->sh_size > max ||
	    sh->sh_flags & SHF_COMPRESSED ||
	    sh->sh_offset > r->size_bytes ||
	    sh->sh_size > r->size_bytes - sh->sh_offset)
		return NULL;
	return elf_getdata_rawchunk(r->elf, sh->sh_offset, sh->sh_size, type);
}

static int read_strings(struct reader *r, u32 section)
{
	GElf_Shdr sh;
	Elf_Data *data;

	if (!section || !gelf_getshdr(elf_getscn(r->elf, section), &sh) ||
	    sh.sh_type != SHT_STRTAB)
		return broken(r, "the symbol table names no string table");
	data = section_data(r, &sh, STRINGS_MAX_BYTES, ELF_T_BYTE);
	if (!data || ((char *)data->d_buf)[data->d_size - 1])
		return broken(r, "its string table is broken");
	r->strings_bytes = data->d_size;
	r->syms->strings = data->d_buf;
	return 0;
}

/* Symbols with a value of their own. */
static bool wanted(const Elf64_Sym *s)
{
	switch (ELF64_ST_TYPE(s->st_info)) {
	case STT_NOTYPE:
	case STT_OBJECT:
	case STT_FUNC:
		break;
	default:
		return false;
	}
	return s->st_name && s->st_shndx != SHN_UNDEF &&
	       (s->st_shndx < SHN_LORESERVE || s->st_shndx == SHN_ABS ||
		s->st_shndx == SHN_XINDEX);
}

static u32 hash_of(const char *name, size_t len_bytes)
{
	return XXH3_64bits(name, len_bytes);
}

static int add_symbol(struct reader *r, const Elf64_Sym *s)
{
	struct kt_symbols *syms = r->syms;
	struct entry *e = &syms->entry[syms->nr];
	size_t len_bytes;

	if (s->st_name >= r->strings_bytes)
		return broken(r, "the name of a symbol lies outside");
	if (s->st_shndx < SHN_LORESERVE && s->st_shndx >= r->nr_sections)
		return broken(r, "a symbol is in no section");
	e->sym.name = syms->strings + s->st_name;
	len_bytes = strnlen(e->sym.name, NAME_MAX_BYTES + 1);
	if (len_bytes > NAME_MAX_BYTES)
		return broken(r, "the name of a symbol is too long");
	if (!len_bytes)
		return 0;
	e->hash = hash_of(e->sym.name, len_bytes);
	e->sym.link_kva = s->st_value;
	e->sym.size_bytes = s->st_size;
	e->sym.absolute = s->st_shndx == SHN_ABS;
	e->rank = 2 * (ELF64_ST_BIND(s->st_info) != STB_LOCAL) +
		  (ELF64_ST_TYPE(s->st_info) != STT_NOTYPE);
	syms->nr++;
	return 0;
}

static int read_symbols(struct reader *r, const GElf_Shdr *sh)
{
	const Elf64_Sym *sym;
	Elf_Data *data;
	size_t nr, i;
	int ret;

	ret = read_strings(r, sh->sh_link);
	if (ret)
		return ret;
	data = section_data(r, sh, SYMBOLS_MAX * sizeof(Elf64_Sym), ELF_T_SYM);
	if (!data || sh->sh_entsize != sizeof(Elf64_Sym))
		return broken(r, "its symbol table is broken");
	nr = data->d_size / sizeof(Elf64_Sym);
	r->syms->entry = calloc(nr, sizeof(*r->syms->entry));
	if (!r->syms->entry)
		return -ENOMEM;
	/* converted already, to this host's byte order */
	sym = data->d_buf;
	for (i = 0; i < nr && !ret; i++)
		if (wanted(&sym[i]))
			ret = add_symbol(r, &sym[i]);
	return ret;
}

static int check_header(struct reader *r)
{
	GElf_Ehdr eh;

	if (elf_kind(r->elf) != ELF_K_ELF || !gelf_getehdr(r->elf, &eh) ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_ident[EI_DATA] != ELFDATA2LSB ||
	    eh.e_machine != EM_X86_64 ||
	    (eh.e_type != ET_EXEC && eh.e_type != ET_DYN))
		return kt_err(-ENOEXEC,
			      "%s is no x86-64 vmlinux; give the ELF file of that name from the kernel's build",
			      r->path);
	if (elf_getshdrnum(r->elf, &r->nr_sections))
		return broken(r, "its section headers are broken");
	return 0;
}

static int read_sections(struct reader *r)
{
	GElf_Shdr sh;
	size_t i;
	int ret;

	ret = check_header(r);
	if (ret)
		return ret;
	for (i = 1; i < r->nr_sections; i++) {
		if (!gelf_getshdr(elf_getscn(r->elf, i), &sh))
			return broken(r, "its section headers are broken");
		if (sh.sh_type == SHT_SYMTAB)
			return read_symbols(r, &sh);
	}
	return kt_err(-ENODATA,
		      "%s has no symbol table; give the vmlinux before it was stripped",
		      r->path);
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = *(const struct entry *const *)a;
	const struct entry *y = *(const struct entry *const *)b;

	if (x->sym.link_kva != y->sym.link_kva)
		return x->sym.link_kva < y->sym.link_kva ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return 0;
}

/* The slot that has @name, or the free one where it belongs. */
static u32 *find_slot(const struct kt_symbols *syms, const char *name, u32 hash)
{
	u32 mask = syms->nr_slots - 1, i;

	for (i = hash & mask; syms->slot[i]; i = (i + 1) & mask) {
		const struct entry *e = &syms->entry[syms->slot[i] - 1];

		if (e->hash == hash && !strcmp(e->sym.name, name))
			break;
	}
	return &syms->slot[i];
}

/* The one with the better rank, of two alike the one at the lower address. */
static bool is_better(const struct entry *a, const struct entry *b)
{
	return a->rank > b->rank || (a->rank == b->rank &&
				     a->sym.link_kva < b->sym.link_kva);
}

static int index_names(struct kt_symbols *syms)
{
	const struct entry *e;
	u32 i, *slot;

	for (syms->nr_slots = 2; syms->nr_slots < 2 * syms->nr;)
		syms->nr_slots *= 2;
	syms->slot = calloc(syms->nr_slots, sizeof(*syms->slot));
	if (!syms->slot)
		return -ENOMEM;
	for (i = 0; i < syms->nr; i++) {
		e = &syms->entry[i];
		slot = find_slot(syms, e->sym.name, e->hash);
		if (!*slot || is_better(e, &syms->entry[*slot - 1]))
			*slot = i + 1;
	}
	return 0;
}

static int load_fd(int fd, struct reader *r)
{
	struct stat st;
	int ret;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return kt_err(-ENOEXEC, "%s is not a file", r->path);
	elf_version(EV_CURRENT);
	r->size_bytes = st.st_size;
	r->elf = elf_begin(fd, ELF_C_READ, NULL);
	r->syms->elf = r->elf;
	ret = read_sections(r);
	/* what was read of it stays, without the descriptor */
	if (r->elf)
		elf_cntl(r->elf, ELF_C_FDDONE);
	return ret ? ret : index_names(r->syms);
}

static struct kt_symbols *new_symbols(void)
{
	struct kt_symbols *syms = calloc(1, sizeof(*syms));

	if (!syms)
		return NULL;
	syms->order = calloc(1, sizeof(*syms->order));
	if (!syms->order) {
		free(syms);
		return NULL;
	}
	pthread_mutex_init(&syms->order->lock, NULL);
	return syms;
}

int kt_symbols_load(const char *path, struct kt_symbols **syms)
{
	struct reader r = { .path = path };
	int fd, ret;

	r.syms = new_symbols();
	if (!r.syms)
		return -ENOMEM;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ret = fd < 0 ? kt_err(-errno, "cannot open %s: %s", path,
			      strerror(errno)) : load_fd(fd, &r);
	kt_close(&fd);
	if (ret)
		kt_symbols_free(r.syms);
	else
		*syms = r.syms;
	return ret;
}

void kt_symbols_free(struct kt_symbols *syms)
{
	if (!syms)
		return;
	pthread_mutex_destroy(&syms->order->lock);
	free(syms->order->by_address);
	free(syms->order);
	free(syms->slot);
	free(syms->entry);
	elf_end(syms->elf);
	free(syms);
}

const struct kt_symbol *kt_symbols_find(const struct kt_symbols *syms,
					const char *name)
{
	u32 slot = *find_slot(syms, name, hash_of(name, strlen(name)));

	return slot ? &syms->entry[slot - 1].sym : NULL;
}

/* NULL without memory. */
static const struct entry **make_order(const struct kt_symbols *syms)
{
	const struct entry **all = malloc(max(syms->nr, 1u) * sizeof(*all));
	u32 i;

	for (i = 0; all && i < syms->nr; i++)
		all[i] = &syms->entry[i];
	if (all)
		qsort(all, syms->nr, sizeof(*all), compare);
	return all;
}

static const struct entry **by_address(const struct kt_symbols *syms)
{
	const struct entry **all;

	pthread_mutex_lock(&syms->order->lock);
	if (!syms->order->by_address)
		syms->order->by_address = make_order(syms);
	all = syms->order->by_address;
	pthread_mutex_unlock(&syms->order->lock);
	return all;
}

const struct kt_symbol *kt_symbols_at(const struct kt_symbols *syms,
				      u64 link_kva, u64 *offset)
{
	const struct entry **all = by_address(syms);
	u32 low = 0, high = all ? syms->nr : 0;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (all[mid]->sym.link_kva <= link_kva)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low)
		return NULL;
	*offset = link_kva - all[low - 1]->sym.link_kva;
	return &all[low - 1]->sym;
}

const struct kt_symbol *kt_symbols_nth(const struct kt_symbols *syms, u32 i)
{
	const struct entry **all = by_address(syms);

	return all && i < syms->nr ? &all[i]->sym : NULL;
}
