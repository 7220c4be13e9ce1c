/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an emulator of arm64 models, in words on the first serial port.  It starts
 * at EL2 of QEMU's machine "virt", with two CPUs that take turns on one thread, and
 * ends in a power off.
 *
 *	wfe		WFE at EL1 waits for an event
 *	wfe-ldxr	... after LDXR, too
 *	wfe-trap	HCR_EL2.TWE traps it
 *	nv2		FEAT_NV2, for guests with EL2
 *	end		nothing is missing
 *
 * No time is measured, since the machine may be busy.  CPU 1 executes WFEs, for
 * which there are no events, as many as CPU 0 gives it turns and less.
 */
#define UART		0x09000000
#define PSCI_CPU_ON	0xc4000003
#define PSCI_OFF	0x84000008
#define HCR_TWE		(1 << 14)
#define HCR_RW		(1 << 31)
#define SPSR_EL1H	0x3c5		/* everything masked */
#define ESR_EC_WFX	1
#define WFES		100
#define TURNS		10000

	/* say STRING: print it.  Clobbers x0 to x2. */
	.macro say, string:vararg
	adr	x0, .Lstring\@
	bl	print
	b	.Lsaid\@
.Lstring\@:
	.asciz	\string
	.balign	4
.Lsaid\@:
	.endm

	/* at_el1 LABEL: run it at EL1 until it traps; x21 is the reason. */
	.macro at_el1, label
	adr	x22, .Lback\@
	adr	x0, \label
	msr	elr_el2, x0
	mov	x0, #SPSR_EL1H
	msr	spsr_el2, x0
	eret
.Lback\@:
	.endm

	/* turns NUMBER, DONE: give CPU 1 some; its NUMBER-th part is done: go to DONE. */
	.macro turns, number, done
	mov	x3, #TURNS
1:	yield
	ldr	x4, [x23]
	cmp	x4, #\number
	b.hs	\done
	subs	x3, x3, #1
	b.ne	1b
	.endm

	.text
	.global	_start
_start:
	bl	setup
	ldr	x0, =PSCI_CPU_ON
	mov	x1, #1
	adr	x2, start_cpu1
	smc	#0

	turns	1, 3f
	say	"wfe "
2:	sev				/* CPU 1 gets on by these alone */
	yield
	ldr	x4, [x23]
	cbz	x4, 2b
	str	x4, [x23, #8]
	turns	2, 3f
	say	"wfe-ldxr "

3:	ldr	x0, =(HCR_RW | HCR_TWE)
	msr	hcr_el2, x0
	at_el1	trapped
	lsr	x21, x21, #26
	cmp	x21, #ESR_EC_WFX
	b.ne	4f
	say	"wfe-trap "

4:	mrs	x0, id_aa64mmfr2_el1
	ubfx	x0, x0, #24, #4
	cmp	x0, #2
	b.lo	5f
	say	"nv2 "

5:	say	"end\n"
off:	ldr	x0, =PSCI_OFF
	smc	#0
	b	.

	/* A WFE with the event register set does not trap. */
trapped:
	wfe
	wfe
	hvc	#0

start_cpu1:
	bl	setup
	at_el1	wfes
wfes:
	mov	x0, #WFES
1:	wfe
	subs	x0, x0, #1
	b.ne	1b
	mov	x1, #1
	str	x1, [x23]
2:	yield				/* until CPU 0 has said what it saw */
	ldr	x1, [x23, #8]
	cbz	x1, 2b
	mov	x0, #WFES
3:	ldxr	x1, [x23]
	wfe
	subs	x0, x0, #1
	b.ne	3b
	mov	x1, #2
	str	x1, [x23]
	b	.

setup:
	adr	x0, vectors
	msr	vbar_el2, x0
	ldr	x0, =HCR_RW
	msr	hcr_el2, x0
	ldr	x0, =0x30d00800		/* SCTLR_EL1: MMU off */
	msr	sctlr_el1, x0
	msr	cntkctl_el1, xzr	/* no event stream */
	msr	cnthctl_el2, xzr
	adr	x23, done
	isb
	ret

print:
	ldr	x1, =UART
6:	ldrb	w2, [x0], #1
	cbz	w2, 7f
	str	w2, [x1]
	b	6b
7:	ret

	.balign	2048
vectors:
	.rept	8
	.balign	128
	b	off
	.endr
	.balign	128
	mrs	x21, esr_el2		/* from EL1, synchronous */
	br	x22
	.rept	7
	.balign	128
	b	off
	.endr

	.balign	8
done:	.quad	0, 0		/* parts that CPU 1 has done; and CPU 0 has seen */
