# SPDX-License-Identifier: BSD-2-Clause
#
## make            builds build/nsvigil
## make static     builds build/static/nsvigil, which needs no other file
## make image      as root: builds build/nsvigil.tar, an image that has nothing else in it
## make tests      builds the tests and what they use
## make deps       installs missing packages (apt, as root)
## make demo       as root: shows nsvigil on a node in miniature; does deps and builds first
## make check      as root: runs all tests and lints; does deps and builds first; TESTS="PATH..." only these
## make check-quick
##                 after a change: unit tests, golden captures, formatting, analysers of what is new
## make check-vm   as root: the live tests on kernels of Debian's in QEMU; MATRIX=full, KERNEL, VM_TESTS, ROOT=sid
## make kernels    RESULTS=FILE that check and check-vm wrote: makes docs/kernels.md of it
## make bench     as root: measures what README has numbers of; BENCH=tests/bench/NAME.sh one
## make fuzz      as root: each of tests/fuzz for a minute; FUZZ_SECONDS, FUZZ="NAME..."
## make lint       runs the lints only
## make format     formats the C sources in place
## make vmlinux-check [BTF=FILE]
##                 compares vmlinux/vmlinux.h with the running kernel or another one
## make install    DESTDIR, PREFIX (/usr/local), SBINDIR, MANDIR, DOCDIR, UNITDIR, ETCDIR (/etc/nsvigil);
##                 a configuration file that was changed stays; and uninstall
## make clean
##
## V=1 shows the commands. CC, CFLAGS, LDFLAGS, WERROR=-Werror and BUILD (build) may be set.

VERSION := 0.1.0
BUILD := build

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/nsvigil
UNITDIR ?= $(PREFIX)/lib/systemd/system
ETCDIR ?= /etc/nsvigil
BTF ?= /sys/kernel/btf/vmlinux

BPFTOOL ?= bpftool
CLANG ?= clang
CLANG_FORMAT ?= clang-format
CLANG_TIDY ?= clang-tidy
CPPCHECK ?= cppcheck
DEPS ?= tests/deps.sh
INSTALL ?= install
SHELLCHECK ?= shellcheck
PKG_CONFIG ?= pkg-config

# Debian keeps bpftool where only root looks for it.
export PATH := $(PATH):/usr/sbin

.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:

# Flags

CFLAGS ?= -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fstack-protector-strong
LDFLAGS ?= -pie -Wl,--as-needed,-z,relro,-z,now
WARNINGS := -Wall -Wextra -Wcast-align -Wformat=2 -Wmissing-declarations \
	-Wmissing-prototypes -Wold-style-definition -Wpointer-arith -Wredundant-decls -Wshadow \
	-Wstrict-prototypes -Wundef -Wvla -Wwrite-strings

# Asked when the first file is compiled: before that it may not be installed.
LIB_CFLAGS = $(eval LIB_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBRARIES)))$(LIB_CFLAGS)
LIBS = $(eval LIBS := $(shell $(PKG_CONFIG) --libs $(LIBRARIES)))$(LIBS)
STATIC_LIBS = $(eval STATIC_LIBS := $(shell $(PKG_CONFIG) --static --libs $(LIBRARIES)))$(STATIC_LIBS)
LIBRARIES := libbpf libelf zlib json-c libevent_core libevent_extra libevent_openssl openssl libmd yaml-0.1

C_FLAGS = -std=gnu11 -fPIE -D_GNU_SOURCE -DNSVIGIL_VERSION=\"$(VERSION)\" \
	-Iinclude -Iuser -isystem $(BUILD)/bpf $(LIB_CFLAGS) $(WARNINGS) $(WERROR)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
ASAN_FLAGS = -O1 -g -fno-omit-frame-pointer $(SANITIZE)

# v3 is the newest instruction set that Linux 5.10 knows. A macro of libbpf's, BPF_PROG, makes
# parameters that are not used.
BPF_FLAGS = -target bpf -mcpu=v3 -std=gnu11 -O2 -g -Iinclude -Ivmlinux \
	-Wall -Wextra -Wshadow -Wno-unused-parameter $(WERROR)

# Files: what lies in a folder is built. The engine stands alone, without libbpf.

BPF := $(wildcard bpf/*.bpf.c)
ENGINE := $(wildcard user/engine/*.c user/lib/*.c)
OUTER := $(wildcard user/source/*.c user/sink/*.c user/capture/*.c user/config/*.c user/doctor/*.c)
MAIN := $(wildcard user/*.c)
PODLAB := $(wildcard tests/podlab/*.c)
IDMAP := $(wildcard tests/idmap/*.c)
LOOP := tests/bench/loop.c
EVENTS := tests/bench/events.c
FEED := tests/syslog/feed.c
FUZZ := $(wildcard tests/fuzz/*.c)
UNIT := $(wildcard tests/unit/test_*.c)
UNIT_HELPERS := $(filter-out $(UNIT),$(wildcard tests/unit/*.c))

C_FILES := $(ENGINE) $(OUTER) $(MAIN) $(PODLAB) $(IDMAP) $(LOOP) $(EVENTS) $(FEED) $(FUZZ) $(UNIT) $(UNIT_HELPERS) vmlinux/check.c
SHELL_FILES := .ci/run tests/run $(wildcard tests/*.sh tests/*/*.sh)
H_FILES := $(wildcard bpf/*.h include/*/*.h user/*.h user/*/*.h tests/*/*.h vmlinux/*.h)

OBJECTS := $(C_FILES:%.c=$(BUILD)/obj/%.o)
ASAN_OBJECTS := $(C_FILES:%.c=$(BUILD)/asan/%.o)
SKELETONS := $(BPF:%.bpf.c=$(BUILD)/%.skel.h)
UNIT_TESTS := $(UNIT:tests/%.c=$(BUILD)/%)
FUZZ_TARGETS := $(FUZZ:tests/%.c=$(BUILD)/%)

# Each prints TAP. Every script in these folders is a test.
LINTS := $(wildcard tests/lint/*.sh)
TESTS := $(UNIT_TESTS) $(wildcard tests/unit/*.sh) $(LINTS) $(wildcard tests/live/*.sh tests/runtimes/*.sh)

# Shows one line for a recipe; with V=1 its commands, with -s nothing.
quiet := $(findstring s,$(firstword -$(MAKEFLAGS)))
say = $(if $(filter 1,$(V))$(quiet),,@printf '  %-6s %s\n' $(1) $@;)

# What a compiler says is kept beside the object: lint-build wants it to say nothing.
said = 2>$(@:.o=.said); status=$$?; cat $(@:.o=.said) >&2; exit $$status

all: $(BUILD)/nsvigil
	@:
static: $(BUILD)/static/nsvigil
	@:
tests: $(BUILD)/static/nsvigil $(BUILD)/nsvigil-asan $(BUILD)/podlab $(BUILD)/idmap $(BUILD)/loop $(BUILD)/events $(BUILD)/feed $(UNIT_TESTS) $(FUZZ_TARGETS) $(BUILD)/vmlinux-check $(BUILD)/vmlinux/view.o
	@:

# BPF: the linker drops DWARF and keeps BTF, the skeleton is the object as a header.

$(BUILD)/%.bpf.o: %.bpf.c Makefile
	@mkdir -p $(@D)
	$(call say,BPF){ $(CLANG) $(BPF_FLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.tmp $< && \
		$(BPFTOOL) gen object $@ $@.tmp && rm $@.tmp; } $(said)

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(call say,SKEL)$(BPFTOOL) gen skeleton $< >$@

# nsvigil and what else runs on a node

$(foreach dir,obj asan,$(patsubst %.c,$(BUILD)/$(dir)/%.o,$(OUTER) $(MAIN))): $(SKELETONS)

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(C_FLAGS) $(CFLAGS) -MMD -MP -c -o $@ $< $(said)

$(BUILD)/libengine.a: $(ENGINE:%.c=$(BUILD)/obj/%.o)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/nsvigil: $(patsubst %.c,$(BUILD)/obj/%.o,$(MAIN) $(OUTER)) $(BUILD)/libengine.a
$(BUILD)/podlab: $(PODLAB:%.c=$(BUILD)/obj/%.o)
$(BUILD)/idmap: $(IDMAP:%.c=$(BUILD)/obj/%.o)
$(BUILD)/vmlinux-check: $(BUILD)/obj/vmlinux/check.o
$(BUILD)/loop: $(LOOP:%.c=$(BUILD)/obj/%.o)
$(BUILD)/events: $(patsubst %.c,$(BUILD)/obj/%.o,$(EVENTS) $(wildcard user/capture/*.c)) $(BUILD)/libengine.a
$(BUILD)/feed: $(patsubst %.c,$(BUILD)/obj/%.o,$(FEED) $(wildcard user/sink/*.c user/capture/*.c)) $(BUILD)/libengine.a
$(BUILD)/nsvigil $(BUILD)/podlab $(BUILD)/idmap $(BUILD)/loop $(BUILD)/events $(BUILD)/feed $(BUILD)/vmlinux-check:
	$(call say,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# The same objects with the libraries in it. ld warns of functions in the libraries that would load
# what is not there, such as getaddrinfo(): tests/live/static.sh sees that nsvigil calls none.

$(BUILD)/static/nsvigil: $(patsubst %.c,$(BUILD)/obj/%.o,$(MAIN) $(OUTER)) $(BUILD)/libengine.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(CFLAGS) $(filter-out -pie,$(LDFLAGS)) -static-pie -s -Wl,--no-warnings \
		-Wl,--trace -o $@ $^ -Wl,--start-group $(STATIC_LIBS) -Wl,--end-group >$@.linked

# Unit tests: all of it again with sanitizers. A test links what it calls.

$(BUILD)/asan/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(C_FLAGS) $(ASAN_FLAGS) -MMD -MP -c -o $@ $< $(said)

$(BUILD)/asan/libunit.a: $(patsubst %.c,$(BUILD)/asan/%.o,$(UNIT_HELPERS) $(ENGINE) $(OUTER))
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/unit/%: $(BUILD)/asan/tests/unit/%.o $(BUILD)/asan/libunit.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(ASAN_FLAGS) -o $@ $^ $(LIBS) -lcmocka

$(BUILD)/nsvigil-asan: $(patsubst %.c,$(BUILD)/asan/%.o,$(MAIN) $(OUTER) $(ENGINE))
	$(call say,LINK)$(CC) $(ASAN_FLAGS) -o $@ $^ $(LIBS)

# libFuzzer is clang's.

FUZZ_FLAGS = -O1 -g -fno-omit-frame-pointer $(SANITIZE)

$(BUILD)/fuzz/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,FUZZ)$(CLANG) $(C_FLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link -MMD -MP -c -o $@ $< $(said)

# Of the sources those that make events of what others write, and the table that options name.
PARSERS := $(addprefix user/source/,declared.c files.c hooktable.c idfiles.c kubelet.c manifest.c mountinfo.c owners.c podpath.c records.c stream.c yamlpick.c)

$(BUILD)/fuzz/libfuzzed.a: $(patsubst %.c,$(BUILD)/fuzz/obj/%.o,$(ENGINE) $(PARSERS) $(wildcard user/capture/*.c user/config/*.c user/sink/*.c))
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

# The configuration file is the administrator's if it is not as it was installed, which the one beside
# the documentation tells.
CONFIG := $(DESTDIR)$(ETCDIR)/nsvigil.yaml
CONFIG_INSTALLED := $(DESTDIR)$(DOCDIR)/nsvigil.yaml

install: all
	$(INSTALL) -D -m 0755 $(BUILD)/nsvigil $(DESTDIR)$(SBINDIR)/nsvigil
	sed 's|@SBINDIR@|$(SBINDIR)|g; s|@ETCDIR@|$(ETCDIR)|g' deploy/nsvigil.service.in | \
		$(INSTALL) -D -m 0644 /dev/stdin $(DESTDIR)$(UNITDIR)/nsvigil.service
	$(INSTALL) -D -m 0644 docs/nsvigil.8 $(DESTDIR)$(MANDIR)/man8/nsvigil.8
	$(INSTALL) -D -m 0644 docs/nsvigil.yaml.5 $(DESTDIR)$(MANDIR)/man5/nsvigil.yaml.5
	@if [ ! -e $(CONFIG) ] || cmp -s $(CONFIG) $(CONFIG_INSTALLED); then \
		$(INSTALL) -D -m 0644 deploy/nsvigil.yaml $(CONFIG); \
	else \
		echo "$(CONFIG) was changed, and stays; $(CONFIG_INSTALLED) is the new one"; \
		grep -q '^syslog:' $(CONFIG) || echo "Warning: $(CONFIG) has no syslog, and the unit sends" \
			"findings nowhere else: add the line 'syslog: local'" >&2; \
	fi
	$(INSTALL) -D -m 0644 deploy/nsvigil.yaml $(CONFIG_INSTALLED)
	$(INSTALL) -D -m 0644 docs/scan.schema.json $(DESTDIR)$(DOCDIR)/scan.schema.json
	$(INSTALL) -D -m 0644 docs/watch.schema.json $(DESTDIR)$(DOCDIR)/watch.schema.json
	$(INSTALL) -D -m 0644 docs/doctor.schema.json $(DESTDIR)$(DOCDIR)/doctor.schema.json
	$(INSTALL) -D -m 0644 docs/show.schema.json $(DESTDIR)$(DOCDIR)/show.schema.json
	$(INSTALL) -D -m 0644 docs/capture.md $(DESTDIR)$(DOCDIR)/capture.md
	$(INSTALL) -D -m 0644 LICENSE $(DESTDIR)$(DOCDIR)/LICENSE
	$(INSTALL) -D -m 0644 LICENSES/GPL-2.0-only.txt $(DESTDIR)$(DOCDIR)/GPL-2.0-only.txt

uninstall:
	@! cmp -s $(CONFIG) $(CONFIG_INSTALLED) || rm -f $(CONFIG)
	@rmdir $(DESTDIR)$(ETCDIR) 2>/dev/null || :
	rm -f $(DESTDIR)$(SBINDIR)/nsvigil $(DESTDIR)$(MANDIR)/man8/nsvigil.8 \
		$(DESTDIR)$(MANDIR)/man5/nsvigil.yaml.5 \
		$(DESTDIR)$(UNITDIR)/nsvigil.service
	rm -rf $(DESTDIR)$(DOCDIR)

clean:
	rm -rf $(BUILD)

# What a newcomer runs. Under sudo the compiler runs as the one who called it, if the tree is
# theirs to write; what an earlier build left to root is given to them.

AS_USER = $(shell [ "$$(id -u)" = 0 ] && [ "$${SUDO_USER:-root}" != root ] && \
	runuser -u "$$SUDO_USER" -- test -w . && echo runuser -u "$$SUDO_USER" --)
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# Not of every build: Helm's template engine, and Kubernetes' description of its API, for the chart;
# what makes an image, and runs it.
CHART_DEPS := golang-go golang-github-masterminds-sprig-dev python3-kubernetes
IMAGE_DEPS := buildah
# What boots guests. VM=: make check without them, as it is if TESTS= names some tests and VM_TESTS= none.
VM_DEPS := qemu-system-x86 cpio kmod xz-utils
VM ?= $(if $(or $(VM_TESTS),$(filter file,$(origin TESTS))),yes)

# Tests on the machine's own kernel are alone in their lane, and go first. Analysers have much to read, and a
# machine with much else to do takes its time.
LIVE = $(filter tests/live/% tests/runtimes/%,$(TESTS))
LANES = $(call lane,env TEST_TIMEOUT=$(LINT_TIMEOUT) tests/run,$(filter-out $(LIVE),$(TESTS))) $(call lane,tests/run,$(LIVE)) \
	$(if $(VM),$(GUEST_LANES))
GUEST_LANES = "tests/vm/run.sh" $(if $(KERNEL)$(VM_TESTS),,"tests/run tests/vm/hang.sh")
LINT_TIMEOUT = $(or $(TEST_TIMEOUT),1800)
lane = $(if $(2),"$(1) $(strip $(2))")

define prepare
	@[ "$$(id -u)" = 0 ] || { echo 'This needs root: sudo make $@' >&2; exit 1; }
	@$(DEPS)
	@[ -z "$(AS_USER)" ] || [ ! -d $(BUILD) ] || chown -Rh "$$SUDO_USER:" $(BUILD)
	+@$(AS_USER) $(MAKE) --no-print-directory $(JOBS) $(1)
endef

demo:
	$(call prepare,all $(BUILD)/podlab $(BUILD)/idmap)
	@BUILD=$(BUILD) tests/demo.sh

check:
	$(call prepare,all tests)
	@$(DEPS) $(CHART_DEPS) $(if $(VM),$(VM_DEPS))
	@BUILD=$(BUILD) AS_USER="$(AS_USER)" DURATIONS=$(BUILD)/durations tests/run --lanes $(LANES)

# What a change needs first: no root, no other kernel, and of the analysers what the change touches.
QUICK := $(UNIT_TESTS) $(filter-out tests/unit/fuzz.sh,$(wildcard tests/unit/*.sh))

check-quick:
	@$(DEPS)
	+@$(AS_USER) $(MAKE) --no-print-directory $(JOBS) all $(BUILD)/nsvigil-asan $(UNIT_TESTS)
	@BUILD=$(BUILD) AS_USER="$(AS_USER)" DURATIONS=$(BUILD)/durations tests/run --lanes \
		"tests/run $(QUICK)" "tests/run tests/lint/text.sh tests/lint/analysis.sh"

image:
	$(call prepare,static)
	@$(DEPS) $(IMAGE_DEPS)
	@BUILD=$(BUILD) deploy/image.sh $(BUILD)/nsvigil.tar

BENCH ?= $(wildcard tests/bench/*.sh)

bench:
	$(call prepare,all tests)
	@$(DEPS) sysdig
	@for each in $(BENCH); do echo "$$each:" && BUILD=$(BUILD) "$$each" || exit 1; done

fuzz:
	$(call prepare,all $(FUZZ_TARGETS))
	@BUILD=$(BUILD) tests/run tests/fuzz/run.sh

check-vm:
	$(call prepare,all tests)
	@$(DEPS) $(VM_DEPS) $(IMAGE_DEPS) podman nfs-kernel-server nfs-common debootstrap
	@BUILD=$(BUILD) DURATIONS=$(BUILD)/durations tests/run --lanes $(GUEST_LANES)

# What RESULTS has from runs of check and check-vm becomes the table in docs/kernels.md.
kernels:
	@{ printf '# %s: nsvigil %s, %s, %s, %s\n' "$$(date -u +%F)" $(VERSION) \
		"$$(runc --version | head -n 1)" "$$(crun --version | head -n 1)" \
		"QEMU $$(dpkg-query -W -f '$${Version}' qemu-system-x86)"; sort -u $(RESULTS); } >tests/vm/results.txt
	@python3 tests/vm/table.py tests/vm/results.txt >docs/kernels.md

deps:
	@$(DEPS)

lint: $(SKELETONS)
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
		--suppress=legacyUninitvar --suppress=ctuuninitvar --std=c11 -j $$(nproc) -D_GNU_SOURCE -Iinclude -Iuser \
		'-DLIBBPF_OPTS(type, name, ...)=struct type name = {__VA_ARGS__}' \
		'-DHASH_ITER(hh, head, each, next)=while ((each = head))' \
		'-Dbpf_object__for_each_program(each, object)=while ((each = next(object)))' \
		$(C_FILES)

# A script may include any that lies in tests/.
lint-shell:
	@$(call passed,shell,echo {}: tests/*.sh,$(SHELL_FILES)) $(SHELLCHECK) -x {}

help:
	@sed -n 's/^## \?//p' Makefile

.PHONY: all static tests vmlinux-check install uninstall clean demo check check-quick image bench fuzz check-vm kernels deps lint format \
	lint-format lint-tidy lint-cppcheck lint-shell help

# The compiler cannot write where an earlier build as root left its files.
FOREIGN := $(shell find $(BUILD) ! -type l ! -writable -print -quit 2>/dev/null)
ifneq ($(FOREIGN),)
$(error $(FOREIGN) is not yours: sudo chown -R "$$USER" $(BUILD))
endif

-include $(OBJECTS:.o=.d) $(ASAN_OBJECTS:.o=.d) $(wildcard $(BUILD)/fuzz/obj/*/*.d $(BUILD)/fuzz/obj/*/*/*.d) $(BPF:%.c=$(BUILD)/%.d)
