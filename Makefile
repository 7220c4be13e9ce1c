# SPDX-License-Identifier: GPL-2.0-only
# Each target calls one script; "make help" lists targets and variables.

.PHONY: all run test list guest stress fuzz test-all bench bench-overcommit timeline calibrate check check-quick summary tree export send modules clean help

all: run

run:		## fetch, apply, build, boot in four modes and show (plain "make")
	@scripts/run

test:		## KUnit, KVM selftests, kexec, resume, tracing and types in every mode (T=, M=)
	@scripts/test

list:		## the parts, modes and tests that T= and M= can name
	@scripts/test --list

guest:		## Linux guests that use PV lock, under the QEMU of patches/qemu, in every mode
	@scripts/guest

stress:		## PV lock under KASAN, lockdep and PROVE_RCU: selftest, and lock torture in a guest
	@scripts/stress

fuzz:		## fuzz KVM from guests, from a VMM and from the host, in every mode (FUZZ_SEED=, CALLS=)
	@scripts/fuzz

test-all:	## the series in kernels of many kinds: debug, KCSAN, clang, RT, ...; hours (CELL=)
	@scripts/test-all

bench:		## count instructions on the untouched kernel and on the series
	@scripts/bench

bench-overcommit: ## PV lock where vCPUs outnumber CPUs, untouched kernel against series; hours (CELL=, ROUNDS=)
	@scripts/overcommit

timeline:	## a picture of who runs, waits and holds a lock (after bench-overcommit)
	@scripts/timeline

calibrate:	## the same loads on x86, whose gain is known
	@scripts/calibrate

check:		## the patches as a reviewer reads them: apply, build one by one, checkpatch, sparse, docs (TOPIC=)
	@scripts/deps build check cocci clang
	@scripts/check

check-quick:	## the checks that build nothing (TOPIC=)
	@scripts/deps build check
	@scripts/check --quick

summary:	## per topic: patches, lines, largest patch, recipients
	@scripts/deps build check
	@scripts/summary

tree:		## the kernel tree with the series applied, to work in
	@scripts/deps build
	@scripts/tree

export:		## rewrite patches/ and the overlay from that tree
	@scripts/export

send:		## a dry run of sending a topic (TOPIC=); SEND=yes sends
	@scripts/deps check
	@scripts/send

# On an arm64 machine that runs a kernel with the series nothing needs to be given.
KDIR ?= /lib/modules/$(shell uname -r)/build
ifneq ($(shell uname -m),aarch64)
modules: export CROSS_COMPILE ?= aarch64-linux-gnu-
endif
modules:	## the KUnit suites as modules, into build/modules (KDIR=<built kernel>)
	@mkdir -p build/modules
	@$(MAKE) -C $(abspath $(KDIR)) ARCH=arm64 M=$(CURDIR) MO=$(CURDIR)/build/modules modules

clean:		## remove everything generated, unless work would be lost
	@scripts/clean

help:		## this list
	@sed -n 's/^\([a-z-]*\):[\t ]*## /\1\t/p' Makefile | expand -t 18
	@echo
	@sed -n 's/^#v /  /p' Makefile

#v Variables, on the command line or in the environment:
#v   T=, M=        parts or tests, and modes, for make test (make list)
#v   TOPIC=        one topic, for check and send
#v   KERNEL_SRC=   another base kernel: tree, tarball or git URL; "default" is the package
#v   QEMU=         the emulator to boot with; QEMU_ARGS= more arguments for it
#v   V=1, GDB=1    show the console; wait for gdb
#v   DEPS=no       only list missing packages; DEPS=skip does not look
#v   CELL=, ROUNDS= what make bench-overcommit and calibrate measure, and how often
#v   JOBS=         parallel jobs of a build
#v   LLVM=-19      build with clang
#v   SENDER=       who sends; SEND=yes sends
