# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# For scripts that need a collector: source it with `dir` set. A real rsyslogd runs in network and
# mount namespaces of its own, with loopback alone, names of its own and no name server. What it gets
# is in $dir/udp, $dir/tcp and $dir/tls, a JSON document a message.

dir=${dir:?}
export PYTHONPATH="$PWD/tests" PYTHONDONTWRITEBYTECODE=1
keeper=
daemon=
collecting_end() {
	collector_stop TERM
	[ -z "$keeper" ] || kill "$keeper" 2>/dev/null || :
	keeper=
}

cat >"$dir/place" <<'END'
set -e
ip link set lo up
printf '127.0.0.1 localhost collector.test\n::1 localhost\n' >"$1/hosts"
echo 'nameserver 127.0.0.1' >"$1/resolv.conf"
for file in hosts resolv.conf; do
	mount --bind "$1/$file" "$(realpath /etc/$file)"
done
touch "$1/placed"
exec sleep infinity
END

# place_start: or says why not.
place_start() {
	unshare --net --mount --propagation private sh "$dir/place" "$dir" >"$dir/place_errors" 2>&1 \
		9>&- &
	keeper=$!
	while ! [ -e "$dir/placed" ]; do
		kill -0 $keeper 2>/dev/null || {
			cat "$dir/place_errors"
			return 1
		}
		sleep 0.1
	done
}
in_place() {
	nsenter --target "$keeper" --net --mount "$@"
}

# certificates: the CA ca signs server (collector.test and 127.0.0.1), other (another name), expired
# and client; nameless has its name in the subject alone; stranger is another CA. NAME.pem has both NAME.crt and NAME.key.
certificates() {
	for ca in ca stranger; do
		openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$ca" -days 2 \
			-keyout "$dir/$ca.key" -out "$dir/$ca.crt" || return 1
		cat "$dir/$ca.crt" "$dir/$ca.key" >"$dir/$ca.pem"
	done 2>"$dir/openssl"
	sign server DNS:collector.test,IP:127.0.0.1 2 && sign other DNS:other.test 2 &&
		sign expired DNS:collector.test -1 && sign nameless "" 2 collector.test && sign client DNS:client.test 2
}
sign() {
	openssl req -newkey rsa:2048 -nodes -subj "/CN=${4:-$1}" -keyout "$dir/$1.key" -out "$dir/$1.csr" &&
		echo "${2:+subjectAltName=$2}" >"$dir/$1.ext" &&
		openssl x509 -req -in "$dir/$1.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" \
			-days "$3" -extfile "$dir/$1.ext" -out "$dir/$1.crt" &&
		cat "$dir/$1.crt" "$dir/$1.key" >"$dir/$1.pem"
} 2>>"$dir/openssl"

# What is received is written before the next is read: what is lost is what it has not read.
cat >"$dir/rsyslog.conf" <<END
global(workDirectory="$dir" maxMessageSize="16k" defaultNetstreamDriverCAFile="$dir/ca.crt"
	defaultNetstreamDriverCertFile="$dir/collector.crt"
	defaultNetstreamDriverKeyFile="$dir/collector.key")
module(load="imudp")
module(load="imtcp")
module(load="mmpstrucdata")
template(name="line" type="list") {
	constant(value="{") property(name="pri" format="jsonf")
	constant(value=",") property(name="protocol-version" format="jsonf")
	constant(value=",") property(name="timestamp" dateFormat="rfc3339" format="jsonf")
	constant(value=",") property(name="hostname" format="jsonf")
	constant(value=",") property(name="app-name" format="jsonf")
	constant(value=",") property(name="procid" format="jsonf")
	constant(value=",") property(name="msgid" format="jsonf")
	constant(value=",") property(name="msg" format="jsonf")
	constant(value=",") property(name="rawmsg" format="jsonf")
	constant(value=",\"data\":") property(name="\$!all-json")
	constant(value="}\n")
}
END
for each in udp tcp tls; do
	cat >>"$dir/rsyslog.conf" <<-END
		ruleset(name="$each" queue.type="Direct") {
			action(type="mmpstrucdata")
			action(type="omfile" file="$dir/$each" template="line")
		}
	END
done
cat >>"$dir/rsyslog.conf" <<END
input(type="imudp" port="514" address="127.0.0.1" rcvbufSize="4m" ruleset="udp")
input(type="imudp" port="514" address="::1" rcvbufSize="4m" ruleset="udp")
input(type="imtcp" port="601" ruleset="tcp")
input(type="imtcp" port="6514" ruleset="tls" streamdriver.name="ossl" streamdriver.mode="1"
	streamdriver.authmode="x509/name" permittedPeer=["client.test"])
END

# collector_start [CERTIFICATE]: returns when it listens.
collector_start() {
	cp "$dir/${1:-server}.crt" "$dir/collector.crt"
	cp "$dir/${1:-server}.key" "$dir/collector.key"
	: >"$dir/daemon"
	nsenter --target "$keeper" --net --mount rsyslogd -n -f "$dir/rsyslog.conf" \
		-i "$dir/rsyslog.pid" >>"$dir/daemon" 2>&1 9>&- &
	daemon=$!
	within 20 listens && kill -0 "$daemon" 2>/dev/null && return
	cat "$dir/daemon"
	return 1
}
# listens: or has ended.
listens() {
	! kill -0 "$daemon" 2>/dev/null || [ "$(in_place ss -Htln '( sport = :601 or sport = :6514 )' | wc -l)" -ge 4 ] &&
		[ "$(in_place ss -Huln 'sport = :514' | wc -l)" = 2 ]
}

# collector_stop SIGNAL
collector_stop() {
	[ -n "$daemon" ] || return 0
	kill -s "$1" "$daemon" 2>/dev/null || :
	kill -s CONT "$daemon" 2>/dev/null || :
	wait "$daemon" 2>/dev/null || :
	daemon=
}
