# SPDX-License-Identifier: BSD-2-Clause
#
# Of Makefile: formatters and analysers.

lint: all
	@BUILD=$(BUILD) tests/run $(LINTS)

# These are called by the scripts in tests/lint, so that flags and files are known only here.

format:
	$(CLANG_FORMAT) -i $(C_FILES) $(BPF) $(H_FILES)

lint-format:
	@$(CLANG_FORMAT) --dry-run -Werror $(C_FILES) $(BPF) $(H_FILES)

# The compiler that has built all. To a second one all is shown as well.
lint-build: all tests
	@! grep . $(wildcard $(patsubst %.c,$(BUILD)/obj/%.said,$(C_FILES)) $(patsubst %.c,$(BUILD)/asan/%.said,$(C_FILES)) \
		$(patsubst %.c,$(BUILD)/fuzz/obj/%.said,$(C_FILES)) $(BPF:%.c=$(BUILD)/%.said) $(BUILD)/vmlinux/view.said)

lint-clang: $(SKELETONS)
	@ls -S $(C_FILES) | xargs -P $$(nproc) -I{} $(CLANG) $(C_FLAGS) -Werror $(CFLAGS) -fsyntax-only {}

# $(call passed,NAME,DEPENDS,FILES) COMMAND...: it has nothing to say of each file, {}; the largest go first.
# What has passed is not looked at again (tests/passed.sh).
passed = ls -S $(3) | DEPENDS='$(2)' xargs -P $$(nproc) -I{} tests/passed.sh $(BUILD)/lint/$(1) {}

# Of so many states of a function the analyser has seen each line of ours; it would go on to 225000.
TIDY_FLAGS := -Xclang -analyzer-config -Xclang max-nodes=75000

lint-tidy: $(SKELETONS)
	@$(call passed,tidy,$(CLANG) -M $(C_FLAGS),$(C_FILES)) $(CLANG_TIDY) --quiet {} -- $(C_FLAGS) $(TIDY_FLAGS)
	@$(call passed,tidy,$(CLANG) -M $(BPF_FLAGS),$(BPF)) $(CLANG_TIDY) --quiet {} -- $(BPF_FLAGS) $(TIDY_FLAGS)

# It knows no cleanup attribute and sees no system header: it thinks that vsnprintf() reads all that it gets.
lint-cppcheck:
	@mkdir -p $(BUILD)/lint/cppcheck
	@$(CPPCHECK) --quiet --cppcheck-build-dir=$(BUILD)/lint/cppcheck --enable=warning,performance,portability --error-exitcode=1 \
		--inline-suppr --suppress=memleak --suppress=resourceLeak \
		--suppress=legacyUninitvar --suppress=ctuuninitvar --std=c11 -j $$(nproc) -D_GNU_SOURCE -D__$(subst amd64,x86_64,$(subst arm64,aarch64,$(ARCH)))__ -Iinclude -Iuser \
		'-DLIBBPF_OPTS(type, name, ...)=struct type name = {__VA_ARGS__}' \
		'-DHASH_ITER(hh, head, each, next)=while ((each = head))' \
		'-DDL_FOREACH(head, each)=while ((each = head))' '-DDL_FOREACH_SAFE(head, each, next)=while ((each = head))' \
		'-Dbpf_object__for_each_program(each, object)=while ((each = next(object)))' \
		$(C_FILES)

# A script may include any that lies in tests/.
lint-shell:
	@$(call passed,shell,echo {}: tests/*.sh,$(SHELL_FILES)) $(SHELLCHECK) -x {}
