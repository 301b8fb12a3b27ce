"""Collections, documents and searches through the public interface."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from flowloom_contracts.memory import MAX_DOCUMENT_BYTES
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember, FakeGateway
from gateway.usecases.uploads import PART_BYTES

FILE = {"file": ("plan.txt", b"the turbine needs bearings", "text/plain")}
TO = {"collection": "manuals"}
_IN_MEMORY = ("collection", "document")


@pytest.fixture
async def editor(as_member: AsMember) -> httpx.AsyncClient:
    return await as_member("editor@example.org", Role.EDITOR)


async def sent(client: httpx.AsyncClient, name: str = "plan.txt", **form: str) -> str:
    files = {"file": (name, b"the turbine needs bearings", "text/plain")}
    answer = await client.post("/v1/documents", data={**TO, **form}, files=files)
    assert answer.status_code == 201, answer.text
    document_id: str = answer.json()["id"]
    return document_id


async def test_strangers_and_viewers_send_nothing(stranger: httpx.AsyncClient, as_member: AsMember) -> None:
    viewer = await as_member("viewer@example.org", Role.VIEWER)
    answers = [await one.post("/v1/documents", data=TO, files=FILE) for one in (stranger, viewer)]
    assert [answer.status_code for answer in answers] == [401, 403]


async def test_a_collection_is_made_once_changed_and_deleted(editor: httpx.AsyncClient) -> None:
    made = await editor.post("/v1/collections", json={"name": "manuals", "description": "How to."})
    again = await editor.post("/v1/collections", json={"name": "manuals"})
    assert (made.status_code, again.status_code) == (201, 409)
    changed = await editor.put("/v1/collections/manuals", json={"writers": ["editor"]})
    assert (changed.json()["description"], changed.json()["writers"]) == ("", ["editor"])
    assert (await editor.put("/v1/collections/others", json={})).status_code == 404
    await sent(editor)
    assert (await editor.delete("/v1/collections/manuals")).json() == {"documents": 1}
    assert (await editor.get("/v1/collections")).json()["items"] == []


async def test_a_collection_says_whether_it_is_judged_again(
    editor: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    made = await editor.post("/v1/collections", json={"name": "manuals", "rerank": True})
    assert made.json()["rerank"]
    kept = await editor.put("/v1/collections/manuals", json={"description": "How to."})
    assert kept.json()["rerank"]
    off = await editor.put("/v1/collections/manuals", json={"rerank": False})
    assert not off.json()["rerank"]
    told = [deed.details.get("rerank") for deed in gateway.audit.deeds if "collection" in deed.action]
    assert told == [True, None, False]


async def test_what_is_made_changed_hidden_and_deleted_is_written_down(
    editor: httpx.AsyncClient, gateway: FakeGateway
) -> None:
    await editor.post("/v1/collections", json={"name": "manuals", "readers": ["editor"]})
    await editor.put("/v1/collections/manuals", json={"writers": ["editor"]})
    first, second = await sent(editor), await sent(editor, "b.txt", metadata='{"customer": "Anna"}')
    for on in (True, False):
        await editor.put(f"/v1/documents/{first}/quarantine", json={"quarantined": on})
    await editor.delete(f"/v1/documents/{first}")
    forgotten = {"collection": "manuals", "metadata": {"customer": "Anna"}}
    assert (await editor.post("/v1/memory/forget", json=forgotten)).json() == {"documents": 1}
    await editor.delete("/v1/collections/manuals")
    for refused in (
        await editor.delete("/v1/collections/manuals"),
        await editor.delete(f"/v1/documents/{second}"),
    ):
        assert refused.status_code == 404
    deeds = [deed for deed in gateway.audit.deeds if deed.target and deed.target.kind in _IN_MEMORY]
    assert {(deed.actor.kind, deed.actor.email) for deed in deeds} == {("user", "editor@example.org")}
    assert [(deed.action, deed.target and deed.target.name, deed.details) for deed in deeds] == [
        ("collection.created", "manuals", {"readers": ["editor"], "writers": []}),
        ("collection.changed", "manuals", {"readers": [], "writers": ["editor"]}),
        ("document.quarantined", "plan.txt", {"collection": "manuals"}),
        ("document.released", "plan.txt", {"collection": "manuals"}),
        ("documents.deleted", "plan.txt", {"collection": "manuals"}),
        ("documents.deleted", "manuals", {"documents": 1, "document_ids": [], "metadata": ["customer"]}),
        ("collection.deleted", "manuals", {"documents": 0}),
    ]


async def test_an_upload_is_searched_cited_and_downloaded(editor: httpx.AsyncClient) -> None:
    document_id = await sent(editor, metadata='{"year": 2026}')
    found = await editor.post("/v1/memory/search", json={"query": "Which bearings?"})
    assert found.json()["items"] == []
    found = await editor.post("/v1/memory/search", json={"query": "turbine parts"})
    (hit,) = found.json()["items"]
    assert (hit["citation"]["document_id"], hit["citation"]["page_from"]) == (document_id, 1)
    assert hit["metadata"] == {"year": 2026}
    back = await editor.get(f"/v1/documents/{document_id}/content")
    assert back.content == FILE["file"][1]
    assert back.headers["content-disposition"] == "attachment; filename*=UTF-8''plan.txt"
    assert back.headers["x-content-type-options"] == "nosniff"
    assert back.headers["content-security-policy"].startswith("sandbox;")
    text = (await editor.get(f"/v1/documents/{document_id}/text?offset=4&limit=7")).json()
    assert (text["text"], text["next_offset"]) == ("turbine", 11)
    passages = (await editor.get(f"/v1/documents/{document_id}/passages")).json()["items"]
    assert [passage["position"] for passage in passages] == [1]


async def test_a_large_file_is_handed_on_in_parts(editor: httpx.AsyncClient) -> None:
    content = bytes(PART_BYTES * 2 + 5)
    answer = await editor.post("/v1/documents", data=TO, files={"file": ("big.bin", content)})
    assert answer.json()["size_bytes"] == len(content)
    back = await editor.get(f"/v1/documents/{answer.json()['id']}/content")
    assert back.content == content


async def test_a_file_that_is_too_large_leaves_nothing(editor: httpx.AsyncClient) -> None:
    content = bytes(MAX_DOCUMENT_BYTES + 1)
    answer = await editor.post("/v1/documents", data=TO, files={"file": ("big.bin", content)})
    larger = bytes(MAX_DOCUMENT_BYTES + 1_000_000)
    refused = await editor.post("/v1/documents", data=TO, files={"file": ("big.bin", larger)})
    assert (answer.status_code, refused.status_code) == (413, 413)
    assert (await editor.get("/v1/documents?collection=manuals")).json()["items"] == []


async def test_a_form_that_breaks_off_leaves_nothing(editor: httpx.AsyncClient) -> None:
    kind = {"content-type": "multipart/form-data; boundary=b"}
    head = b'--b\r\nContent-Disposition: form-data; name="collection"\r\n\r\nmanuals\r\n'
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'

    async def broken() -> AsyncIterator[bytes]:
        yield head + file

    answer = await editor.post("/v1/documents", content=broken(), headers=kind)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "form_invalid")
    assert (await editor.get("/v1/documents?collection=manuals")).json()["items"] == []


@pytest.mark.parametrize(
    ("data", "files", "field"),
    [
        (TO, {"other": ("a", b"x")}, "other"),
        ({}, FILE, "collection"),
        ({"collection": "No!"}, FILE, "collection"),
        ({**TO, "colour": "red"}, FILE, "colour"),
        ({**TO, "metadata": "[1]"}, FILE, "metadata"),
        ({**TO, "metadata": "{"}, FILE, "metadata"),
        ({"collection": ["a", "b"]}, FILE, "collection"),
        ({**TO, "metadata": "x" * 20_000}, FILE, "metadata"),
    ],
)
async def test_a_form_that_is_not_valid_is_refused(
    editor: httpx.AsyncClient,
    data: dict[str, str | list[str]],
    files: dict[str, tuple[str, bytes]],
    field: str,
) -> None:
    answer = await editor.post("/v1/documents", data=data, files=files)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["path"] == field


async def test_the_name_of_a_file_is_never_a_path(editor: httpx.AsyncClient) -> None:
    document_id = await sent(editor, name="../../etc/pass\u202ewd")
    assert (await editor.get(f"/v1/documents/{document_id}")).json()["name"] == "pass_wd"


async def test_json_is_no_upload(editor: httpx.AsyncClient) -> None:
    answer = await editor.post("/v1/documents", json={"files": [{"path": "/etc/passwd"}]})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")


async def test_the_same_key_sends_once(editor: httpx.AsyncClient) -> None:
    key = {"idempotency-key": "once"}
    answers = [await editor.post("/v1/documents", data=TO, files=FILE, headers=key) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert len((await editor.get("/v1/documents")).json()["items"]) == 1


async def test_the_dead_are_listed_and_tried_again(editor: httpx.AsyncClient) -> None:
    await sent(editor)
    dead = await sent(editor, name="dead.pdf")
    listed = (await editor.get("/v1/documents?status=dead")).json()["items"]
    assert [one["id"] for one in listed] == [dead]
    again = await editor.post(f"/v1/documents/{dead}/retry")
    assert (again.status_code, again.json()["status"]) == (202, "queued")
    assert (await editor.post(f"/v1/documents/{dead}/retry")).status_code == 409


async def test_roles_see_and_change_what_the_lists_say(editor: httpx.AsyncClient) -> None:
    closed = {"name": "manuals", "readers": ["editor"], "writers": ["admin"]}
    assert (await editor.post("/v1/collections", json=closed)).status_code == 201
    refused = await editor.post("/v1/documents", data=TO, files=FILE)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/collection-is-read-only")
    assert (await editor.get("/v1/collections/manuals")).status_code == 200


async def test_forgets_by_metadata_and_hides_on_request(editor: httpx.AsyncClient) -> None:
    kept, gone = await sent(editor), await sent(editor, metadata='{"run": "r1"}')
    body = {"collection": "manuals", "metadata": {"run": "r1"}}
    assert (await editor.post("/v1/memory/forget", json=body)).json() == {"documents": 1}
    assert (await editor.get(f"/v1/documents/{gone}")).status_code == 404
    hidden = await editor.put(f"/v1/documents/{kept}/quarantine", json={"quarantined": True})
    assert hidden.json()["quarantined"] is True
    assert (await editor.delete(f"/v1/documents/{kept}")).status_code == 204
    assert (await editor.get(f"/v1/documents/{new_id()}")).status_code == 404


async def test_an_export_has_every_text(editor: httpx.AsyncClient) -> None:
    for number in range(3):
        await sent(editor, name=f"{number}.txt")
    answer = await editor.get("/v1/collections/manuals/export")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [(line["name"], line["text"]) for line in lines] == [
        (f"{number}.txt", "the turbine needs bearings") for number in (2, 1, 0)
    ]
