"""Judges whether an IP address is one that anybody on the internet may be asked to call."""

import ipaddress
from typing import Final

from flowloom_servicekit.outbound.targets import IpAddress

# What `ipaddress.is_global` of Python 3.11 lets through though it leads to this machine or its provider.
REFUSED_V4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "168.63.129.16/32",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
REFUSED_V6: Final = tuple(
    ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
# Prefixes whose last 32 bits are an IPv4 address: mapped, translated, compatible, and the two of NAT64.
EMBEDS_AT_THE_END: Final = tuple(
    ipaddress.IPv6Network(text) for text in ("::ffff:0:0/96", "::ffff:0:0:0/96", "::/96", "64:ff9b::/96")
)
ISATAP: Final = (0x00005EFE, 0x02005EFE)
LOW_32: Final = 0xFFFFFFFF


def refusal(address: IpAddress) -> str | None:
    """Return why an address may not be called, or None when it may."""
    if isinstance(address, ipaddress.IPv4Address):
        return _refusal_v4(address)
    if address.scope_id is not None:
        return "it belongs to one network interface"
    inner = embedded(address)
    if inner is not None:
        why = _refusal_v4(inner)
        if why is not None:
            return f"it stands for {inner}, and {why}"
    if address not in GLOBAL_V6 or any(address in network for network in REFUSED_V6):
        return "it is not an address of the public internet"
    return None


def embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address carries, or None.

    Forms: RFC 4291 (mapped, compatible), RFC 2765 (translated), RFC 6052 (NAT64), RFC 3056 (6to4),
    RFC 4380 (Teredo, of the client) and RFC 5214 (ISATAP).
    """
    number = int(address)
    if any(address in network for network in EMBEDS_AT_THE_END):
        return ipaddress.IPv4Address(number & LOW_32)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if (number >> 32) & LOW_32 in ISATAP:
        return ipaddress.IPv4Address(number & LOW_32)
    return None


def _refusal_v4(address: ipaddress.IPv4Address) -> str | None:
    if not address.is_global or any(address in network for network in REFUSED_V4):
        return "it is not an address of the public internet"
    return None
