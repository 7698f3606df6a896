# SPDX-License-Identifier: GPL-2.0-only
#
# The fixture scheduler; included by tools/build.mk. $(SCX_STAMP) stands for
# what comes from the tree: libbpf's headers, bpftool and vmlinux.h.

SCX_KTSTR_SRC := $(SRC)/tools/scx_ktstr
SCX_KTSTR_OBJ := $(BUILD_DIR)/obj/scx_ktstr
SCX_HDRS := $(TOOLS_DIR)/sched_ext/include

# The kfuncs that queue tasks were renamed in 6.13.
SCX_OLD_NAMES := $(if $(shell grep -l scx_bpf_dsq_insert \
		$(wildcard $(SCX_HDRS)/scx/*.bpf.h)),,-DKTSTR_OLD_KFUNC_NAMES)

# Where clang looks for headers when it does not compile for BPF.
CLANG_INCLUDES = $(shell $(BPF_CLANG) -v -E - </dev/null 2>&1 | sed -n \
	'/<...> search starts here:/,/End of search list./s| \(/.*\)|-idirafter \1|p')

SCX_KTSTR_INCLUDES := -I$(SCX_KTSTR_OBJ) -I$(BUILD_DIR)/include \
	-isystem $(SCX_HDRS) -isystem $(TOOLS_DIR)/include/uapi

$(SCX_KTSTR_OBJ)/scx_ktstr.bpf.o: $(SCX_KTSTR_SRC)/scx_ktstr.bpf.c $(SCX_STAMP)
	$(call msg,CLNG-BPF,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(BPF_CLANG) -target bpf -mcpu=v3 -O2 -g -Wall $(SCX_OLD_NAMES) \
		-Wno-compare-distinct-pointer-types $(SCX_KTSTR_INCLUDES) \
		-isystem $(SCX_HDRS)/bpf-compat $(CLANG_INCLUDES) \
		-MMD -MP -c $< -o $@

# Linking makes its BTF complete, as the tree's schedulers do.
$(SCX_KTSTR_OBJ)/scx_ktstr.bpf.skel.h: $(SCX_KTSTR_OBJ)/scx_ktstr.bpf.o $(SCX_STAMP)
	$(call msg,GEN-SKEL,,$@)
	$(Q)$(BPFTOOL) gen object $(<:.o=.linked.o) $<
	$(Q)$(BPFTOOL) gen skeleton $(<:.o=.linked.o) name scx_ktstr >$@

$(SCX_KTSTR_OBJ)/scx_ktstr.o: $(SCX_KTSTR_SRC)/scx_ktstr.c \
		$(SCX_KTSTR_OBJ)/scx_ktstr.bpf.skel.h
	$(call msg,CC,,$@)
	$(Q)$(CC) $(CFLAGS) $(KT_CFLAGS) $(SCX_KTSTR_INCLUDES) -MMD -MP -c $< -o $@

$(SCX_KTSTR_OBJ)/stats.o: $(SCX_KTSTR_SRC)/stats.c | $(DEPS_STAMP)
	$(call msg,CC,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(KT_CFLAGS) -MMD -MP -c $< -o $@

$(OUTPUT)/tools/scx_ktstr/scx_ktstr: $(SCX_KTSTR_OBJ)/scx_ktstr.o \
		$(SCX_KTSTR_OBJ)/stats.o $(LIBBPF)
	$(call msg,LINK,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -ljansson -lelf -lz -o $@

-include $(SCX_KTSTR_OBJ)/scx_ktstr.bpf.d $(SCX_KTSTR_OBJ)/scx_ktstr.d \
	$(SCX_KTSTR_OBJ)/stats.d
