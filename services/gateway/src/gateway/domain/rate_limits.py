"""Rates as an operator writes them, addresses as they are counted, and the headers that tell a client."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from typing import Final

from flowloom_servicekit.errors import DomainError

WINDOWS: Final = {"second": 1, "minute": 60, "hour": 3_600}
_RATE: Final = re.compile(r"([a-z]{1,20})=([0-9]{1,9})/(second|minute|hour)")


class Bucket(StrEnum):
    """What is counted; each has a limit of its own, said in the settings."""

    ADDRESS = "address"
    HOOKS = "hooks"
    USER = "user"
    WORKSPACE = "workspace"
    STARTS = "starts"
    SOCKETS = "sockets"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: `left` of `quota` in a window of `window_s`, full again after `reset_s`."""

    bucket: Bucket
    quota: int
    window_s: int
    left: int
    reset_s: int


class TooManyRequestsError(DomainError):
    """Somebody asks more often than the limits let them; `standing` says of what."""

    status = 429
    title = "Too many requests"

    def __init__(self, standing: Standing) -> None:
        limit = f"{standing.quota} in {standing.window_s} s ({standing.bucket.value})"
        super().__init__(f"At most {limit}.", retry_after=max(1, standing.reset_s))
        self.standing = standing


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in a window of so many seconds."""

    quota: int
    window_s: int


DEFAULTS: Final[Mapping[Bucket, Rate]] = {
    Bucket.ADDRESS: Rate(1_200, 60),
    Bucket.HOOKS: Rate(120_000, 60),
    Bucket.USER: Rate(12_000, 60),
    Bucket.WORKSPACE: Rate(60_000, 60),
    Bucket.STARTS: Rate(12_000, 60),
    Bucket.SOCKETS: Rate(10, 60),
}


def rates_from(text: str) -> dict[Bucket, Rate]:
    """Return the rates of `user=600/minute, starts=60/minute`; what is not named keeps its default."""
    rates = dict(DEFAULTS)
    for part in filter(None, (one.strip() for one in text.split(","))):
        match = _RATE.fullmatch(part)
        known = {bucket.value for bucket in Bucket}
        if match is None or match[1] not in known or int(match[2]) < 1:
            names = ", ".join(sorted(known))
            raise ValueError(f"{part!r} is no rate: write NAME=NUMBER/second, minute or hour; names: {names}")
        rates[Bucket(match[1])] = Rate(int(match[2]), WINDOWS[match[3]])
    return rates


def counted_address(host: str) -> str:
    """Return what one client's address is counted as: of IPv6 the first 64 bits, which one client has."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"


def header_values(standing: Standing) -> tuple[str, str]:
    """Return `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10)."""
    name = standing.bucket.value
    policy = f'"{name}";q={standing.quota};w={standing.window_s}'
    return policy, f'"{name}";r={standing.left};t={standing.reset_s}'
