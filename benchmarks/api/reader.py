"""What the benchmarks of reads share: no rates in the way, and connections with the owner's key."""

from benchmarks.core.kept_connections import Asking, asking, request_text
from benchmarks.core.site import Site

MANY = 100_000_000
# By the second: of a lease (a fiftieth of a quota, for 5 s at most) the rest is lost, and when it ends each
# call under way takes one more; by the minute sixteen connections could use up all fifty.
UNLIMITED = {
    "FLOWLOOM_GATEWAY_RATES": ", ".join(
        f"{bucket}={MANY}/second" for bucket in ("address", "user", "workspace", "starts")
    )
}
"""Environment of a gateway whose rates nobody reaches; it counts all the same."""


async def reading(
    site: Site, path: str, *, count: int, expected: int = 200, more: dict[str, str] | None = None
) -> Asking:
    """Open connections that read one path of the public interface with the owner's API key."""
    assert site.platform.owner is not None
    base_url = site.platform.base_url
    headers = {"x-api-key": site.platform.owner.api_key, **(more or {})}
    return await asking(
        base_url, request_text(base_url, path, headers=headers), count=count, expected=expected
    )


async def workspace_of(site: Site) -> str:
    """Return the id of the owner's workspace."""
    answer = await site.http.get("/v1/me")
    answer.raise_for_status()
    return str(answer.json()["workspace"]["id"])
