"""Workflow documents, through the public interface."""

import httpx
import pytest

from gateway.domain.permissions import Role
from gateway.testing.gateway import AsMember

GOOD = """\
# a comment that stays
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: hello,   title: Hello there}
steps:
  greet:
    transform: "${'hello'}"
outputs: {text: "${steps.greet.output}"}
"""


async def _made(client: httpx.AsyncClient, source: str = GOOD) -> dict[str, object]:
    answer = await client.post("/v1/workflows", json={"source": source})
    assert answer.status_code == 201, answer.text
    made: dict[str, object] = answer.json()
    return made


async def test_stores_a_document_byte_for_byte(owner: httpx.AsyncClient) -> None:
    source = GOOD + "# \u00e4\u0000\r\n\t end  "
    layout = {"nodes": {"greet": {"x": 1.5, "note": "a\u0000b"}}}
    made = (
        await owner.post("/v1/workflows", json={"source": source, "layout": layout, "tests": "- a\r\n"})
    ).json()
    read = await owner.get(f"/v1/workflows/{made['id']}")
    assert (read.json()["source"], read.json()["layout"], read.json()["tests"]) == (source, layout, "- a\r\n")
    assert read.json() == made


async def test_names_a_document_by_its_metadata(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/workflows", json={"source": GOOD})
    made = answer.json()
    assert (made["name"], made["title"], made["draft_valid"], made["problems"]) == (
        "hello",
        "Hello there",
        True,
        [],
    )
    assert answer.headers["location"] == f"/v1/workflows/{made['id']}"
    assert answer.headers["etag"] == made["etag"]


@pytest.mark.parametrize(
    "source", ["", "{", "just text", "metadata: {name: 'No Good'}", "\u0000", "- a\n- b"]
)
async def test_stores_anything_as_an_untitled_draft(owner: httpx.AsyncClient, source: str) -> None:
    made = await _made(owner, source)
    assert made["name"] == f"untitled-{made['id']}"
    assert made["draft_valid"] is False
    assert made["problems"]
    assert made["source"] == source


async def test_keeps_the_name_when_a_save_has_none(owner: httpx.AsyncClient) -> None:
    made = await _made(owner)
    saved = await owner.put(
        f"/v1/workflows/{made['id']}", json={"source": "{"}, headers={"if-match": str(made["etag"])}
    )
    assert (saved.json()["name"], saved.json()["draft_valid"]) == ("hello", False)


async def test_refuses_a_name_twice_in_one_workspace(owner: httpx.AsyncClient, as_member: AsMember) -> None:
    await _made(owner)
    second = await owner.post("/v1/workflows", json={"source": GOOD})
    other = await as_member("bob@example.org", Role.EDITOR)
    assert (second.status_code, second.json()["type"]) == (409, "/problems/workflow-name-taken")
    await _made(other)


async def test_refuses_to_rename_to_a_taken_name(owner: httpx.AsyncClient) -> None:
    await _made(owner)
    other = await _made(owner, GOOD.replace("hello,", "other,"))
    answer = await owner.put(
        f"/v1/workflows/{other['id']}", json={"source": GOOD}, headers={"if-match": str(other["etag"])}
    )
    assert answer.status_code == 409


async def test_saves_over_the_state_that_was_read(owner: httpx.AsyncClient) -> None:
    made = await _made(owner)
    path = f"/v1/workflows/{made['id']}"
    without = await owner.put(path, json={"source": GOOD})
    first = await owner.put(path, json={"source": GOOD}, headers={"if-match": str(made["etag"])})
    stale = await owner.put(path, json={"source": "x"}, headers={"if-match": str(made["etag"])})
    weak = await owner.put(path, json={"source": "x"}, headers={"if-match": f"W/{first.headers['etag']}"})
    any_state = await owner.put(path, json={"source": GOOD}, headers={"if-match": "*"})
    statuses = [answer.status_code for answer in (without, first, stale, weak, any_state)]
    assert statuses == [428, 200, 412, 412, 200]
    assert len({made["etag"], first.headers["etag"], any_state.headers["etag"]}) == 3


async def test_keeps_layout_and_tests_when_a_save_leaves_them_out(owner: httpx.AsyncClient) -> None:
    body = {"source": GOOD, "layout": {"zoom": 2}, "tests": "- case"}
    made = (await owner.post("/v1/workflows", json=body)).json()
    saved = await owner.put(
        f"/v1/workflows/{made['id']}", json={"source": GOOD}, headers={"if-match": made["etag"]}
    )
    assert (saved.json()["layout"], saved.json()["tests"]) == ({"zoom": 2}, "- case")


async def test_deletes_a_workflow(owner: httpx.AsyncClient) -> None:
    made = await _made(owner)
    path = f"/v1/workflows/{made['id']}"
    stale = await owner.delete(path, headers={"if-match": '"r9"'})
    gone = await owner.delete(path)
    assert [stale.status_code, gone.status_code, (await owner.get(path)).status_code] == [412, 204, 404]


async def test_lists_workflows_page_by_page(owner: httpx.AsyncClient) -> None:
    made = [(await _made(owner, GOOD.replace("hello,", f"w{n},")))["id"] for n in range(3)]
    first = (await owner.get("/v1/workflows", params={"limit": 2})).json()
    second = (await owner.get("/v1/workflows", params={"cursor": first["next_cursor"]})).json()
    assert [row["id"] for row in first["items"] + second["items"]] == made[::-1]
    assert second["next_cursor"] is None
    assert "source" not in first["items"][0]


async def test_does_not_know_workflows_of_another_workspace(
    owner: httpx.AsyncClient, as_member: AsMember
) -> None:
    made = await _made(owner)
    path = f"/v1/workflows/{made['id']}"
    other = await as_member("bob@example.org", Role.OWNER)
    put = await other.put(path, json={"source": GOOD}, headers={"if-match": "*"})
    statuses = [(await other.get(path)).status_code, put.status_code, (await other.delete(path)).status_code]
    assert statuses == [404, 404, 404]
    assert (await other.get("/v1/workflows")).json()["items"] == []


@pytest.mark.parametrize(
    "workflow_id", ["01890000-0000-7000-8000-000000000000", "nothing", "%00", "../..%2f"]
)
async def test_answers_404_when_there_is_no_such_workflow(owner: httpx.AsyncClient, workflow_id: str) -> None:
    answer = await owner.get(f"/v1/workflows/{workflow_id}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_lets_a_viewer_read_only(as_member: AsMember) -> None:
    viewer = await as_member("viewer@example.org", Role.VIEWER)
    assert (await viewer.get("/v1/workflows")).status_code == 200
    assert (await viewer.post("/v1/validate", json={"source": GOOD})).json() == {"problems": []}
    assert (await viewer.post("/v1/workflows", json={"source": GOOD})).status_code == 403


async def test_tells_where_the_problems_of_a_document_are(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/validate", json={"source": GOOD.replace("steps.greet", "steps.gret")})
    problem = answer.json()["problems"][0]
    assert (answer.status_code, problem["code"], problem["line"]) == (200, "unknown_step", 8)


async def test_knows_which_agents_there_are(owner: httpx.AsyncClient) -> None:
    source = GOOD.replace("steps:\n", "steps:\n  ask: {agent: resarch, prompt: Hi}\n")
    problems = (await owner.post("/v1/validate", json={"source": source})).json()["problems"]
    assert [(one["code"], one["hint"]) for one in problems] == [("unknown_agent", "Did you mean research?")]


@pytest.mark.parametrize(
    "body",
    [
        b'{"source": 1}',
        b"{",
        b"[]",
        b'{"source": "a", "id": "x"}',
        b'{"source": "a", "layout": {"x": NaN}}',
        b'{"source": "a", "layout": {"x": 1e999}}',
        b'{"source": "\\ud800"}',
        b'{"source": "a", "layout": {"x": "\\ud800"}}',
    ],
)
async def test_refuses_a_body_of_another_shape(owner: httpx.AsyncClient, body: bytes) -> None:
    answer = await owner.post("/v1/workflows", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
