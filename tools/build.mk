# SPDX-License-Identifier: GPL-2.0-only
#
# How things are built; included by the Makefile behind lib.mk, which brings
# CC, OUTPUT, Q and msg. Objects and all that comes from the tree go to
# $(OUTPUT)/build; sanitized objects for the project's own tests beside them.

# One source a line.
LIB_SRCS := \
	ktstr/main.c \
	ktstr/base/fd.c \
	ktstr/base/log.c \
	ktstr/base/near.c \
	ktstr/base/outcome.c \
	ktstr/base/presets.c \
	ktstr/base/priv.c \
	ktstr/base/proc.c \
	ktstr/base/strbuf.c \
	ktstr/base/strv.c \
	ktstr/base/thread.c \
	ktstr/base/topology.c \
	ktstr/base/xdg.c \
	ktstr/wire/codec.c \
	ktstr/wire/frame.c \
	ktstr/wire/hold.c \
	ktstr/wire/msg.c \
	ktstr/wire/plan.c \
	ktstr/wire/result.c \
	ktstr/inspect/bpf.c \
	ktstr/inspect/bpf_arena.c \
	ktstr/inspect/bpf_array.c \
	ktstr/inspect/bpf_btf.c \
	ktstr/inspect/bpf_hash.c \
	ktstr/inspect/bpf_layout.c \
	ktstr/inspect/bpf_line.c \
	ktstr/inspect/bpf_map.c \
	ktstr/inspect/bpf_prog.c \
	ktstr/inspect/bpf_storage.c \
	ktstr/inspect/bpf_store.c \
	ktstr/inspect/bpf_struct_ops.c \
	ktstr/inspect/bpf_var.c \
	ktstr/inspect/guest_mem.c \
	ktstr/inspect/json.c \
	ktstr/inspect/kernel.c \
	ktstr/inspect/near.c \
	ktstr/inspect/render.c \
	ktstr/inspect/render_scalar.c \
	ktstr/inspect/render_text.c \
	ktstr/inspect/symbols.c \
	ktstr/inspect/task.c \
	ktstr/inspect/types.c \
	ktstr/inspect/xarray.c \
	ktstr/inspect/scx.c \
	ktstr/inspect/sched.c \
	ktstr/inspect/sched_domains.c \
	ktstr/inspect/dsq.c \
	ktstr/inspect/events.c \
	ktstr/inspect/exit_info.c \
	ktstr/inspect/fields.c \
	ktstr/inspect/names.c \
	ktstr/inspect/orc.c \
	ktstr/inspect/rhashtable.c \
	ktstr/inspect/scx_task.c \
	ktstr/inspect/stack.c \
	ktstr/inspect/task_list.c \
	ktstr/inspect/tasks.c \
	ktstr/inspect/vcpus.c \
	ktstr/virtio/block.c \
	ktstr/virtio/block_request.c \
	ktstr/virtio/console.c \
	ktstr/virtio/device.c \
	ktstr/virtio/mmio.c \
	ktstr/virtio/ports.c \
	ktstr/virtio/queue.c \
	ktstr/virtio/saved.c \
	ktstr/virtio/throttle.c \
	ktstr/virtio/vhost_user.c \
	ktstr/virtio/vhost_user_mem.c \
	ktstr/virtio/vhost_user_msg.c \
	ktstr/engine/engine.c \
	ktstr/engine/host_kvm.c \
	ktstr/engine/host_topology.c \
	ktstr/engine/icount.c \
	ktstr/engine/payload.c \
	ktstr/engine/performance.c \
	ktstr/engine/performance_memory.c \
	ktstr/engine/placement.c \
	ktstr/engine/saved_memory.c \
	ktstr/engine/verdict.c \
	ktstr/engine/kvm/bus.c \
	ktstr/engine/kvm/devices.c \
	ktstr/engine/kvm/exit.c \
	ktstr/engine/kvm/kvm.c \
	ktstr/engine/kvm/memory.c \
	ktstr/engine/kvm/park.c \
	ktstr/engine/kvm/performance.c \
	ktstr/engine/kvm/probe.c \
	ktstr/engine/kvm/saved.c \
	ktstr/engine/kvm/vcpu.c \
	ktstr/engine/kvm/vm.c \
	ktstr/engine/kvm/x86/acpi.c \
	ktstr/engine/kvm/x86/acpi_numa.c \
	ktstr/engine/kvm/x86/aml.c \
	ktstr/engine/kvm/x86/boot.c \
	ktstr/engine/kvm/x86/bzimage.c \
	ktstr/engine/kvm/x86/clock.c \
	ktstr/engine/kvm/x86/cpu.c \
	ktstr/engine/kvm/x86/cpuid.c \
	ktstr/engine/kvm/x86/loader.c \
	ktstr/engine/kvm/x86/msrs.c \
	ktstr/engine/kvm/x86/pm.c \
	ktstr/engine/kvm/x86/serial.c \
	ktstr/engine/kvm/x86/state.c \
	ktstr/engine/kvm/x86/vmlinux.c \
	ktstr/engine/qemu/apic_timer.c \
	ktstr/engine/qemu/args.c \
	ktstr/engine/qemu/disks.c \
	ktstr/engine/qemu/fds.c \
	ktstr/engine/qemu/gdb.c \
	ktstr/engine/qemu/icount.c \
	ktstr/engine/qemu/probe.c \
	ktstr/engine/qemu/qemu.c \
	ktstr/engine/qemu/qmp.c \
	ktstr/engine/qemu/regs.c \
	ktstr/engine/qemu/saved.c \
	ktstr/engine/qemu/stops.c \
	ktstr/engine/qemu/threads.c \
	ktstr/engine/qemu/watch.c \
	ktstr/coord/bucket.c \
	ktstr/coord/capture.c \
	ktstr/coord/chase.c \
	ktstr/coord/chase_gdb.c \
	ktstr/coord/stops.c \
	ktstr/coord/console.c \
	ktstr/coord/coord.c \
	ktstr/coord/dispatch.c \
	ktstr/coord/hold.c \
	ktstr/coord/image.c \
	ktstr/coord/kernel_op.c \
	ktstr/coord/monitor.c \
	ktstr/coord/monitor_judge.c \
	ktstr/coord/noise.c \
	ktstr/coord/outbox.c \
	ktstr/coord/periodic.c \
	ktstr/coord/serve.c \
	ktstr/coord/serve_watch.c \
	ktstr/coord/snapshot.c \
	ktstr/coord/stats.c \
	ktstr/coord/subject.c \
	ktstr/coord/tail.c \
	ktstr/coord/trace.c \
	ktstr/coord/vcpu_time.c \
	ktstr/coord/watch.c \
	ktstr/coord/watchdog.c \
	ktstr/coord/writes.c \
	ktstr/coord/watch_arm.c \
	ktstr/host/after.c \
	ktstr/host/boot.c \
	ktstr/host/captures.c \
	ktstr/host/chase.c \
	ktstr/host/cgroups.c \
	ktstr/host/case.c \
	ktstr/host/condition.c \
	ktstr/host/cpio.c \
	ktstr/host/dir_lock.c \
	ktstr/host/declared.c \
	ktstr/host/disks.c \
	ktstr/host/dump.c \
	ktstr/host/dump_bpf.c \
	ktstr/host/dump_diff.c \
	ktstr/host/dump_out.c \
	ktstr/host/dump_path.c \
	ktstr/host/dump_sched.c \
	ktstr/host/dump_tasks.c \
	ktstr/host/dump_text.c \
	ktstr/host/elf_deps.c \
	ktstr/host/elf_object.c \
	ktstr/host/events.c \
	ktstr/host/find.c \
	ktstr/host/gauntlet.c \
	ktstr/host/guest_tree.c \
	ktstr/host/holds.c \
	ktstr/host/identity.c \
	ktstr/host/ikconfig.c \
	ktstr/host/initramfs.c \
	ktstr/host/initramfs_entries.c \
	ktstr/host/kconfig.c \
	ktstr/host/kernel.c \
	ktstr/host/kernel_boot.c \
	ktstr/host/kernel_build.c \
	ktstr/host/kernel_cache.c \
	ktstr/host/kernel_image.c \
	ktstr/host/kernel_make.c \
	ktstr/host/kernel_source.c \
	ktstr/host/kernel_tools.c \
	ktstr/host/ld_paths.c \
	ktstr/host/main.c \
	ktstr/host/monitor.c \
	ktstr/host/noise.c \
	ktstr/host/options.c \
	ktstr/host/pathf.c \
	ktstr/host/payloads.c \
	ktstr/host/profiles.c \
	ktstr/host/record.c \
	ktstr/host/record_find.c \
	ktstr/host/report.c \
	ktstr/host/rerun.c \
	ktstr/host/reserve.c \
	ktstr/host/results.c \
	ktstr/host/run.c \
	ktstr/host/selection.c \
	ktstr/host/series.c \
	ktstr/host/shrink.c \
	ktstr/host/stats_socket.c \
	ktstr/host/subtests.c \
	ktstr/host/suite.c \
	ktstr/host/template.c \
	ktstr/host/template_cache.c \
	ktstr/host/template_file.c \
	ktstr/host/template_key.c \
	ktstr/host/timeline.c \
	ktstr/host/value.c \
	ktstr/host/value_find.c \
	ktstr/host/writes.c \
	ktstr/work/child.c \
	ktstr/work/churn.c \
	ktstr/work/compute.c \
	ktstr/work/cpumask.c \
	ktstr/work/cpus.c \
	ktstr/work/custom.c \
	ktstr/work/epoll.c \
	ktstr/work/fork.c \
	ktstr/work/futex.c \
	ktstr/work/group.c \
	ktstr/work/io.c \
	ktstr/work/memory.c \
	ktstr/work/mutex.c \
	ktstr/work/numa.c \
	ktstr/work/pages.c \
	ktstr/work/pipe.c \
	ktstr/work/place.c \
	ktstr/work/rt.c \
	ktstr/work/sequence.c \
	ktstr/work/signal.c \
	ktstr/work/spin.c \
	ktstr/work/start.c \
	ktstr/work/step.c \
	ktstr/work/telemetry.c \
	ktstr/work/threads.c \
	ktstr/work/types.c \
	ktstr/work/wait.c \
	ktstr/work/wakes.c \
	ktstr/work/worker.c \
	ktstr/scenario/affinity.c \
	ktstr/scenario/canned/affinity.c \
	ktstr/scenario/canned/basic.c \
	ktstr/scenario/canned/canned.c \
	ktstr/scenario/canned/cpuset.c \
	ktstr/scenario/canned/dynamic.c \
	ktstr/scenario/canned/interaction.c \
	ktstr/scenario/canned/nested.c \
	ktstr/scenario/canned/performance.c \
	ktstr/scenario/canned/stress.c \
	ktstr/scenario/cgroup.c \
	ktstr/scenario/cpuset.c \
	ktstr/scenario/hotplug.c \
	ktstr/scenario/members.c \
	ktstr/scenario/members_cpus.c \
	ktstr/scenario/members_stop.c \
	ktstr/scenario/ops.c \
	ktstr/scenario/steps.c \
	ktstr/scenario/topology.c \
	ktstr/check/judge.c \
	ktstr/check/judge_numa.c \
	ktstr/check/judge_rate.c \
	ktstr/check/judge_stats.c \
	ktstr/check/judge_wake.c \
	ktstr/check/spread.c \
	ktstr/check/temporal.c \
	ktstr/check/metrics.c \
	ktstr/check/thresholds.c \
	ktstr/check/verdict.c \
	ktstr/guest/api.c \
	ktstr/guest/canned.c \
	ktstr/guest/events.c \
	ktstr/guest/expect.c \
	ktstr/guest/hold.c \
	ktstr/guest/holds.c \
	ktstr/guest/init.c \
	ktstr/guest/kern_addrs.c \
	ktstr/guest/kernel_api.c \
	ktstr/guest/kmsg.c \
	ktstr/guest/payload.c \
	ktstr/guest/relay.c \
	ktstr/guest/report.c \
	ktstr/guest/requests.c \
	ktstr/guest/run.c \
	ktstr/guest/run_sched.c \
	ktstr/guest/sched.c \
	ktstr/guest/services.c \
	ktstr/guest/stats.c \
	ktstr/guest/test_frame.c \
	ktstr/guest/test_sched.c \
	ktstr/guest/testproc.c \
	ktstr/guest/transport.c \
	kselftest/ktap.c \
	kselftest/ktap_read.c

LIB_ASM := \
	ktstr/engine/payload_x86.S \
	ktstr/engine/qemu/plugin/image.S

CLI_SRCS := \
	tools/ktstr/besides.c \
	tools/ktstr/bisect.c \
	tools/ktstr/chase.c \
	tools/ktstr/chase_bisect.c \
	tools/ktstr/chase_gdb.c \
	tools/ktstr/diff.c \
	tools/ktstr/engines.c \
	tools/ktstr/frames.c \
	tools/ktstr/guest.c \
	tools/ktstr/kernel.c \
	tools/ktstr/kselftest.c \
	tools/ktstr/kselftest_build.c \
	tools/ktstr/kselftest_guest.c \
	tools/ktstr/kselftest_runner.c \
	tools/ktstr/kselftest_shell.c \
	tools/ktstr/ktstr.c \
	tools/ktstr/payload.c \
	tools/ktstr/payload_guest.c \
	tools/ktstr/payload_job.c \
	tools/ktstr/programs.c \
	tools/ktstr/rerun.c \
	tools/ktstr/scenarios.c \
	tools/ktstr/show.c \
	tools/ktstr/signals.c \
	tools/ktstr/template.c \
	tools/ktstr/work.c

LIB := $(BUILD_DIR)/libktstr.a
OBJ_DIR := $(BUILD_DIR)/obj/ktstr

# From the tree: one build of its example schedulers gives us bpftool, vmlinux.h
# and the schedulers; libbpf reads BTF, libsubcmd parses options. libbpf has a
# directory of its own: the schedulers' make builds another with other flags.
TOOLS_DIR := $(KDIR)/tools
SUBCMD := $(BUILD_DIR)/obj/subcmd/libsubcmd.a
BPFTOOL := $(BUILD_DIR)/sbin/bpftool
LIBBPF := $(BUILD_DIR)/obj/bpf/libbpf.a
SCX_STAMP := $(BUILD_DIR)/obj/sched_ext.stamp
DEPS_STAMP := $(BUILD_DIR)/packages.stamp

# BPF programs want a newer clang than the distribution's default.
BPF_CLANG := $(shell $(SRC)/tools/packages clang)

# Kernels built by `ktstr kernel build`, newest last, minimal ones behind others.
CACHED_VMLINUX = $(foreach base,* *-minimal-*,$(shell \
		ls -tr $(CACHE_DIR)/kernels/$(base)/vmlinux 2>/dev/null))
VMLINUX_BTF ?= $(firstword $(wildcard \
		$(if $(O),$(O)/vmlinux) \
		$(if $(KBUILD_OUTPUT),$(KBUILD_OUTPUT)/vmlinux) \
		$(KDIR)/vmlinux $(lastword $(CACHED_VMLINUX)) \
		/sys/kernel/btf/vmlinux))

KT_CFLAGS := -std=gnu11 -O2 -g -D_GNU_SOURCE= -fno-strict-aliasing \
	-Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow \
	-Wno-missing-field-initializers \
	$(if $(filter 0,$(WERROR)),,-Werror) \
	-I$(SRC)/ktstr/include -I$(SRC) \
	-isystem $(TOOLS_DIR)/include -isystem $(TOOLS_DIR)/lib \
	-isystem $(KDIR)/tools/testing/selftests
# libsubcmd leans on these few
TREE_OBJS := $(addprefix $(BUILD_DIR)/obj/tree/,ctype.o str_error_r.o string.o)
KT_LDLIBS := $(LIBBPF) $(SUBCMD) $(TREE_OBJS) -ljansson -lelf -lz -lcap

LIB_OBJS := $(LIB_SRCS:%.c=$(OBJ_DIR)/%.o) $(LIB_ASM:%.S=$(OBJ_DIR)/%.o)
CLI_OBJS := $(CLI_SRCS:%.c=$(OBJ_DIR)/%.o)

$(OBJ_DIR)/%.o: $(SRC)/%.c | $(SUBCMD) $(TREE_OBJS)
	$(call msg,CC,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(KT_CFLAGS) -MMD -MP -c $< -o $@

$(OBJ_DIR)/%.o: $(SRC)/%.S | $(DEPS_STAMP)
	$(call msg,AS,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(AS_FLAGS) -MMD -MP -c $< -o $@

# What QEMU loads, as a part of the library.
PLUGIN_SO := $(BUILD_DIR)/obj/plugin.so
PLUGIN_SRCS := $(addprefix $(SRC)/ktstr/engine/qemu/plugin/,main_loop.c stops.c)
AS_FLAGS := -DKT_PLUGIN_FILE='"$(PLUGIN_SO)"'

$(PLUGIN_SO): $(PLUGIN_SRCS) \
		$(SRC)/ktstr/engine/qemu/plugin/main_loop.h $(SRC)/ktstr/engine/stops.h
	$(call msg,CC,so,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(KT_CFLAGS) -g0 -fPIC -shared -fvisibility=hidden \
		-Wl,-z,lazy $(PLUGIN_SRCS) -o $@

$(OBJ_DIR)/ktstr/engine/qemu/plugin/image.o: $(PLUGIN_SO)

# What links the library links libbpf.
$(LIB): $(LIB_OBJS) | $(LIBBPF)
	$(call msg,AR,,$@)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

$(TEST_GEN_PROGS) $(OUTPUT)/tests/scenarios: \
$(OUTPUT)/tests/%: $(OBJ_DIR)/tests/%.o $(LIB)
	$(call msg,LINK,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(KT_LDLIBS) -o $@

$(OUTPUT)/tools/ktstr/ktstr: $(CLI_OBJS) $(LIB)
	$(call msg,LINK,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(KT_LDLIBS) -o $@

# The command line alone: enough to build a kernel, needs none.
cli: $(OUTPUT)/tools/ktstr/ktstr

$(DEPS_STAMP):
	$(Q)CC="$(CC)" $(SRC)/tools/packages check build
	$(Q)mkdir -p $(@D)
	$(Q)touch $@

$(SUBCMD): | $(DEPS_STAMP)
	$(call msg,MAKE,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(MAKE) -s -C $(TOOLS_DIR)/lib/subcmd O= OUTPUT=$(@D)/ \
		CC="$(CC)" DESTDIR=$(@D) prefix= $@

$(LIBBPF): | $(DEPS_STAMP)
	$(call msg,MAKE,,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(MAKE) -s -C $(TOOLS_DIR)/lib/bpf O= OUTPUT=$(@D)/ \
		CC="$(CC)" EXTRA_CFLAGS="-g -O2 -fPIC" \
		DESTDIR=$(@D) prefix= $@

$(TREE_OBJS): $(BUILD_DIR)/obj/tree/%.o: $(TOOLS_DIR)/lib/%.c | $(DEPS_STAMP)
	$(call msg,CC,tree,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -O2 -g -D_GNU_SOURCE= -I$(TOOLS_DIR)/include -c $< -o $@

# A sub-make of the tree's own Makefile: its rules know what it needs.
$(SCX_STAMP): $(VMLINUX_BTF) $(SRC)/tools/packages | $(DEPS_STAMP)
	$(call msg,MAKE,,tools/sched_ext)
	$(Q)test -n "$(VMLINUX_BTF)" || { \
		echo "No vmlinux with BTF in $(KDIR), O=, KBUILD_OUTPUT or" \
		     "$(CACHE_DIR)/kernels: build the kernel first, or run" \
		     "\"make quickstart\", or give VMLINUX_BTF=." >&2; exit 1; }
	$(Q)mkdir -p $(@D)
	$(Q)$(MAKE) -s -C $(TOOLS_DIR)/sched_ext O=$(OUTPUT) OUTPUT= \
		CC="$(CC)" CLANG="$(BPF_CLANG)" VMLINUX_BTF=$(VMLINUX_BTF) \
		$(TREE_SCHEDS) >$(BUILD_DIR)/sched_ext.log 2>&1 || \
		{ cat $(BUILD_DIR)/sched_ext.log >&2; exit 1; }
	$(Q)touch $@

$(BPFTOOL) $(addprefix $(BUILD_DIR)/bin/,$(TREE_SCHEDS)): $(SCX_STAMP) ;

include $(SRC)/tools/scx_ktstr/build.mk
include $(SRC)/tests/build.mk

-include $(LIB_OBJS:.o=.d) $(CLI_OBJS:.o=.d) \
	$(TESTS:%=$(OBJ_DIR)/tests/%.d) $(OBJ_DIR)/tests/scenarios.d

.PHONY: cli
.DELETE_ON_ERROR:
