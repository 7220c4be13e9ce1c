/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an emulator of arm64 models, in words on the first serial port.  It starts
 * at EL2 of QEMU's machine "virt", and ends in a power off.
 *
 *	wfe		WFE at EL1 waits for an event of the event stream
 *	wfe-ldxr	... after LDXR, too
 *	wfe-trap	HCR_EL2.TWE traps it
 *	nv2		FEAT_NV2, for guests with EL2
 *	end		nothing is missing
 */
#define UART		0x09000000
#define PSCI_OFF	0x84000008
#define HCR_TWE		(1 << 14)
#define HCR_RW		(1 << 31)
#define SPSR_EL1H	0x3c5		/* everything masked */
#define CNTKCTL_EVENTS	0xf4		/* an event per 1 << 16 ticks */
#define LONG		(1 << 14)	/* ticks: longer than a WFE that does nothing */
#define ESR_EC_WFX	1

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

	/* count INSTRUCTIONS: x20 is how many of 100 WFEs after them take long. */
	.macro count, instructions:vararg
	mov	x19, #100
	mov	x20, #0
1:	\instructions
	isb
	mrs	x1, cntvct_el0
	wfe
	isb
	mrs	x2, cntvct_el0
	sub	x2, x2, x1
	cmp	x2, #LONG
	cinc	x20, x20, hs
	subs	x19, x19, #1
	b.ne	1b
	hvc	#0
	.endm

	.text
	.global	_start
_start:
	adr	x0, vectors
	msr	vbar_el2, x0
	ldr	x0, =HCR_RW
	msr	hcr_el2, x0
	ldr	x0, =0x30d00800		/* SCTLR_EL1: MMU off */
	msr	sctlr_el1, x0
	msr	cntvoff_el2, xzr
	mov	x0, #CNTKCTL_EVENTS
	msr	cntkctl_el1, x0
	adr	x23, vectors
	isb

	at_el1	plain
	cmp	x20, #50
	b.lo	2f
	say	"wfe "

	/* Where the first does not wait, neither does this. */
	at_el1	exclusive
	cmp	x20, #50
	b.lo	2f
	say	"wfe-ldxr "

2:	ldr	x0, =(HCR_RW | HCR_TWE)
	msr	hcr_el2, x0
	at_el1	trapped
	lsr	x21, x21, #26
	cmp	x21, #ESR_EC_WFX
	b.ne	3f
	say	"wfe-trap "

3:	mrs	x0, id_aa64mmfr2_el1
	ubfx	x0, x0, #24, #4
	cmp	x0, #2
	b.lo	4f
	say	"nv2 "

4:	say	"end\n"
off:	ldr	x0, =PSCI_OFF
	smc	#0
	b	.

plain:		count	nop
exclusive:	count	ldxr x0, [x23]

	/* A WFE with the event register set does not trap. */
trapped:
	wfe
	wfe
	hvc	#0

print:
	ldr	x1, =UART
5:	ldrb	w2, [x0], #1
	cbz	w2, 6f
	str	w2, [x1]
	b	5b
6:	ret

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
