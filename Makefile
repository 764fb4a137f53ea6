# SPDX-License-Identifier: BSD-2-Clause
#
## make            builds build/nsvigil
## make static     builds build/static/nsvigil, which needs no other file
## make image      builds build/nsvigil.tar, an image for each processor that has nothing else in it; PUSH=REGISTRY/NAME
## make deb        builds the package for Debian, in build/deb
## make tests      builds the tests and what they use
## make deps       installs missing packages (apt, as root)
## make demo       as root: shows nsvigil on a node in miniature; does deps and builds first
## make check      as root: runs all tests and lints; does deps and builds first; TESTS="PATH..." only these
## make check-quick
##                 after a change: unit tests, golden captures, formatting, analysers of what is new
## make check-vm   as root: the live tests on kernels of Debian's in QEMU; MATRIX=full, KERNEL, VM_TESTS, ROOT=sid
## make kernels    RESULTS=FILE that check and check-vm wrote: makes docs/kernels.md of it
## make bench     as root: measures what docs/performance.md has numbers of; BENCH=tests/bench/NAME.sh one
## make bench-vm  as root: what can be counted in instructions, in guests; KERNEL, BENCH="tests/bench/NAME.sh..."
## make fuzz      as root: 5 million executions of the targets in tests/fuzz; FUZZ_RUNS, FUZZ="NAME..."
## make lint       runs the lints only
## make format     formats the C sources in place
## make enums      writes docs/rules and the rules in nsvigil-rules(7), their names into the schemas, and what is supported into
##                 README, docs/install.md and the manual
## make sizes      writes the sizes of the static programs and of the image into the table of what is supported
## make compdb     makes compile_commands.json, for editors
## make dist       makes build/dist, all that a release has
## make check-packages
##                 as root: tests what dist made: installed, pushed, built twice
## make vmlinux-check [BTF=FILE]
##                 compares vmlinux/vmlinux.h with the running kernel or another one
## make install    DESTDIR, PREFIX (/usr/local), SBINDIR, MANDIR, DOCDIR, UNITDIR, ETCDIR (/etc/nsvigil), BASHDIR, ZSHDIR;
##                 a configuration file that was changed stays; and uninstall
## make clean
##
## ARCH=arm64 builds for that processor, below build/arm64; make deps ARCH=arm64 first. check-vm has guests of it.
## V=1 shows the commands. CC, CFLAGS, LDFLAGS, WERROR=-Werror and BUILD (build) may be set.

VERSION := 0.1.0

# Processors, by Debian's names. Another one than the machine's is built for beside it.
NATIVE := $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(shell uname -m)))
ARCH ?= $(NATIVE)
TRIPLET := $(patsubst arm64,aarch64,$(patsubst amd64,x86_64,$(ARCH)))-linux-gnu
BUILD := build$(if $(filter-out $(NATIVE),$(ARCH)),/$(ARCH))

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/nsvigil
UNITDIR ?= $(PREFIX)/lib/systemd/system
ETCDIR ?= /etc/nsvigil
RULE_URL ?= file://$(DOCDIR)/rules
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
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
ifneq ($(ARCH),$(NATIVE))
SYSROOT ?= $(BUILD)/sysroot
# Where it lies is not in what is built.
CC := $(TRIPLET)-gcc --sysroot=$(SYSROOT) -ffile-prefix-map=$(SYSROOT)=
AR := $(TRIPLET)-ar
PKG_CONFIG := env PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
	PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(TRIPLET)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig pkg-config
endif

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
LIBRARIES := libbpf libelf zlib json-c libevent_core libevent_extra libevent_openssl openssl libmd yaml-0.1 libseccomp

C_FLAGS = -std=gnu11 -fPIE -D_GNU_SOURCE -DNSVIGIL_VERSION=\"$(VERSION)\" \
	-DNSVIGIL_RULE_URL=\"$(RULE_URL)\" \
	-Iinclude -Iuser -isystem $(BUILD)/bpf $(LIB_CFLAGS) $(WARNINGS) $(WERROR)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
ASAN_FLAGS = -O1 -g -fno-omit-frame-pointer $(SANITIZE)

# In whatever folder it is built, it says the same. v3 is the newest instruction set that Linux 5.10 knows. A macro of libbpf's, BPF_PROG, makes
# parameters that are not used.
BPF_FLAGS = -target bpf -D__TARGET_ARCH_$(patsubst amd64,x86,$(ARCH)) -ffile-prefix-map=$(CURDIR)=. -mcpu=v3 -std=gnu11 -O2 -g -Iinclude -Ivmlinux \
	-Wall -Wextra -Wshadow -Wno-unused-parameter $(WERROR)

# Files: what lies in a folder is built. The engine stands alone, without libbpf.

BPF := $(wildcard bpf/*.bpf.c)
ENGINE := $(wildcard user/engine/*.c user/engine/*/*.c user/lib/*.c)
OUTER := $(wildcard user/source/*.c user/source/*/*.c user/sink/*.c user/capture/*.c user/config/*.c user/report/*.c user/confine/*.c user/doctor/*.c)
MAIN := $(wildcard user/*.c user/watch/*.c)
PODLAB := $(wildcard tests/podlab/*.c)
IDMAP := $(wildcard tests/idmap/*.c)
NEWBORN := tests/newborn/newborn.c
LOOP := tests/bench/loop.c
EMPTY := tests/bench/empty.c
EVENTS := tests/bench/events.c tests/bench/node.c
BENCHED := tests/bench/engine.c tests/bench/node.c
FEED := tests/syslog/feed.c
FUZZ := $(wildcard tests/fuzz/*.c)
FUZZ_HELPERS := $(wildcard tests/fuzz/common/*.c)
UNIT := $(wildcard tests/unit/test_*.c)
UNIT_HELPERS := $(filter-out $(UNIT),$(wildcard tests/unit/*.c))

C_FILES := $(ENGINE) $(OUTER) $(MAIN) $(PODLAB) $(IDMAP) $(NEWBORN) $(LOOP) $(EMPTY) $(EVENTS) $(filter-out $(EVENTS),$(BENCHED)) $(FEED) $(FUZZ) $(FUZZ_HELPERS) $(UNIT) $(UNIT_HELPERS) vmlinux/check.c
SHELL_FILES := .ci/run deploy/kubectl-nsvigil tests/run $(wildcard tests/*.sh tests/*/*.sh)
H_FILES := $(wildcard bpf/*.h include/*/*.h user/*.h user/*/*.h tests/*/*.h tests/*/*/*.h vmlinux/*.h)

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
# What tests outside tests/unit need.
tools: $(BUILD)/static/nsvigil $(BUILD)/nsvigil-asan $(BUILD)/podlab $(BUILD)/idmap $(BUILD)/newborn $(BUILD)/loop $(BUILD)/empty $(BUILD)/events $(BUILD)/engine $(BUILD)/feed $(BUILD)/unit/test_places $(BUILD)/vmlinux-check $(BUILD)/vmlinux/view.o
	@:
tests: tools $(BUILD)/model-check $(UNIT_TESTS) $(FUZZ_TARGETS)
	@:

# BPF: the linker drops DWARF and keeps BTF, the skeleton is the object as a header.

$(BUILD)/%.bpf.o: %.bpf.c Makefile
	@mkdir -p $(@D)
	$(call say,BPF){ $(CLANG) $(BPF_FLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c -o $@.tmp $< && \
		$(BPFTOOL) gen object $@ $@.tmp && rm $@.tmp; } $(said)

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(call say,SKEL)$(BPFTOOL) gen skeleton $< >$@

# nsvigil and what else runs on a node

ifdef SYSROOT
$(OBJECTS) $(ASAN_OBJECTS): | $(SYSROOT)

$(SYSROOT):
	$(call say,GET)deploy/sysroot.sh $(ARCH) $@
endif

$(foreach dir,obj asan,$(patsubst %.c,$(BUILD)/$(dir)/%.o,$(OUTER) $(MAIN))): $(SKELETONS)

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(C_FLAGS) $(CFLAGS) -MMD -MP -c -o $@ $< $(said)

$(BUILD)/libengine.a: $(ENGINE:%.c=$(BUILD)/obj/%.o)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/nsvigil: $(patsubst %.c,$(BUILD)/obj/%.o,$(MAIN) $(OUTER)) $(BUILD)/libengine.a
$(BUILD)/podlab: $(PODLAB:%.c=$(BUILD)/obj/%.o)
$(BUILD)/idmap: $(IDMAP:%.c=$(BUILD)/obj/%.o) $(patsubst arm64,$(BUILD)/idmap-32,$(filter arm64,$(ARCH)))
$(BUILD)/newborn: $(patsubst %.c,$(BUILD)/obj/%.o,$(NEWBORN) $(OUTER)) $(BUILD)/libengine.a
$(BUILD)/vmlinux-check: $(BUILD)/obj/vmlinux/check.o
$(BUILD)/empty: $(EMPTY:%.c=$(BUILD)/obj/%.o) | $(BUILD)/tests/bench/empty.bpf.o
$(BUILD)/engine: $(BENCHED:%.c=$(BUILD)/obj/%.o) $(BUILD)/libengine.a
$(BUILD)/events: $(patsubst %.c,$(BUILD)/obj/%.o,$(EVENTS) $(wildcard user/capture/*.c)) $(BUILD)/libengine.a
$(BUILD)/feed: $(patsubst %.c,$(BUILD)/obj/%.o,$(FEED) $(wildcard user/sink/*.c user/capture/*.c)) $(BUILD)/libengine.a
$(BUILD)/nsvigil $(BUILD)/podlab $(BUILD)/idmap $(BUILD)/newborn $(BUILD)/empty $(BUILD)/events $(BUILD)/engine $(BUILD)/feed $(BUILD)/vmlinux-check:
	$(call say,LINK)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter-out %-32,$^) $(LIBS)

# Only 32-bit code has arm64's 32-bit entry.
$(BUILD)/idmap-32: $(IDMAP)
	$(call say,CC)arm-linux-gnueabihf-gcc -std=gnu11 -O2 -D_GNU_SOURCE -static -o $@ $^

# Its fork and exec are the kernel's work, and not a dynamic linker's.
$(BUILD)/loop: $(LOOP:%.c=$(BUILD)/obj/%.o)
	$(call say,LINK)$(CC) $(CFLAGS) $(filter-out -pie,$(LDFLAGS)) -static-pie -o $@ $^

# The same objects with the libraries in it. ld warns of functions in the libraries that would load
# what is not there, such as getaddrinfo(): tests/live/static.sh sees that nsvigil calls none.

$(BUILD)/static/nsvigil: $(patsubst %.c,$(BUILD)/obj/%.o,$(MAIN) $(OUTER)) $(BUILD)/libengine.a
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(CFLAGS) $(filter-out -pie,$(LDFLAGS)) -static-pie -s -Wl,--no-warnings \
		-Wl,--trace -o $@ $^ -Wl,--start-group $(STATIC_LIBS) -Wl,--end-group >$@.linked

include tests/tests.mk

# The configuration file is the administrator's if it is not as it was installed, which the one beside
# the documentation tells.
CONFIG := $(DESTDIR)$(ETCDIR)/nsvigil.yaml
CONFIG_INSTALLED := $(DESTDIR)$(DOCDIR)/nsvigil.yaml

# The manual: pages, and links to them by the commands that share one.
MAN_PAGES := $(notdir $(wildcard docs/man/*))
MAN_LINKS := $(patsubst %,nsvigil-%.8,record show import health)
man_path = $(DESTDIR)$(MANDIR)/man$(patsubst .%,%,$(suffix $(1)))/$(1)
# $(call man_link,PAGE,COMMAND...): the page is about these commands, too.
man_link = $(foreach command,$(2),ln -sf $(1) $(call man_path,nsvigil-$(command).8) &&) :

install: all
	$(INSTALL) -D -m 0755 $(BUILD)/nsvigil $(DESTDIR)$(SBINDIR)/nsvigil
	sed 's|@SBINDIR@|$(SBINDIR)|g; s|@ETCDIR@|$(ETCDIR)|g' deploy/nsvigil.service.in | \
		$(INSTALL) -D -m 0644 /dev/stdin $(DESTDIR)$(UNITDIR)/nsvigil.service
	$(foreach page,$(MAN_PAGES),$(INSTALL) -D -m 0644 docs/man/$(page) $(call man_path,$(page)) &&) :
	$(call man_link,nsvigil-replay.8,record show import)
	$(call man_link,nsvigil-watch.8,health)
	$(INSTALL) -D -m 0644 deploy/completion/nsvigil.bash $(DESTDIR)$(BASHDIR)/nsvigil
	$(INSTALL) -D -m 0644 deploy/completion/_nsvigil $(DESTDIR)$(ZSHDIR)/_nsvigil
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
	$(INSTALL) -D -m 0644 docs/alerts.md $(DESTDIR)$(DOCDIR)/alerts.md
	$(foreach page,$(wildcard docs/rules/*.md),$(INSTALL) -D -m 0644 $(page) \
		$(DESTDIR)$(DOCDIR)/rules/$(notdir $(page)) &&) :
	$(INSTALL) -D -m 0644 LICENSE $(DESTDIR)$(DOCDIR)/LICENSE
	$(INSTALL) -D -m 0644 LICENSES/GPL-2.0-only.txt $(DESTDIR)$(DOCDIR)/GPL-2.0-only.txt

uninstall:
	@! cmp -s $(CONFIG) $(CONFIG_INSTALLED) || rm -f $(CONFIG)
	@rmdir $(DESTDIR)$(ETCDIR) 2>/dev/null || :
	rm -f $(DESTDIR)$(SBINDIR)/nsvigil $(foreach page,$(MAN_PAGES) $(MAN_LINKS),$(call man_path,$(page))) \
		$(DESTDIR)$(UNITDIR)/nsvigil.service $(DESTDIR)$(BASHDIR)/nsvigil $(DESTDIR)$(ZSHDIR)/_nsvigil
	rm -rf $(DESTDIR)$(DOCDIR)

clean:
	rm -rf $(BUILD)

# What a newcomer runs. Under sudo the compiler runs as the one who called it, if the tree is
# theirs to write; what an earlier build left to root is given to them.

AS_USER = $(shell [ "$$(id -u)" = 0 ] && [ "$${SUDO_USER:-root}" != root ] && \
	runuser -u "$$SUDO_USER" -- test -w . && echo runuser -u "$$SUDO_USER" --)
JOBS = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

# Not of every build: what fetches Helm, and Kubernetes' description of its API, for the chart;
# what the tests of packages want.
# Where somebody else's Node.js is installed, npm came with it, and Debian's would not go with that.
CHART_DEPS := $(if $(shell command -v npm),,npm) python3-kubernetes
PACKAGE_DEPS = lintian skopeo docker-registry debootstrap qemu-user-static faketime qemu-system-arm qemu-system-x86 $(GUEST_DEPS)
# What boots guests. VM=: make check without them, as it is if TESTS= names some tests and VM_TESTS= none.
GUEST_DEPS := cpio kmod xz-utils
VM_DEPS := $(if $(SYSROOT),qemu-system-arm qemu-user-static debootstrap,qemu-system-x86) $(GUEST_DEPS)
# What builds for another processor. Only 32-bit code has arm64's 32-bit entry.
ALL_CROSS_DEPS := gcc-aarch64-linux-gnu gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
CROSS_DEPS := $(if $(SYSROOT),$(ALL_CROSS_DEPS))
VM ?= $(if $(or $(VM_TESTS),$(filter file,$(origin TESTS))),yes)

# Tests on the machine's own kernel are alone in their lane. They are the longest: what only others need is built beside them.
# At their end the other lanes are done, which is when those come that keep a processor busy.
BUSY := $(patsubst %,tests/live/%.sh,attacks exhaust layouts limits neighbours quiet)
LIVE = $(filter-out $(BUSY),$(filter tests/live/% tests/runtimes/%,$(TESTS))) $(filter $(BUSY),$(TESTS))
LANES = $(call lane,tests/run tests/built.sh,$(filter-out $(LIVE),$(TESTS))) $(call lane,tests/run,$(LIVE)) \
	$(if $(VM),$(GUEST_LANES))
GUEST_LANES = "tests/vm/run.sh" $(if $(KERNEL)$(VM_TESTS)$(SYSROOT),,"tests/run tests/vm/hang.sh")
lane = $(if $(strip $(2)),"$(1) $(strip $(2))")

define prepare
	@[ "$$(id -u)" = 0 ] || { echo 'This needs root: sudo make $@' >&2; exit 1; }
	@$(DEPS) $(CROSS_DEPS)
	@[ -z "$(AS_USER)" ] || [ ! -d $(BUILD) ] || chown -Rh "$$SUDO_USER:" $(BUILD)
	+@$(AS_USER) $(MAKE) --no-print-directory $(JOBS) $(1)
endef

demo:
	@[ "$$(id -u)" = 0 ] || { echo 'This needs root: sudo make $@' >&2; exit 1; }
	@echo 'Installing what is missing, and building nsvigil: minutes, the first time.'
	+@log=$$(mktemp) && if { $(DEPS) && { [ -z "$(AS_USER)" ] || [ ! -d $(BUILD) ] || \
			chown -Rh "$$SUDO_USER:" $(BUILD); } && \
			$(AS_USER) $(MAKE) --no-print-directory $(JOBS) all $(BUILD)/podlab $(BUILD)/idmap; \
		} >"$$log" 2>&1; then rm -f "$$log"; else cat "$$log" >&2; rm -f "$$log"; exit 1; fi
	@BUILD=$(BUILD) tests/demo.sh

check:
	$(call prepare,all tools)
	@$(DEPS) $(CHART_DEPS) $(if $(VM),$(VM_DEPS))
	@BUILD=$(BUILD) AS_USER="$(AS_USER)" DURATIONS=$(BUILD)/durations tests/run --lanes $(LANES)

# What a change needs first: no root, no other kernel, and of the analysers what the change touches.
QUICK := $(UNIT_TESTS) $(filter-out $(addprefix tests/unit/,feed.sh fuzz.sh model_check.sh node_files.sh),$(wildcard tests/unit/*.sh))

check-quick:
	@$(DEPS)
	+@$(AS_USER) $(MAKE) --no-print-directory $(JOBS) all $(BUILD)/nsvigil-asan $(BUILD)/model-check $(UNIT_TESTS)
	@BUILD=$(BUILD) AS_USER="$(AS_USER)" DURATIONS=$(BUILD)/durations tests/run --lanes \
		"tests/run $(QUICK)" "tests/run tests/lint/text.sh tests/lint/analysis.sh tests/unit/model_check.sh"

deps:
	@$(DEPS) $(CROSS_DEPS)

include tests/lint/lint.mk

# What nsvigil explain says of the rules, in docs/rules and nsvigil-rules(7); their names, in the schemas and in the table of
# kernels; and what is supported, where readers look.
enums: $(BUILD)/nsvigil
	@python3 docs/rule_pages.py $(BUILD)/nsvigil
	@python3 docs/enums.py $(BUILD)/nsvigil
	@python3 tests/vm/table.py tests/vm/results.txt >docs/kernels.md
	@python3 docs/supported.py

# For editors: how each source is compiled.
compdb:
	@$(MAKE) -s --always-make --dry-run V=1 WERROR= all tests 2>/dev/null | python3 tests/compdb.py >compile_commands.json

# When the sources were last changed: what is made of them does not say when it was made.
export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || stat -c %Y Makefile)

# The package for Debian, in build/deb.
DEB_DEPS := debhelper dpkg-dev
deb: | $(SYSROOT)
	@$(DEPS) $(CROSS_DEPS) $(DEB_DEPS)
	@$(if $(SYSROOT),SYSROOT=$(abspath $(SYSROOT))) deploy/deb.sh $(ARCH) $(abspath $(BUILD)/deb) $(VERSION)
	@ls $(BUILD)/deb/*.deb

# Of both processors: what a release has, and the image. With PUSH=REGISTRY/NAME the image goes there, by what else
# skopeo is given: PUSH_OPTIONS.
ARCHS := amd64 arm64
FOREIGN_DEPS = $(if $(filter-out $(NATIVE),$(ARCHS)),$(ALL_CROSS_DEPS))
BUILDS := $(patsubst $(BUILD)/$(NATIVE),$(BUILD),$(addprefix $(BUILD)/,$(ARCHS)))
each_arch = +@for arch in $(ARCHS); do $(MAKE) --no-print-directory ARCH=$$arch $(1) || exit; done

dist:
	@$(DEPS) $(FOREIGN_DEPS) $(DEB_DEPS)
	$(call each_arch,static deb)
	@deploy/dist.sh $(BUILD)/dist $(VERSION) $(BUILDS)

image:
	@$(DEPS) $(FOREIGN_DEPS) $(if $(PUSH),skopeo)
	$(call each_arch,static)
	@deploy/image.sh $(BUILD)/nsvigil.tar $(BUILDS)
	$(if $(PUSH),skopeo copy --all $(PUSH_OPTIONS) oci-archive:$(BUILD)/nsvigil.tar docker://$(PUSH):$(VERSION))

sizes:
	@$(DEPS) $(FOREIGN_DEPS)
	$(call each_arch,static)
	@deploy/image.sh $(BUILD)/nsvigil.tar $(BUILDS) | python3 docs/sizes.py
	@python3 docs/supported.py

# What is made for others: as root, in roots of Debian's releases, with a registry, and built twice.
check-packages:
	@$(DEPS) $(FOREIGN_DEPS) $(DEB_DEPS) $(PACKAGE_DEPS)
	+@$(MAKE) --no-print-directory dist
	@BUILD=$(BUILD) DURATIONS=$(BUILD)/durations TEST_TIMEOUT=3600 tests/run $(wildcard tests/packages/*.sh)

help:
	@sed -n 's/^## \?//p' Makefile

.PHONY: all deb static tests tools vmlinux-check install uninstall clean demo check check-quick image bench bench-vm fuzz check-vm kernels deps lint format enums compdb dist sizes check-packages \
	lint-format lint-tidy lint-cppcheck lint-shell help

# The compiler cannot write where an earlier build as root left its files.
FOREIGN := $(shell find $(BUILD) ! -type l ! -writable -print -quit 2>/dev/null)
ifneq ($(FOREIGN),)
$(error $(FOREIGN) is not yours: sudo chown -R "$$USER" $(BUILD))
endif

-include $(OBJECTS:.o=.d) $(ASAN_OBJECTS:.o=.d) $(wildcard $(BUILD)/fuzz/obj/*/*/*.d $(BUILD)/fuzz/obj/*/*/*/*.d) $(BPF:%.c=$(BUILD)/%.d)
