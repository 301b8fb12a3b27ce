"""Files of a run at the public interface: listed, downloaded, never opened, never anybody else's."""

import httpx
import pytest

from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.testing.triggered import BARE, saved


async def _run(owner: httpx.AsyncClient) -> str:
    answer = await owner.post(f"/v1/workflows/{await saved(owner, BARE)}/runs", json={})
    return str(answer.json()["id"])


async def test_lists_and_downloads_files(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    run_id = await _run(owner)
    gateway.control.contents = {"out/grüße.html": [b"<p>old</p>", b"<script>new</script>"], "z.txt": [b"z"]}
    page = (await owner.get(f"/v1/runs/{run_id}/files", params={"limit": 1})).json()
    rest = (await owner.get(f"/v1/runs/{run_id}/files", params={"cursor": page["next_cursor"]})).json()
    assert [(one["path"], one["version"]) for one in page["items"]] == [("out/grüße.html", 2)]
    assert ([one["path"] for one in rest["items"]], rest["next_cursor"]) == (["z.txt"], None)
    newest = await owner.get(f"/v1/runs/{run_id}/files/out/grüße.html")
    first = await owner.get(f"/v1/runs/{run_id}/files/out/grüße.html", params={"version": 1})
    assert (newest.content, first.content) == (b"<script>new</script>", b"<p>old</p>")
    assert newest.headers["content-type"] == "application/octet-stream"
    assert newest.headers["content-disposition"] == "attachment; filename*=UTF-8''gr%C3%BC%C3%9Fe.html"
    assert newest.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in newest.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["missing.txt", "..%2f..%2fetc%2fpasswd", "a%00b", "a%5cb", "%2fetc"])
async def test_finds_no_other_file(owner: httpx.AsyncClient, *, path: str) -> None:
    answer = await owner.get(f"/v1/runs/{await _run(owner)}/files/{path}")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/file-not-found-in-run")


@pytest.mark.parametrize("query", [{"version": "0"}, {"version": "x"}, {"version": "99999999999"}])
async def test_refuses_versions_that_are_none(owner: httpx.AsyncClient, *, query: dict[str, str]) -> None:
    answer = await owner.get(f"/v1/runs/{await _run(owner)}/files/a.txt", params=query)
    assert answer.status_code == 422


@pytest.mark.parametrize("rest", ["files", "files/a.txt"])
async def test_shows_files_to_nobody_else(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, as_member: AsMember, *, rest: str
) -> None:
    other = await as_member("bob@example.org", Role.OWNER)
    for run_id in (await _run(owner), new_id(), "%00"):
        answer = await other.get(f"/v1/runs/{run_id}/{rest}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/run-not-found")
    assert (await stranger.get(f"/v1/runs/{new_id()}/{rest}")).status_code == 401
