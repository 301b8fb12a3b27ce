"""Secrets: stored, never shown, bound to their place, sealed anew under the next key."""

import base64
import logging
from pathlib import Path

import httpx
import pytest

from flowloom_contracts.automation import OpenSecrets
from flowloom_servicekit.ids import new_id
from gateway.adapters.key_ring import KEY_FILE, KeyFileError, KeyRing, add_key
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.usecases.secrets import open_secrets, seal_anew
from gateway.vault_ports import Place, SealedRow, SecretUnreadableError

CANARY = "canary-7f3a9c51-never-to-be-seen"
PLACE = Place("secrets", "ws", "id")


async def _workspace(client: httpx.AsyncClient) -> str:
    workspace_id: str = (await client.get("/v1/me")).json()["workspace"]["id"]
    return workspace_id


async def _opened(gateway: FakeGateway, workspace_id: str, *names: str) -> dict[str, str]:
    request = OpenSecrets(workspace_id=workspace_id, run_id=new_id(), step="send", names=list(names))
    answer = await open_secrets(request, secrets=gateway.secrets, vault=gateway.vault, clock=gateway.clock)
    return answer.values


async def test_opens_what_was_stored_for_a_step_only(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    await owner.put("/v1/secrets/crm_token", json={"value": CANARY})
    workspace_id = await _workspace(owner)
    assert (await owner.get("/v1/secrets")).json()["items"][0]["last_used_at"] is None
    assert await _opened(gateway, workspace_id, "crm_token", "other") == {"crm_token": CANARY}
    assert await _opened(gateway, new_id(), "crm_token") == {}
    assert await _opened(gateway, "no workspace", "crm_token") == {}
    assert (await owner.get("/v1/secrets")).json()["items"][0]["last_used_at"] is not None


async def test_replaces_and_deletes_a_secret(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    await owner.put("/v1/secrets/a", json={"value": "one"})
    gateway.clock.advance(60)
    replaced = (await owner.put("/v1/secrets/a", json={"value": "two"})).json()
    assert replaced["updated_at"] > replaced["created_at"]
    assert await _opened(gateway, await _workspace(owner), "a") == {"a": "two"}
    assert (await owner.delete("/v1/secrets/a")).status_code == 204
    assert (await owner.delete("/v1/secrets/a")).status_code == 404
    assert (await owner.get("/v1/secrets")).json() == {"items": [], "next_cursor": None}


async def test_saves_over_the_value_that_was_known(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    path = "/v1/secrets/a"
    first = await owner.put(path, json={"value": "one"}, headers={"if-none-match": "*"})
    assert (first.status_code, first.headers["etag"]) == (200, first.json()["etag"])
    known = {"if-match": (await owner.get("/v1/secrets")).json()["items"][0]["etag"]}
    second = await owner.put(path, json={"value": "two"}, headers=known)
    assert second.status_code == 200 and second.json()["etag"] != first.json()["etag"]
    for headers, problem in ((known, "stale-secret"), ({"if-none-match": "*"}, "secret-name-taken")):
        late = await owner.put(path, json={"value": "three"}, headers=headers)
        assert (late.status_code, late.json()["type"]) == (412, f"/problems/{problem}")
    assert await _opened(gateway, await _workspace(owner), "a") == {"a": "two"}
    assert (await owner.put(path, json={"value": "four"})).status_code == 200, "a script asks nothing"
    await owner.delete(path)
    gone = await owner.put(path, json={"value": "five"}, headers=known)
    assert gone.status_code == 412
    assert (await owner.put(path, json={"value": "x"}, headers={"if-none-match": '"a"'})).status_code == 422


async def test_never_shows_a_value_again(
    owner: httpx.AsyncClient,
    gateway: FakeGateway,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    said = [
        await owner.put("/v1/secrets/token", json={"value": CANARY}),
        await owner.put("/v1/secrets/NOT-A-NAME", json={"value": CANARY}),
        await owner.put("/v1/secrets/token", json={"values": CANARY}),
        await owner.put("/v1/secrets/token", json={"value": [CANARY]}),
        await owner.put("/v1/secrets/token", json={"value": CANARY * 1_000}),
        await owner.put("/v1/secrets/token", content=f'{{"value": "{CANARY}'),
        await owner.get("/v1/secrets"),
    ]
    await _opened(gateway, await _workspace(owner), "token")
    kept = repr([row.sealed.data for row in gateway.secrets.rows.values()])
    assert [answer.status_code for answer in said] == [200, 422, 422, 422, 422, 422, 200]
    printed = capsys.readouterr()
    for text in (*(answer.text for answer in said), caplog.text, printed.out, printed.err, kept):
        assert "canary" not in text


@pytest.mark.parametrize("name", ["A", "1a", "a-b", "a%0A", "x" * 64, "%00"])
async def test_refuses_names_that_no_document_can_use(owner: httpx.AsyncClient, name: str) -> None:
    assert (await owner.put(f"/v1/secrets/{name}", json={"value": "v"})).status_code == 422
    assert (await owner.delete(f"/v1/secrets/{name}")).status_code == 404


async def test_lets_editors_see_names_and_only_administrators_change(as_member: AsMember) -> None:
    expected = {
        Role.VIEWER: (403, 403),
        Role.OPERATOR: (403, 403),
        Role.EDITOR: (200, 403),
        Role.ADMIN: (200, 200),
    }
    for role, statuses in expected.items():
        client = await as_member(f"{role}@example.org", role)
        seen = await client.get("/v1/secrets")
        saved = await client.put("/v1/secrets/a", json={"value": "v"})
        assert (seen.status_code, saved.status_code) == statuses, role


async def test_keeps_secrets_of_workspaces_apart(owner: httpx.AsyncClient, as_member: AsMember) -> None:
    other = await as_member("bob@example.org", Role.OWNER)
    await owner.put("/v1/secrets/a", json={"value": "ours"})
    assert (await other.get("/v1/secrets")).json()["items"] == []
    assert (await other.delete("/v1/secrets/a")).status_code == 404


async def test_lists_secrets_page_by_page(owner: httpx.AsyncClient) -> None:
    for name in ("a", "b", "c"):
        await owner.put(f"/v1/secrets/{name}", json={"value": name})
    first = (await owner.get("/v1/secrets", params={"limit": 2})).json()
    rest = (await owner.get("/v1/secrets", params={"cursor": first["next_cursor"]})).json()
    assert [item["name"] for item in first["items"] + rest["items"]] == ["c", "b", "a"]
    assert rest["next_cursor"] is None


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    add_key(tmp_path / KEY_FILE)
    return tmp_path / KEY_FILE


@pytest.mark.parametrize(
    "elsewhere",
    [Place("secrets", "ws", "other"), Place("secrets", "other", "id"), Place("webhooks", "ws", "id")],
)
def test_opens_a_value_only_in_its_place(keys: Path, elsewhere: Place) -> None:
    vault = KeyRing(keys)
    sealed = vault.seal(PLACE, CANARY)
    assert vault.open(PLACE, sealed) == CANARY
    assert vault.seal(PLACE, CANARY).data != sealed.data
    with pytest.raises(SecretUnreadableError):
        vault.open(elsewhere, sealed)


async def test_fails_when_two_ciphertexts_are_swapped(owner: httpx.AsyncClient, gateway: FakeGateway) -> None:
    for name in ("a", "b"):
        await owner.put(f"/v1/secrets/{name}", json={"value": name})
    workspace_id = await _workspace(owner)
    a, b = gateway.secrets.rows[workspace_id, "a"], gateway.secrets.rows[workspace_id, "b"]
    gateway.secrets.rows[workspace_id, "a"] = SealedRow(a.place, "a", b.sealed)
    with pytest.raises(SecretUnreadableError):
        await _opened(gateway, workspace_id, "a")


async def test_survives_a_rotation_and_then_needs_the_old_key_no_more(
    owner: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    await owner.put("/v1/secrets/a", json={"value": "first"})
    keys = gateway.keys_dir / KEY_FILE
    old = gateway.vault.current_key_id()
    new = add_key(keys)
    assert gateway.vault.current_key_id() == new != old
    await owner.put("/v1/secrets/b", json={"value": "second"})
    assert await seal_anew(rows=gateway.secrets, vault=gateway.vault) == 1
    keys.write_text(keys.read_text().splitlines()[0] + "\n")
    assert {row.sealed.key_id for row in gateway.secrets.rows.values()} == {new}
    assert await _opened(gateway, await _workspace(owner), "a", "b") == {"a": "first", "b": "second"}


def test_says_so_when_the_key_is_gone(keys: Path) -> None:
    sealed = KeyRing(keys).seal(PLACE, CANARY)
    keys.unlink()
    add_key(keys)
    with pytest.raises(SecretUnreadableError, match="not on this server"):
        KeyRing(keys).open(PLACE, sealed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k1",
        "k1:short",
        "k1:" + base64.b64encode(b"0" * 32).decode(),
        "k1:" + base64.b64encode(bytes(range(31))).decode(),
        "k 1:" + base64.b64encode(bytes(range(32))).decode(),
        ("k1:" + base64.b64encode(bytes(range(32))).decode() + "\n") * 2,
    ],
)
def test_refuses_a_file_of_weak_or_wrong_keys(tmp_path: Path, text: str) -> None:
    (tmp_path / KEY_FILE).write_text(text)
    with pytest.raises(KeyFileError) as failure:
        KeyRing(tmp_path / KEY_FILE)
    assert "MDAw" not in str(failure.value)


def test_refuses_to_start_without_a_key_file(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError):
        KeyRing(tmp_path / KEY_FILE)
