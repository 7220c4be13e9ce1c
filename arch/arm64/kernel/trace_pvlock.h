/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM pv_lock

#if !defined(_TRACE_PVLOCK_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_PVLOCK_H

#include <linux/tracepoint.h>

/* A CPU's structure, from which it is told whether it is preempted, is in use. */
TRACE_EVENT(pv_lock_structure,
	TP_PROTO(unsigned int cpu, phys_addr_t ipa),
	TP_ARGS(cpu, ipa),

	TP_STRUCT__entry(
		__field(unsigned int,	cpu)
		__field(u64,		ipa)
	),

	TP_fast_assign(
		__entry->cpu = cpu;
		__entry->ipa = ipa;
	),

	TP_printk("cpu=%u ipa=%#llx", __entry->cpu, __entry->ipa)
);

#endif /* _TRACE_PVLOCK_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace_pvlock

/* Outside the guard: it is read more than once. */
#include <trace/define_trace.h>
