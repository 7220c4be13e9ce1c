# Each target calls one script; "make help" lists them.
#
# On the command line or from the environment: DEPS=no installs nothing,
# KERNEL_SRC= names a kernel tree, tarball or git URL instead of the download,
# JOBS= limits a build, LLVM=-19 builds with clang.  T= and M= pick tests and modes
# for "make test", see "make list".

.PHONY: all run test list guest stress bench check tree export send modules clean help

all: run

run:		## fetch, apply, build, boot in four modes and show (plain "make")
	@scripts/run

test:		## KUnit, KVM selftests, kexec and trace in every mode; T= and M= pick
	@scripts/test

list:		## the tests, their parts and the modes
	@scripts/test --list

guest:		## Linux guests that use PV lock, under the QEMU of patches/qemu, in every mode
	@scripts/guest

stress:		## 10,000 preemptions in a kernel with KASAN, lockdep and PROVE_RCU
	@scripts/stress

bench:		## count instructions on the untouched kernel and on the series
	@scripts/bench

check:		## does the series hold up: applies, builds patch by patch, checkpatch, sparse, docs
	@scripts/deps build check clang
	@scripts/check

tree:		## the kernel tree with the series applied, to work in
	@scripts/deps build
	@scripts/tree

export:		## rewrite patches/ and the overlay from that tree
	@scripts/export

send:		## a dry run of sending the series; SEND=yes sends
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
	@sed -n 's/^\([a-z]*\):\t*## /\1\t/p' Makefile | expand -t 12
