# SPDX-License-Identifier: BSD-2-Clause
#
# Of Makefile: how the programs are built that tests run, what compares views of the kernel, and what make check does
# not run.

# Unit tests: all of it again with sanitizers. A test links what it calls.

$(BUILD)/asan/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(C_FLAGS) $(ASAN_FLAGS) -MMD -MP -c -o $@ $< $(said)

$(BUILD)/asan/libunit.a: $(patsubst %.c,$(BUILD)/asan/%.o,$(UNIT_HELPERS) $(ENGINE) $(OUTER))
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/unit/%: $(BUILD)/asan/tests/unit/%.o $(BUILD)/asan/libunit.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(ASAN_FLAGS) -o $@ $^ $(LIBS) -lcmocka

# The model check without them: a million steps are many.
$(BUILD)/model-check: $(patsubst %.c,$(BUILD)/obj/%.o,tests/unit/test_model_check.c $(UNIT_HELPERS) $(OUTER)) $(BUILD)/libengine.a
	$(call say,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

$(BUILD)/nsvigil-asan: $(patsubst %.c,$(BUILD)/asan/%.o,$(MAIN) $(OUTER) $(ENGINE))
	$(call say,LINK)$(CC) $(ASAN_FLAGS) -o $@ $^ $(LIBS)

# libFuzzer is clang's.

FUZZ_FLAGS = -O2 -g -fno-omit-frame-pointer $(SANITIZE)

# To be told of each comparison takes a third of an execution there, and helps only who mutates bytes.
$(foreach dir,user/engine user/engine/model user/engine/judge user/engine/rules user/capture tests/fuzz/common,$(BUILD)/fuzz/obj/$(dir)/%.o): FUZZ_FLAGS += -fno-sanitize-coverage=trace-cmp

$(BUILD)/fuzz/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,FUZZ)$(CLANG) $(C_FLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $< $(said)

# Of the sources those that make events of what others write, and the table that options name.
PARSERS := $(addprefix user/source/,bpf/hooktable.c mountinfo.c podpath.c stream.c $(addprefix nodefiles/,declared.c files.c idfiles.c kubelet.c manifest.c owners.c records.c tree.c yamlpick.c))

$(BUILD)/fuzz/libfuzzed.a: $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(FUZZ_HELPERS) $(ENGINE) $(PARSERS) $(wildcard user/capture/*.c user/config/*.c user/report/*.c user/sink/*.c))
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/fuzz/%: $(BUILD)/fuzz/obj/tests/fuzz/%.o $(BUILD)/fuzz/libfuzzed.a
	$(call say,LINK)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# The view of the kernel's types as BTF. clang leaves out a type that nothing uses, so each one
# that is described gets a variable.

$(BUILD)/vmlinux/view.c: vmlinux/vmlinux.h Makefile
	@mkdir -p $(@D)
	$(call say,GEN){ echo '#include "vmlinux.h"'; sed -nE \
		-e 's/^((struct|union|enum) (\w+)) \{$$/\1 view_\3;/p' \
		-e 's/^\} (\w+);$$/\1 view_\1;/p' $<; } >$@

$(BUILD)/vmlinux/view.o: $(BUILD)/vmlinux/view.c
	$(call say,BPF)$(CLANG) $(BPF_FLAGS) -c -o $@ $< $(said)

vmlinux-check: $(BUILD)/vmlinux-check $(BUILD)/vmlinux/view.o
	@$^ $(BTF)

# The others are sourced, or need guests, as all of VM_BENCH do if instructions are to be counted.
BENCH ?= $(filter-out $(addprefix tests/bench/,guest.sh budget.sh beside.sh kept.sh pods.sh),$(wildcard tests/bench/*.sh))
VM_BENCH := cost peers start idmapped
BENCH_DEPS := bpftrace libbpf-tools btrfs-progs xfsprogs

bench:
	$(call prepare,all tests)
	@$(DEPS) sysdig $(BENCH_DEPS)
	@for each in $(BENCH); do echo "$$each:" && BUILD=$(BUILD) "$$each" || exit 1; done

bench-vm:
	$(call prepare,all tests)
	@$(DEPS) $(VM_DEPS) $(BENCH_DEPS)
	@for on in $(if $(KERNEL),"$(KERNEL)",6.12 newest "newest checks"); do \
		for each in $(filter $(VM_BENCH),$(basename $(notdir $(BENCH)))); do \
			set -- $$on && echo "tests/bench/$$each.sh:" && \
			BUILD=$(BUILD) tests/bench/guest.sh $$1 $${2:-best} $$each && echo || exit 1; \
		done; \
	done

fuzz:
	$(call prepare,all $(FUZZ_TARGETS))
	@BUILD=$(BUILD) TEST_TIMEOUT=$(or $(TEST_TIMEOUT),14400) tests/run tests/fuzz/run.sh

# What guests of another processor run; they have none of what only builds.
IN_GUESTS := all $(if $(SYSROOT),$(BUILD)/static/nsvigil $(BUILD)/nsvigil-asan $(BUILD)/podlab $(BUILD)/idmap,tests)

check-vm:
	$(call prepare,$(IN_GUESTS))
	@$(DEPS) $(VM_DEPS) $(if $(SYSROOT),,podman nfs-kernel-server nfs-common debootstrap)
	@BUILD=$(BUILD) DURATIONS=$(BUILD)/durations tests/run --lanes $(GUEST_LANES) \
		$(if $(KERNEL)$(VM_TESTS)$(SYSROOT),,"tests/run tests/bench/budget.sh")

# What RESULTS has from runs of check and check-vm becomes the table in docs/kernels.md.
kernels:
	@{ printf '# %s: nsvigil %s, %s, %s, %s\n' "$$(date -u +%F)" $(VERSION) \
		"$$(runc --version | head -n 1)" "$$(crun --version | head -n 1)" \
		"QEMU $$(dpkg-query -W -f '$${Version}' qemu-system-x86)"; sort -u $(RESULTS); } >tests/vm/results.txt
	@python3 tests/vm/table.py tests/vm/results.txt >docs/kernels.md
