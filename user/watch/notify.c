// SPDX-License-Identifier: BSD-2-Clause
#include "watch/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/escape.h"
#include "lib/remark.h"

/* A path, or "@" and an abstract name. Returns 0 or -errno. */
static int parse_address(struct notify *notify, const char *text)
{
	const size_t len = strlen(text);

	if ((*text != '/' && *text != '@') || !text[1])
		return -EINVAL;
	if (len >= sizeof(notify->to.sun_path))
		return -ENAMETOOLONG;
	notify->to.sun_family = AF_UNIX;
	memcpy(notify->to.sun_path, text, len + 1);
	notify->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	if (*text == '@')
		notify->to.sun_path[0] = '\0'; /* an abstract name's end is its length */
	else
		notify->to_len++;
	return 0;
}

/* Another process' watchdog may be inherited with the environment. */
static uint64_t parse_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long long value;
	char *end;

	if (!usec || *usec < '0' || *usec > '9')
		return 0;
	if (pid && strtoll(pid, &end, 10) != getpid())
		return 0;
	errno = 0;
	value = strtoull(usec, &end, 10);
	if (errno || *end || value > UINT64_MAX / 1000)
		return 0;
	return value * 1000 / 2; /* as sd_watchdog_enabled(3) wants it */
}

void notify_open(struct notify *notify, const char *command)
{
	const char *text = getenv("NOTIFY_SOCKET");
	char shown[ESCAPED_SIZE(64)];
	int err;

	*notify = (struct notify){.fd = -1};
	if (!text || !*text)
		return;
	err = parse_address(notify, text);
	if (!err) {
		notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		err = notify->fd < 0 ? -errno : 0;
	}
	if (err)
		remark("nsvigil %s: NOTIFY_SOCKET is \"%s\": %s; the service manager is told "
		       "nothing",
		       command, escape(shown, sizeof(shown), text, 64), strerror(-err));
	else
		notify->alive_every_ns = parse_watchdog();
}

void notify_close(struct notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}

static bool say(const struct notify *notify, const char *text)
{
	return sendto(notify->fd, text, strlen(text), MSG_NOSIGNAL,
		      (const struct sockaddr *)&notify->to, notify->to_len) >= 0;
}

/* What has not been said yet. */
static void catch_up(struct notify *notify)
{
	char text[sizeof(notify->status) + 32];

	if (notify->fd < 0)
		return;
	if (notify->reloading_us) {
		snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
			 notify->reloading_us);
		if (!say(notify, text))
			return; /* it goes before that it is ready again */
		notify->reloading_us = 0;
	}
	if (notify->is_ready && !notify->ready_said)
		notify->ready_said = say(notify, "READY=1");
	if (*notify->status && !notify->status_said) {
		snprintf(text, sizeof(text), "STATUS=%s", notify->status);
		notify->status_said = say(notify, text);
	}
}

void notify_ready(struct notify *notify)
{
	notify->is_ready = true;
	catch_up(notify);
}

void notify_reloading(struct notify *notify)
{
	notify->reloading_us = clock_ns(CLOCK_MONOTONIC) / 1000;
	notify->is_ready = notify->ready_said = false;
	catch_up(notify);
}

void notify_status(struct notify *notify, const char *status)
{
	if (!strncmp(notify->status, status, sizeof(notify->status) - 1))
		return;
	snprintf(notify->status, sizeof(notify->status), "%s", status);
	notify->status_said = false;
	catch_up(notify);
}

void notify_tick(struct notify *notify, uint64_t now_ns)
{
	catch_up(notify);
	if (notify->fd < 0 || !notify->alive_every_ns ||
	    now_ns - notify->alive_ns < notify->alive_every_ns)
		return;
	if (say(notify, "WATCHDOG=1"))
		notify->alive_ns = now_ns;
}

void notify_stopping(struct notify *notify)
{
	if (notify->fd >= 0)
		say(notify, "STOPPING=1");
}
