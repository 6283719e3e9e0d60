"""Who may see pages while no log-in is configured: whoever sits at this machine, and nobody through a proxy.

The Host header is held to loopback names too, so that a page elsewhere cannot read ours through a name of its own. A
proxy on this machine may add no header and ask by a loopback name; those that do so by default ask with HTTP/1.0, which
no browser speaks. One that speaks HTTP/1.1 and hides itself cannot be told from a person here.
"""

from ipaddress import ip_address

from flask import Request

FORWARDING = frozenset({
    *("forwarded", "via", "x-real-ip", "x-scheme", "x-host", "front-end-https", "max-forwards", "cdn-loop"),
    *("client-ip", "x-client-ip", "true-client-ip", "x-cluster-client-ip", "x-remote-ip", "x-remote-addr"),
    *("x-proxyuser-ip", "x-rewrite-url", "fastly-client-ip", "ngrok-trace-id", "x-amzn-trace-id"),
})  # fmt: skip
FORWARDED = ("x-forwarded", "x-forward-", "x-original-", "x-envoy-", "x-azure-", "x-arr-", "cf-", "tailscale-")
"""How headers begin that proxies and tunnels add of their own accord."""
SPOKEN = "HTTP/1.1"
"""What browsers speak to this server; nginx asked with HTTP/1.0 for most of its life, unless told otherwise."""


def is_local(request: Request) -> bool:
    """Whether a request was made on this machine, directly, to a loopback name."""
    if request.environ.get("SERVER_PROTOCOL") != SPOKEN:
        return False
    names = {name.casefold() for name, _ in request.headers}
    if names & FORWARDING or any(name.startswith(FORWARDED) for name in names):
        return False
    return _is_loopback(request.remote_addr or "") and _is_loopback(_host(request.host))


def _host(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
