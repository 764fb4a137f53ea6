// SPDX-License-Identifier: BSD-2-Clause
#include "confine/calls.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* mm/prctl of glibc's malloc; include/uapi/linux/prctl.h */
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

/* With any arguments. By what needs them. */
static const int calls[] = {
	/* memory */
	SCMP_SYS(brk),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	/* files, as far as Landlock lets them be opened */
	SCMP_SYS(access),
	SCMP_SYS(close),
	SCMP_SYS(dup),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(fcntl),
	SCMP_SYS(fdatasync),
	SCMP_SYS(flock),
	SCMP_SYS(fstat),
	SCMP_SYS(fstatfs),
	SCMP_SYS(fsync),
	SCMP_SYS(ftruncate),
	SCMP_SYS(getdents64),
	SCMP_SYS(lseek),
	SCMP_SYS(lstat),
	SCMP_SYS(memfd_create),
	SCMP_SYS(newfstatat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(openat2),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(read),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(readv),
	SCMP_SYS(stat),
	SCMP_SYS(statfs),
	SCMP_SYS(statx),
	SCMP_SYS(unlink),
	SCMP_SYS(unlinkat),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	/* the loop, and what it waits for */
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(inotify_add_watch),
	SCMP_SYS(inotify_init1),
	SCMP_SYS(inotify_rm_watch),
	SCMP_SYS(nanosleep),
	SCMP_SYS(pidfd_open),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(pselect6),
	SCMP_SYS(select),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(signalfd4),
	SCMP_SYS(timerfd_settime),
	/* sockets */
	SCMP_SYS(accept4),
	SCMP_SYS(bind),
	SCMP_SYS(connect),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),
	/* threads and signals, of its own */
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(membarrier),
	SCMP_SYS(rseq),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(sigaltstack),
	/* what it is, and when */
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(getegid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(getrusage),
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(getuid),
	SCMP_SYS(sysinfo),
	SCMP_SYS(time),
	SCMP_SYS(uname),
};

/* Of calls that can do much, what they are needed for: whose argument has that value, under the mask. */
static const struct allowed {
	int call;
	unsigned arg;
	scmp_datum_t mask, value;
} allowed[] = {
	/* Maps that are there, iterators, and what links and programs are; nothing is loaded. */
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_LOOKUP_ELEM},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_UPDATE_ELEM},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_DELETE_ELEM},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_GET_NEXT_KEY},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_MAP_LOOKUP_BATCH},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_OBJ_GET_INFO_BY_FD},
	{SCMP_SYS(bpf), 0, UINT32_MAX, BPF_ITER_CREATE},
	/* A thread, and no process. */
	{SCMP_SYS(clone), 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM},
	/* NS_GET_MNTNS_ID, FIONREAD, FIONBIO, TCGETS */
	{SCMP_SYS(ioctl), 1, UINT32_MAX, 0x8008b705},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, 0x541b},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, 0x5421},
	{SCMP_SYS(ioctl), 1, UINT32_MAX, 0x5401},
	/* No memory becomes code. */
	{SCMP_SYS(mmap), 2, PROT_EXEC, 0},
	{SCMP_SYS(mprotect), 2, PROT_EXEC, 0},
	{SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_NAME},
	{SCMP_SYS(prctl), 0, UINT32_MAX, PR_SET_VMA},
	/* Its own limits are read. */
	{SCMP_SYS(prlimit64), 2, UINT64_MAX, 0},
	{SCMP_SYS(socket), 0, UINT32_MAX, AF_UNIX},
	{SCMP_SYS(socket), 0, UINT32_MAX, AF_INET},
	{SCMP_SYS(socket), 0, UINT32_MAX, AF_INET6},
};

/* listmount(2) and statmount(2), which libseccomp may not know: the same on every architecture. */
static const int numbers[] = {457, 458};

/* Writes it in decimal. Returns how many characters that are. */
static size_t put_number(char *out, unsigned n)
{
	char digits[12];
	size_t len = 0;

	do
		digits[len++] = (char)('0' + n % 10);
	while (n /= 10);
	for (size_t i = 0; i < len; i++)
		out[i] = digits[len - 1 - i];
	return len;
}

/* What is called here must be safe in a handler: signal-safety(7). */
static void on_refused(int sig, siginfo_t *info, void *context)
{
	static const char before
		[] = "nsvigil: ended: system call ",
	  after[] =
		  " is not one that nsvigil makes: the process was taken over, or this is a bug; see "
		  "--confine in nsvigil-watch(8)\n";
	char text[sizeof(before) + 12 + sizeof(after)];
	struct sigaction action = {.sa_handler = SIG_DFL};
	size_t len = sizeof(before) - 1;
	ssize_t written;

	(void)context;
	memcpy(text, before, len);
	len += put_number(text + len, (unsigned)info->si_syscall);
	memcpy(text + len, after, sizeof(after) - 1);
	len += sizeof(after) - 1;
	written = write(STDERR_FILENO, text, len);
	(void)written;
	/* It is pending until the handler returns. */
	sigaction(sig, &action, NULL);
	raise(sig);
}

static int allow(scmp_filter_ctx filter, const struct allowed *its)
{
	const struct scmp_arg_cmp that = {its->arg, SCMP_CMP_MASKED_EQ, its->mask, its->value};

	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, its->call, 1, &that);
}

static int add_calls(scmp_filter_ctx filter)
{
	/* Signals to itself. */
	const struct allowed own = {SCMP_SYS(tgkill), 0, UINT32_MAX, (scmp_datum_t)getpid()};
	int err = allow(filter, &own);

	for (size_t i = 0; !err && i < sizeof(calls) / sizeof(*calls); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	for (size_t i = 0; !err && i < sizeof(numbers) / sizeof(*numbers); i++)
		err = seccomp_rule_add(filter, SCMP_ACT_ALLOW, numbers[i], 0);
	for (size_t i = 0; !err && i < sizeof(allowed) / sizeof(*allowed); i++)
		err = allow(filter, &allowed[i]);
	/* Its flags are in memory, where a filter does not see them: glibc then takes clone(). */
	if (!err)
		err = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return err;
}

int calls_confine(bool log)
{
	struct sigaction action = {.sa_sigaction = on_refused, .sa_flags = SA_SIGINFO};
	scmp_filter_ctx filter = seccomp_init(log ? SCMP_ACT_LOG : SCMP_ACT_TRAP);
	int err;

	if (!filter)
		return -ENOMEM;
	err = add_calls(filter);
	/* Of threads there are none yet, and what a call of another processor's mode is for nobody knows. */
	if (!err)
		err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	/* Most calls of a loop are found by a search and not one after the other. */
	if (!err)
		err = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!err && sigaction(SIGSYS, &action, NULL))
		err = -errno;
	if (!err)
		err = seccomp_load(filter);
	seccomp_release(filter);
	return err;
}
