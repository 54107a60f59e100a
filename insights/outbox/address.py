"""Where a webhook really goes: the host is resolved once, judged, and the judged address is the one that is called."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from insights.errors import DeliveryError

PORTS = {"https": 443, "http": 80}
NAT64 = ipaddress.ip_network("64:ff9b::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Target:
    """A judged destination. `url` names the resolved address; `host` is what TLS and the Host header carry."""

    url: str
    host: str
    host_header: str


def is_public(address: Address) -> bool:
    """True for an address of the open internet. Addresses hidden inside IPv6 ones are judged as themselves."""
    inner = _inner(address)
    if inner is not None:
        return is_public(inner)
    site_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    closed = address.is_multicast or address.is_reserved or address.is_unspecified or site_local
    return address.is_global and not closed


def resolve(url: str, *, allow_private: bool) -> Target:
    """Resolve and judge a webhook address. Raises DeliveryError with what is wrong and what to set.

    Every address of the name must pass, so that a name with one public and one private address is refused.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in PORTS or not host:
        raise DeliveryError(f"The webhook address {_shown(parts)} is no http(s) address: correct VOC_WEBHOOK_URL.")
    if parts.username or parts.password:
        raise DeliveryError("The webhook address carries a password: take it out; deliveries are signed instead.")
    port = parts.port or PORTS[parts.scheme]
    addresses = _addresses(host, port)
    refused = [str(address) for address in addresses if not is_public(address)]
    if refused and not allow_private:
        raise DeliveryError(
            f"The webhook host {host} leads to the internal address {refused[0]}: refused. "
            "Set VOC_WEBHOOK_ALLOW_PRIVATE=true if that is meant."
        )
    if parts.scheme == "http" and not all(address.is_loopback for address in addresses):
        raise DeliveryError(f"The webhook address {_shown(parts)} is not encrypted: use https outside this machine.")
    name = f"[{host}]" if ":" in host else host
    header = name if port == PORTS[parts.scheme] else f"{name}:{port}"
    return Target(_pinned(parts, addresses[0], port), host, header)


def _addresses(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(f"The webhook host {host} cannot be resolved ({error}): check VOC_WEBHOOK_URL.") from error
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside a mapped, 6to4, Teredo or NAT64 address."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _pinned(parts: SplitResult, address: Address, port: int) -> str:
    literal = f"[{address}]" if address.version == 6 else str(address)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{literal}:{port}{parts.path or '/'}{query}"


def _shown(parts: SplitResult) -> str:
    """An address without its path and query, which may hold a token."""
    return f"{parts.scheme or '?'}://{parts.hostname or '?'}"
