/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Programs that the kernel preempts. It leaves one out, on a processor, as long as a task that it preempted is in
 * the same one: kernel/bpf/trampoline.c, __bpf_prog_enter_recur() (where CONFIG_PREEMPT or PREEMPT_LAZY is in
 * force), and kernel/trace/bpf_trace.c, __bpf_trace_run() (since Linux 7.0 include/linux/tracepoint.h,
 * __DECLARE_TRACE(), calls it under SRCU, and not with preemption disabled).
 *
 * So there, each program has a stand-in, NAME_again, on the same place, which does what it left undone: an event is
 * lost if both are left out, which the kernel counts (user/source/bpf/misses.c). And neither is preempted but in the
 * kernel's own few instructions around it, where the kernel lets it say so.
 */
#ifndef NSVIGIL_BPF_AGAIN_H
#define NSVIGIL_BPF_AGAIN_H

#include "state.h"

/* Programs have stand-ins here. */
const volatile bool has_again = false;

/* And the kernel lets them say that they are not to be preempted. */
const volatile bool in_one_go = false;

/* Since Linux 6.10, and 6.14. */
extern void bpf_preempt_disable(void) __weak __ksym;
extern void bpf_preempt_enable(void) __weak __ksym;
extern void bpf_local_irq_save(unsigned long *flags) __weak __ksym;
extern void bpf_local_irq_restore(unsigned long *flags) __weak __ksym;

/*
 * What enables preemption again is where the task would be preempted if that was due, still in the program. But not
 * while interrupts are off (kernel/sched/core.c, preempt_schedule()), and nothing looks for it when they are on again:
 * so it is preempted when the program is over.
 */
#define IN_ONE_GO(does)                                                                            \
	do {                                                                                       \
		unsigned long go_flags;                                                            \
                                                                                                   \
		if (in_one_go)                                                                     \
			bpf_preempt_disable();                                                     \
		does;                                                                              \
		if (in_one_go) {                                                                   \
			bpf_local_irq_save(&go_flags);                                             \
			bpf_preempt_enable();                                                      \
			bpf_local_irq_restore(&go_flags);                                          \
		}                                                                                  \
	} while (0)

#define PAIRS 16

/* Who a program, or a stand-in of it, ran for last. By the last stand-in that is taken away. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PAIRS);
	__type(key, __u32);
	__type(value, __u64);
} ran SEC(".maps");

static __always_inline void has_run(__u32 pair)
{
	__u64 *who = has_again ? bpf_map_lookup_elem(&ran, &pair) : NULL;

	if (who)
		*who = bpf_get_current_task();
}

/*
 * Whether the program was left out for what its stand-in now sees: user space compares how often that was with how
 * often the kernel says so. A task that was preempted between both, while another one was in them, is taken for one that
 * was: what is only counted is then counted twice, rather than not at all.
 */
static __always_inline bool was_left_out(__u32 pair, __u64 *caught, bool last)
{
	__u64 *who = bpf_map_lookup_elem(&ran, &pair);
	const __u64 task = bpf_get_current_task();
	bool left_out;

	if (!who)
		return false;
	left_out = *who != task;
	*who = last ? 0 : task;
	if (left_out)
		__sync_fetch_and_add(caught, 1);
	return left_out;
}

/*
 * A program and its stand-in. Doing twice what they do must say no more than once; where it takes more than what the
 * task's state says to know that, `again` tells them apart.
 */
#define TWICE(section, name, does, args...) PAIR(__COUNTER__, section, name, does, ##args)
#define PAIR(n, section, name, does, args...)                                                      \
	FIRST(n, section, name, does, ##args)                                                      \
	AGAIN(n, true, section, name, name##_again, does, ##args)

/*
 * What is done most often has two more: beside four busy loops and all tests, all of three were left out for 5 and for 22
 * of some millions of checks in an hour.
 */
#define FOURFOLD(section, name, does, args...) FOUR(__COUNTER__, section, name, does, ##args)
#define FOUR(n, section, name, does, args...)                                                      \
	FIRST(n, section, name, does, ##args)                                                      \
	AGAIN(n, false, section, name, name##_again, does, ##args)                                 \
	AGAIN(n, false, section, name, name##_again_again, does, ##args)                           \
	AGAIN(n, true, section, name, name##_again_again_again, does, ##args)

#define FIRST(n, section, name, does, args...)                                                     \
	_Static_assert((n) < PAIRS, "pairs");                                                      \
	__u64 caught_##name;                                                                       \
                                                                                                   \
	SEC(section)                                                                               \
	int BPF_PROG(name, ##args)                                                                 \
	{                                                                                          \
		const bool again = false;                                                          \
                                                                                                   \
		(void)again;                                                                       \
		does;                                                                              \
		has_run(n);                                                                        \
		return 0;                                                                          \
	}

#define AGAIN(n, last, section, name, again_name, does, args...)                                   \
	SEC(section)                                                                               \
	int BPF_PROG(again_name, ##args)                                                           \
	{                                                                                          \
		const bool again = true;                                                           \
                                                                                                   \
		(void)again;                                                                       \
		if (was_left_out(n, &caught_##name, last))                                         \
			does;                                                                      \
		return 0;                                                                          \
	}

#define PROGRAM(section, name, does, args...) TWICE(section, name, IN_ONE_GO(does), ##args)

#endif
