# SPDX-License-Identifier: GPL-2.0-only
#
# The project's own tests: unit tests and fuzz targets against a copy of the
# library that clang built with sanitizers; included by tools/build.mk.

UNIT_TESTS := $(sort $(notdir $(basename $(wildcard $(SRC)/tests/unit/*.c))))
FUZZ_TARGETS := $(sort $(notdir $(basename $(wildcard $(SRC)/tests/fuzz/*.c))))

SAN_CC := clang
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
SAN_DIR := $(BUILD_DIR)/san
SAN_LIB := $(SAN_DIR)/libktstr.a
# all of the library but the test programs' main()
SAN_OBJS := $(patsubst $(OBJ_DIR)/%,$(SAN_DIR)/%,$(filter-out \
		$(OBJ_DIR)/ktstr/main.o,$(LIB_OBJS)))
UNIT_PROGS := $(UNIT_TESTS:%=$(SAN_DIR)/unit/%)
FUZZ_PROGS := $(FUZZ_TARGETS:%=$(SAN_DIR)/fuzz/%)
# what looks into a saved memory image
IMAGE_READER := $(SAN_DIR)/image/reader
# test programs that are not part of the selftest: of the harness itself, on a
# real machine, and for tests/faults
MACHINE_TESTS := $(sort $(notdir $(basename $(wildcard $(SRC)/tests/machine/*.c))))
FAULT_TESTS := $(sort $(notdir $(basename $(wildcard $(SRC)/tests/faults/*.c))))
OWN_PROGS := $(addprefix $(BUILD_DIR)/tests/,$(MACHINE_TESTS) $(FAULT_TESTS) rig)
BENCH_PROGS := $(addprefix $(BUILD_DIR)/bench/,assembler mkinitramfs sample \
		templates)
MACHINES_OBJS := $(addprefix $(OBJ_DIR)/tests/bench/machines/,guest.o main.o \
		rig.o session.o table.o ways.o)

# what the tree's kselftest_harness.h itself does not pass
$(UNIT_TESTS:%=$(SAN_DIR)/tests/unit/%.o): UNIT_CFLAGS := \
	-Wno-missing-prototypes -Wno-unused-parameter

$(SAN_DIR)/%.o: $(SRC)/%.c | $(SUBCMD) $(TREE_OBJS)
	$(call msg,CC,san,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(SAN_CC) $(KT_CFLAGS) $(UNIT_CFLAGS) $(SAN_FLAGS) -fsanitize=fuzzer-no-link \
		-MMD -MP -c $< -o $@

$(SAN_DIR)/%.o: $(SRC)/%.S | $(DEPS_STAMP)
	$(Q)mkdir -p $(@D)
	$(Q)$(SAN_CC) $(AS_FLAGS) -MMD -MP -c $< -o $@

$(SAN_DIR)/ktstr/engine/qemu/plugin/image.o: $(PLUGIN_SO)

$(SAN_LIB): $(SAN_OBJS) | $(LIBBPF)
	$(call msg,AR,san,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(UNIT_PROGS): $(SAN_DIR)/unit/%: $(SAN_DIR)/tests/unit/%.o $(SAN_LIB)
	$(call msg,LINK,san,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(SAN_CC) $(SAN_FLAGS) $^ $(KT_LDLIBS) -o $@

$(FUZZ_PROGS): $(SAN_DIR)/fuzz/%: $(SAN_DIR)/tests/fuzz/%.o $(SAN_LIB)
	$(call msg,LINK,fuzz,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(SAN_CC) $(SAN_FLAGS) -fsanitize=fuzzer $^ $(KT_LDLIBS) -o $@

$(IMAGE_READER): $(SAN_DIR)/tests/image/reader.o $(SAN_LIB)
	$(call msg,LINK,san,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(SAN_CC) $(SAN_FLAGS) $^ $(KT_LDLIBS) -o $@

$(BENCH_PROGS): $(BUILD_DIR)/bench/%: $(OBJ_DIR)/tests/bench/%.o $(LIB)
	$(call msg,LINK,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(KT_LDLIBS) -o $@

$(BUILD_DIR)/bench/machines: $(MACHINES_OBJS) $(LIB)
	$(call msg,LINK,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(KT_LDLIBS) -o $@

$(MACHINE_TESTS:%=$(BUILD_DIR)/tests/%): \
$(BUILD_DIR)/tests/%: $(OBJ_DIR)/tests/machine/%.o $(LIB)
	$(call msg,LINK,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(KT_LDLIBS) -o $@

$(FAULT_TESTS:%=$(BUILD_DIR)/tests/%): \
$(BUILD_DIR)/tests/%: $(OBJ_DIR)/tests/faults/%.o $(LIB)
	$(call msg,LINK,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(KT_LDLIBS) -o $@

# The nested rig: a case for each program, as a header that changes only when
# they do.
RIG_OBJS := $(addprefix $(OBJ_DIR)/tests/nested/,rig.o one_guest.o)
RIG_LIST := $(OBJ_DIR)/tests/nested/rig_programs.h

$(RIG_LIST): FORCE
	$(Q)mkdir -p $(@D)
	$(Q)printf 'RIG_PROGRAM(%s)\n' $(TESTS) $(MACHINE_TESTS) >$@.new
	$(Q)printf 'RIG_PROGRAM_KASLR(%s)\n' $(MACHINE_TESTS) >>$@.new
	$(Q)cmp -s $@.new $@ || mv $@.new $@
	$(Q)rm -f $@.new

$(RIG_OBJS): KT_CFLAGS += -I$(dir $(RIG_LIST))
$(RIG_OBJS): $(RIG_LIST)

$(BUILD_DIR)/tests/rig: $(RIG_OBJS) $(LIB)
	$(call msg,LINK,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(KT_LDLIBS) -o $@

# What tests/run-check runs.
check-programs: all $(UNIT_PROGS) $(FUZZ_PROGS) $(IMAGE_READER) $(OWN_PROGS)

# A long fuzz run: make fuzz TARGET=assembler SECONDS=3600
SECONDS ?= 60
TARGET ?= assembler
fuzz: $(SAN_DIR)/fuzz/$(TARGET)
	$(Q)mkdir -p $(SAN_DIR)/found/$(TARGET)
	$(Q)$< -max_total_time=$(SECONDS) -artifact_prefix=$(SAN_DIR)/found/ \
		$(SAN_DIR)/found/$(TARGET) $(SRC)/tests/fuzz/corpus/$(TARGET)

# Lines of the stream's path that the kept corpora reach.
coverage:
	$(Q)KDIR=$(KDIR) OUTPUT=$(OUTPUT) $(SRC)/tests/coverage

bench-programs: all $(BENCH_PROGS) $(BUILD_DIR)/bench/machines \
	$(addprefix $(BUILD_DIR)/tests/,captures fresh monitor rig)

-include $(SAN_OBJS:.o=.d) $(UNIT_TESTS:%=$(SAN_DIR)/tests/unit/%.d) \
	$(FUZZ_TARGETS:%=$(SAN_DIR)/tests/fuzz/%.d) \
	$(SAN_DIR)/tests/image/reader.d \
	$(MACHINE_TESTS:%=$(OBJ_DIR)/tests/machine/%.d) \
	$(FAULT_TESTS:%=$(OBJ_DIR)/tests/faults/%.d) $(RIG_OBJS:.o=.d) \
	$(MACHINES_OBJS:.o=.d)

.PHONY: check-programs fuzz coverage bench-programs FORCE
