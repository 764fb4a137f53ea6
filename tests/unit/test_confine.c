// SPDX-License-Identifier: BSD-2-Clause
/* What is refused once a process is confined: user/confine/. Each thing is tried, in a child of its own. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "confine/calls.h"
#include "confine/caps.h"
#include "confine/confine.h"

/* An exit status of a child: nothing that is tried ends with it. */
#define NOT_CONFINED 99

static char scratch[] = "/tmp/nsvigil-confine-XXXXXX";

struct call {
	const char *name;
	long number, args[6];
};

/* The wait status of a child that is confined by `set_up` and then tries. */
static int in_child(int (*set_up)(const void *ctx), int (*try)(const void *ctx), const void *ctx)
{
	static const int caught[] = {SIGSEGV, SIGILL, SIGBUS, SIGFPE, SIGSYS};
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		/* Nothing that happens to it is the parent's, and what it says of a call is no failure. */
		for (size_t i = 0; i < sizeof(caught) / sizeof(*caught); i++)
			signal(caught[i], SIG_DFL);
		alarm(10);
		dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
		_exit(set_up(ctx) ? NOT_CONFINED : try(ctx));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == NOT_CONFINED);
	return status;
}

/* ---- system calls ---- */

static int set_calls(const void *ctx)
{
	(void)ctx;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || calls_confine(false);
}

static int log_calls(const void *ctx)
{
	(void)ctx;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || calls_confine(true);
}

static void make_call(const struct call *call)
{
	syscall(call->number, call->args[0], call->args[1], call->args[2], call->args[3],
		call->args[4], call->args[5]);
}

static int try_call(const void *ctx)
{
	make_call(ctx);
	return 0;
}

static bool is_refused(int status)
{
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

static volatile sig_atomic_t was_refused;

static void on_refused(int sig)
{
	(void)sig;
	was_refused = 1;
}

/* Several calls, in one child, which goes on: refused[i] is set of those that are. */
struct calls {
	const struct call *v;
	size_t n;
	bool *refused; /* in shared memory */
};

static int try_calls(const void *ctx)
{
	const struct calls *calls = ctx;

	signal(SIGSYS, on_refused);
	for (size_t i = 0; i < calls->n; i++) {
		was_refused = 0;
		make_call(&calls->v[i]);
		calls->refused[i] = was_refused;
	}
	return 0;
}

static bool *try_all(const struct call *v, size_t n)
{
	struct calls calls = {
		v, n, mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)};

	assert_true(calls.refused != MAP_FAILED);
	assert_int_equal(in_child(set_calls, try_calls, &calls), 0);
	return calls.refused;
}

#define CALL(name, ...)                                                                            \
	{                                                                                          \
#name, SYS_##name,                                                                 \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

/* What whoever took the process over would try first, and what the loop does otherwise. */
static const struct call refused[] = {
	/* another program, or another process */
	CALL(execve),
	CALL(execveat),
	CALL(clone, SIGCHLD),
	CALL(unshare, CLONE_NEWUSER),
	CALL(setns),
	CALL(ptrace),
	CALL(process_vm_readv),
	CALL(process_vm_writev),
	CALL(kill, 1, 0),
	CALL(tkill, 1, 0),
	CALL(tgkill, 1, 1, 0),
	CALL(rt_sigqueueinfo),
	CALL(pidfd_send_signal),
	CALL(pidfd_getfd),
	CALL(kcmp),
	CALL(prlimit64, 0, 7, 1),
	CALL(setpriority),
	/* programs, modules, and what else becomes code */
	CALL(bpf, BPF_PROG_LOAD),
	CALL(bpf, BPF_MAP_CREATE),
	CALL(bpf, BPF_BTF_LOAD),
	CALL(bpf, BPF_LINK_CREATE),
	CALL(bpf, BPF_LINK_DETACH),
	CALL(bpf, BPF_RAW_TRACEPOINT_OPEN),
	CALL(bpf, BPF_PROG_GET_FD_BY_ID),
	CALL(bpf, BPF_MAP_GET_FD_BY_ID),
	CALL(bpf, BPF_OBJ_GET),
	CALL(bpf, BPF_OBJ_PIN),
	CALL(bpf, BPF_MAP_FREEZE),
	CALL(perf_event_open),
	CALL(init_module),
	CALL(finit_module),
	CALL(delete_module),
	CALL(kexec_load),
	CALL(mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1),
	CALL(mprotect, 0, 4096, PROT_READ | PROT_EXEC),
	CALL(pkey_mprotect),
	CALL(personality),
	CALL(userfaultfd),
	CALL(io_uring_setup),
	/* files, past what Landlock looks at */
	CALL(open_by_handle_at),
	CALL(name_to_handle_at),
	CALL(mount),
	CALL(umount2),
	CALL(open_tree),
	CALL(move_mount),
	CALL(fsopen),
	CALL(mount_setattr),
	CALL(pivot_root),
	CALL(chroot),
	CALL(fchmod),
	CALL(fchmodat),
	CALL(fchown),
	CALL(fchownat),
	CALL(linkat),
	CALL(symlinkat),
	CALL(renameat2),
	CALL(mknodat),
	CALL(mkdirat),
	CALL(truncate),
	CALL(utimensat),
	CALL(setxattr),
	CALL(quotactl),
	CALL(swapon),
	/* who it is */
	CALL(setuid, 0),
	CALL(setresuid, -1, -1, -1),
	CALL(setgroups),
	CALL(capset),
	CALL(prctl, PR_SET_DUMPABLE, 1),
	CALL(prctl, PR_SET_SECCOMP),
	CALL(seccomp),
	CALL(keyctl),
	CALL(add_key),
	/* the network */
	CALL(socket, AF_NETLINK, SOCK_RAW),
	CALL(socket, AF_PACKET, SOCK_RAW),
	CALL(socket, AF_ALG, SOCK_SEQPACKET),
	CALL(socket, AF_VSOCK, SOCK_STREAM),
	CALL(socketpair, AF_UNIX, SOCK_STREAM),
	CALL(listen),
	CALL(ioctl, 0, TIOCSTI),
	CALL(ioctl, 0, TIOCLINUX),
	/* the machine */
	CALL(reboot),
	CALL(sethostname),
	CALL(settimeofday),
	CALL(clock_settime),
	CALL(adjtimex),
	CALL(syslog),
	CALL(acct),
};

static void what_is_not_needed_is_refused(void **state)
{
	const size_t n = sizeof(refused) / sizeof(*refused);
	bool *was = try_all(refused, n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		if (!was[i])
			fail_msg("%s(%ld, ...) is not refused", refused[i].name,
				 refused[i].args[0]);
	munmap(was, n);
}

/* Those end the child as they should, or take away what it stands on. */
static bool is_tried(long number)
{
	/* uretprobe(2), which is only for the kernel's own code in the process: seccomp does not see it. */
	if (number == 335 || number == 336)
		return false;
	return number != SYS_exit && number != SYS_exit_group && number != SYS_rt_sigreturn &&
	       number != SYS_brk && number != SYS_munmap && number != SYS_rt_sigaction;
}

/* All of them, by number: so that one that comes with a new kernel is refused, too. */
static void most_calls_are_refused(void **state)
{
	static struct call all[500];
	size_t n = 0, count = 0;
	bool *was;

	(void)state;
	for (long number = 0; number < 500; number++)
		if (is_tried(number))
			all[n++] =
				(struct call){.number = number, .args = {-1, -1, -1, -1, -1, -1}};
	was = try_all(all, n);
	for (size_t i = 0; i < n; i++)
		count += was[i];
	print_message("# %zu of 500 system calls are refused with all arguments -1\n", count);
	assert_true(count > 380);
	munmap(was, n);
}

static void a_refused_call_ends_it(void **state)
{
	static const struct call call = CALL(acct);

	(void)state;
	assert_true(is_refused(in_child(set_calls, try_call, &call)));
}

static int try_clone3(const void *ctx)
{
	(void)ctx;
	return syscall(SYS_clone3, NULL, 0) == -1 && errno == ENOSYS ? 0 : 1;
}

static void clone3_is_not_there(void **state)
{
	const int status = in_child(set_calls, try_clone3, NULL);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void with_log_it_is_made(void **state)
{
	static const struct call call = CALL(setpriority, 99);
	const int status = in_child(log_calls, try_call, &call);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int set_and_speak(const void *ctx)
{
	const int *out = ctx;

	dup2(*out, STDERR_FILENO);
	return set_calls(NULL);
}

static void it_says_which_call_it_was(void **state)
{
	static const struct call call = CALL(acct);
	char text[256] = "", expected[64];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	if (!fork()) {
		if (!set_and_speak(&ends[1]))
			try_call(&call);
		_exit(0);
	}
	wait(NULL);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	snprintf(expected, sizeof(expected), "nsvigil: ended: system call %d is", SYS_acct);
	assert_memory_equal(text, expected, strlen(expected));
	close(ends[0]);
	close(ends[1]);
}

/* ---- files and ports ---- */

static int set_files(const void *ctx)
{
	struct confined_files files = {};
	int root = open("/", O_PATH | O_DIRECTORY), err;
	char path[128];

	(void)ctx;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	snprintf(path, sizeof(path), "%s/read", scratch);
	files_allow(&files, root, path, false);
	snprintf(path, sizeof(path), "%s/write", scratch);
	files_allow(&files, root, path, true);
	snprintf(path, sizeof(path), "%s/file", scratch);
	files_allow(&files, root, path, false);
	snprintf(path, sizeof(path), "%s/later/not/yet", scratch);
	files_allow(&files, root, path, false);
	files_allow_port(&files, 6514);
	err = files_confine(&files);
	confined_files_free(&files);
	return err;
}

static int try_open(const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	fd = open(path, flags, 0600);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

/* Returns 0, or the number of what was otherwise. */
static int try_files(const void *ctx)
{
	char path[128];

	(void)ctx;
	if (try_open("read/file", O_RDONLY) || try_open("read", O_RDONLY | O_DIRECTORY) ||
	    try_open("file", O_RDONLY) || try_open("later/file", O_RDONLY))
		return 1;
	if (try_open("read/file", O_WRONLY) != EACCES ||
	    try_open("read/new", O_WRONLY | O_CREAT) != EACCES ||
	    try_open("file", O_WRONLY) != EACCES)
		return 2;
	if (try_open("other/file", O_RDONLY) != EACCES ||
	    try_open(".", O_RDONLY | O_DIRECTORY) != EACCES || open("/etc/passwd", O_RDONLY) >= 0)
		return 3;
	if (try_open("write/new", O_WRONLY | O_CREAT | O_EXCL) || try_open("write/new", O_RDONLY))
		return 4;
	snprintf(path, sizeof(path), "%s/write/new", scratch);
	if (unlink(path))
		return 5;
	snprintf(path, sizeof(path), "%s/write/dir", scratch);
	return !mkdir(path, 0700) || errno != EACCES ? 6 : 0;
}

static int connect_to(uint16_t port)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int err = connect(fd, (const struct sockaddr *)&to, sizeof(to)) ? errno : 0;

	close(fd);
	return err;
}

static int try_ports(const void *ctx)
{
	const struct sockaddr_in at = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)ctx;
	if (connect_to(6514) == EACCES)
		return 1;
	if (connect_to(22) != EACCES)
		return 2;
	return !bind(fd, (const struct sockaddr *)&at, sizeof(at)) || errno != EACCES ? 3 : 0;
}

static long landlock_version(void)
{
	return syscall(444, NULL, 0, 1);
}

static void need_landlock(long version)
{
	if (landlock_version() >= version)
		return;
	print_message("# SKIP this kernel's Landlock is of version %ld, and not %ld\n",
		      landlock_version(), version);
	skip();
}

static void expect_exit(int (*try)(const void *ctx))
{
	const int status = in_child(set_files, try, NULL);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void only_what_is_named_can_be_read(void **state)
{
	(void)state;
	need_landlock(1);
	expect_exit(try_files);
}

static void only_ports_that_are_named_can_be_connected_to(void **state)
{
	(void)state;
	need_landlock(4);
	expect_exit(try_ports);
}

/* ---- capabilities ---- */

static int drop(const void *ctx)
{
	(void)ctx;
	return caps_drop();
}

static int try_caps(const void *ctx)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct sets[2];

	(void)ctx;
	if (syscall(SYS_capget, &header, sets))
		return 1;
	if (sets[0].effective & ~(1U << CAP_DAC_READ_SEARCH) || sets[1].effective)
		return 2;
	if (sets[0].permitted != sets[0].effective || sets[1].permitted || sets[0].inheritable)
		return 3;
	/* It cannot be taken back. */
	sets[0].permitted = sets[0].effective = UINT32_MAX;
	return syscall(SYS_capset, &header, sets) ? 0 : 4;
}

static void no_capability_remains_but_that_to_read(void **state)
{
	const int status = in_child(drop, try_caps, NULL);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- all of it ---- */

static int set_all(const void *ctx)
{
	struct confined_files files = {};
	struct problem problem = {};

	return confine(*(const enum confine_mode *)ctx, &files, &problem);
}

/* Adds up what holds. */
static int look(const void *ctx)
{
	(void)ctx;
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
}

static void with_no_nothing_is_given_up(void **state)
{
	const enum confine_mode mode = CONFINE_NO;
	const int status = in_child(set_all, look, &mode);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void otherwise_each_of_them_is(void **state)
{
	const enum confine_mode modes[] = {CONFINE_YES, CONFINE_LOG};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		/* It may no longer be asked by prctl(). */
		const int status = in_child(set_all, look, &modes[i]);

		if (modes[i] == CONFINE_YES)
			assert_true(is_refused(status));
		else
			assert_int_equal(WEXITSTATUS(status), 1);
	}
}

static void put(const char *name, bool is_dir)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", scratch, name);
	if (is_dir)
		assert_int_equal(mkdir(path, 0700), 0);
	else
		close(open(path, O_WRONLY | O_CREAT, 0600));
}

static int make_files(void **state)
{
	static const char *const dirs[] = {"read", "write", "other", "later"};

	(void)state;
	if (!mkdtemp(scratch))
		return -1;
	for (size_t i = 0; i < 4; i++)
		put(dirs[i], true);
	put("read/file", false);
	put("other/file", false);
	put("later/file", false);
	put("file", false);
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int remove_files(void **state)
{
	(void)state;
	return nftw(scratch, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_needed_is_refused),
		cmocka_unit_test(a_refused_call_ends_it),
		cmocka_unit_test(most_calls_are_refused),
		cmocka_unit_test(clone3_is_not_there),
		cmocka_unit_test(with_log_it_is_made),
		cmocka_unit_test(it_says_which_call_it_was),
		cmocka_unit_test(only_what_is_named_can_be_read),
		cmocka_unit_test(only_ports_that_are_named_can_be_connected_to),
		cmocka_unit_test(no_capability_remains_but_that_to_read),
		cmocka_unit_test(with_no_nothing_is_given_up),
		cmocka_unit_test(otherwise_each_of_them_is),
	};

	return cmocka_run_group_tests_name("confine", tests, make_files, remove_files);
}
