# A pod's network, made of two network namespaces and a wire: this one is the pod, the other is everything else.
# Prints who answers each connection: `<who> to <address>:<port> => <answer>`. It is to be the first process of a
# network and a PID namespace of its own, so that nothing outlives it.
set -euo pipefail

unshare -n sleep 60 &
outside=$!
for _ in $(seq 100); do
  [ "$(readlink /proc/$outside/ns/net)" != "$(readlink /proc/self/ns/net)" ] && break
  sleep 0.02
done
beyond() { nsenter --target "$outside" --net "$@"; }

ip link set lo up
beyond ip link set lo up
ip link add eth0 type veth peer name eth1 netns "$outside"
ip address add 10.9.9.2/24 dev eth0
ip -6 address add fd99::2/64 dev eth0 nodad
beyond ip address add 10.9.9.1/24 dev eth1
# The gateway, a neighbour, and an address that the node has elsewhere.
for address in 10.9.9.3/24 10.9.8.1/24 10.9.10.1/24; do beyond ip address add "$address" dev eth1; done
for address in fd99::1/64 fd99::3/64 fd99:10::1/64; do beyond ip -6 address add "$address" dev eth1 nodad; done
ip link set eth0 up
beyond ip link set eth1 up
ip route add default via 10.9.9.1
ip -6 route add default via fd99::1

server='
const [names] = process.argv.slice(1);
for (const [port, name] of Object.entries(JSON.parse(names))) {
  require("net").createServer((socket) => socket.on("error", () => {}).end(name)).listen(Number(port), "::");
}
const udp = require("dgram").createSocket("udp6");
udp.on("message", (_, from) => udp.send(JSON.parse(names)[53] ?? "", from.port, from.address));
if (JSON.parse(names)[53]) udp.bind(53);
'
"$NODE" -e "$server" '{"15001":"outbound capture","15006":"inbound capture","15100":"inbound port","8080":"application 8080","9090":"application 9090","7001":"application 7001"}' &
beyond "$NODE" -e "$server" '{"80":"outside 80","53":"outside 53","7002":"outside 7002"}' &

# As in the container: root with NET_ADMIN and nothing else. Twice, as the pod's sandbox may be made anew.
for _ in 1 2; do
  HOST_IPS=10.9.8.1,fd99:8::1 setpriv --bounding-set=-all,+net_admin --inh-caps=-all --no-new-privs /bin/sh -euc "$CAPTURE"
done

client='
const [who, host, port, from, kind] = process.argv.slice(1);
const tell = (answer) => { console.log(`${who} to ${host}:${port} => ${answer}`); process.exit(0); };
setTimeout(() => tell("nobody"), 2000);
if (kind === "udp") {
  const socket = require("dgram").createSocket("udp4");
  socket.on("message", (answer) => tell(answer.toString())).send("?", Number(port), host);
} else {
  const connect = (tries) => {
    const socket = require("net").connect({ host, port: Number(port), ...(from ? { localAddress: from } : {}) });
    let answer = "";
    socket.on("data", (data) => { answer += data; }).on("end", () => tell(answer));
    socket.on("error", (error) => (tries > 0 ? setTimeout(connect, 50, tries - 1) : tell(error.code)));
  };
  connect(30);
}
'
application() { setpriv --reuid 1000 --clear-groups "$NODE" -e "$client" application "$@"; }
proxy() { setpriv --reuid "$PROXY_USER" --clear-groups "$NODE" -e "$client" proxy "$@"; }
from() { beyond "$NODE" -e "$client" "$1" "$3" "$4" "$2"; }

clients=()
each() { "$@" & clients+=($!); }
for target in '10.9.9.1 80' 'fd99::1 80' '10.9.9.1 53' '10.9.9.1 7002' '10.9.10.1 80' 'fd99:10::1 80' '127.0.0.1 8080' '10.9.9.2 8080'; do
  each application $target
done
each setpriv --reuid 1000 --clear-groups "$NODE" -e "$client" 'application by UDP' 10.9.9.1 53 '' udp
each proxy 10.9.9.1 80
each proxy fd99::1 80
each from neighbour 10.9.9.3 10.9.9.2 8080
each from neighbour fd99::3 fd99::2 8080
each from neighbour 10.9.9.3 10.9.9.2 7001
each from neighbour 10.9.9.3 10.9.9.2 15100
each from gateway 10.9.9.1 10.9.9.2 8080
each from gateway fd99::1 fd99::2 8080
each from gateway 10.9.9.1 10.9.9.2 9090
each from node 10.9.8.1 10.9.9.2 8080
wait "${clients[@]}"
