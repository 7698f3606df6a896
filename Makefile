# SPDX-License-Identifier: GPL-2.0-only
#
# ktstr: sched_ext schedulers tested in micro-VMs of their own. A kselftest
# target when it lies in a kernel tree as tools/testing/selftests/ktstr, the
# same target outside of one with KDIR=/path/to/linux.
#
# For people: make quickstart, make check, make check-kvm, make bench. See
# README.rst.

.DEFAULT_GOAL := all
OVERRIDE_TARGETS := 1

SRC := $(patsubst %/,%,$(dir $(realpath $(lastword $(MAKEFILE_LIST)))))
OUTPUT := $(if $(OUTPUT),$(OUTPUT),$(SRC))
BUILD_DIR := $(OUTPUT)/build

# The kernel tree: the one we lie in, else KDIR, else quickstart's.
ifneq ($(wildcard ../lib.mk),)
KDIR := $(realpath ../../../..)
endif
CACHE_DIR := $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/ktstr
KDIR ?= $(lastword $(sort $(wildcard $(CACHE_DIR)/source/linux-source-*)))

# These set themselves up: no kernel tree is needed to start them.
SETUP_GOALS := quickstart check check-kvm check-long bench
ifneq ($(filter $(SETUP_GOALS),$(MAKECMDGOALS)),)

$(SETUP_GOALS):
	@$(SRC)/tools/quickstart $@

.PHONY: $(SETUP_GOALS)

else # the target proper

ifeq ($(wildcard $(KDIR)/tools/testing/selftests/lib.mk),)
$(error KDIR="$(KDIR)" is no kernel tree: put this directory into one as \
tools/testing/selftests/ktstr, give KDIR=/path/to/linux, or run \
"make quickstart", which gets one)
endif
override KDIR := $(realpath $(KDIR))

TESTS := eevdf simple qmap central flatcg fixture
TREE_SCHEDS := scx_simple scx_qmap scx_central scx_flatcg

TEST_GEN_PROGS := $(addprefix tests/,$(TESTS))
# canned scenarios: `ktstr run --scenario` runs them
TEST_GEN_PROGS_EXTENDED := tools/ktstr/ktstr tests/scenarios
TEST_GEN_FILES := tools/scx_ktstr/scx_ktstr $(addprefix build/bin/,$(TREE_SCHEDS))
EXTRA_CLEAN := $(BUILD_DIR)

include $(KDIR)/tools/testing/selftests/lib.mk
include $(SRC)/tools/build.mk

endif
