"""Every example of `examples/workflows` carried out on the real platform, as a reader would try it."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import PlannedCall, Rule
from flowloom_contracts.approvals import Approval
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Run, RunStatus, StepStatus
from gateway.usecases.hook_requests import sign
from tests.integration.api import PublicApi
from tests.integration.outside import OutsideLedger, outside_ledger
from tests.integration.stack import ROOT, Stack
from tests.integration.test_people_and_money import decide, item_of
from tests.integration.waiting import until

FOLDER = ROOT / "examples" / "workflows"
EXAMPLES = {file.stem for file in FOLDER.glob("*.yaml") if not file.name.endswith(".tests.yaml")}
SENTENCES = (
    "Bees live in many cities and find food on balconies, in parks and on roofs that people plant for them. "
    "They need flowers from spring to autumn."
)
LOOK = PlannedCall(name="knowledge_search", arguments={"query": "what bees eat"})
CITED = json.dumps(
    {
        "answer": "Bees eat nectar and pollen.",
        "citations": [
            {"source": "K1", "quote": "Bees eat nectar"},
            {"source": "K9", "quote": "Bees read newspapers"},
        ],
    }
)
PRAISE = json.dumps(
    {"criteria": [{"name": name, "score": 4, "reason": "It does."} for name in ("Fit", "Clarity")]}
)


PRICES: JsonObject = {
    "product": "lamp",
    "prices": [{"name": "small", "price": 12.5}, {"name": "large", "price": 20}],
}


def _price_list(product: str, content: JsonObject) -> list[Rule]:
    """An agent that writes a file when it is asked for one, and says so when it is there."""
    write = PlannedCall(name="files_write", arguments={"path": "prices.json", "content": json.dumps(content)})
    done = json.dumps({"summary": "A price list.", "files": ["prices.json"]})
    asked = f"price list of the product '{product}'"
    return [
        Rule(
            name=f"written-{product}",
            match=f'"path": "prices.json", "size": {len(json.dumps(content))}',
            texts=[done],
        ),
        Rule(name=f"write-{product}", match=asked, calls=[write]),
    ]


@dataclass
class Reader:
    """Somebody who tries the examples."""

    api: PublicApi
    model: MockModel
    outside: OutsideLedger
    url: str
    key: str

    async def saved(self, name: str, *, publish: bool = False) -> str:
        """Save an example as it is; return its id."""
        document = await self.api.save((FOLDER / f"{name}.yaml").read_text())
        assert document.draft_valid, document.problems
        if publish:
            answer = await self.api.http.post(f"/v1/workflows/{document.id}/publish", json={})
            assert answer.status_code == 201, answer.text
        return document.id

    async def run(self, name: str, **inputs: object) -> Run:
        """Carry an example out to its end."""
        started = await self.start(name, **inputs)
        return await self.api.finished(started.id, within_s=90)

    async def start(self, name: str, **inputs: object) -> Run:
        return await self.api.start(await self.saved(name), json.loads(json.dumps(inputs)))

    def asked(self, method: str) -> list[str]:
        return [asked.path for asked in self.outside.asked if asked.method == method]

    async def run_of(self, workflow_id: str) -> Run:
        """Wait for a run that something else than this reader has started, and for its end."""

        async def found() -> Run | None:
            listed = await self.api.http.get("/v1/runs", params={"workflow_id": workflow_id})
            items = listed.json()["items"]
            return Run.model_validate(items[0]) if items else None

        run = await until(found, within_s=40, what="a run")
        assert run is not None
        return await self.api.finished(run.id, within_s=60)


@pytest.fixture
async def reader(stack: Stack, api: PublicApi, model: MockModel, key: str) -> AsyncIterator[Reader]:
    """A reader with a model that says something sensible and an outside world."""
    await model.script(
        Rule(name="plan", match="List 2 questions", texts=['["What do bees eat?", "Where do they live?"]']),
        Rule(name="mail", match="Mail from", texts=['{"summary": "wants a refund", "urgent": false}']),
        *_price_list("lamp", PRICES),
        *_price_list("broken", {**PRICES, "prices": [{"name": "small", "price": -1}]}),
        Rule(name="praise-file", match="Review the file", texts=[PRAISE]),
        Rule(name="praise", match="Review this answer", texts=[PRAISE]),
        Rule(name="cite", match='"from": "knowledge.search"', texts=[CITED]),
        Rule(name="look", match="Search the knowledge", calls=[LOOK]),
        Rule(name="any", match="", texts=[SENTENCES]),
        keep=False,
    )
    async with outside_ledger(stack.outside_port) as outside:
        yield Reader(api, model, outside, stack.outside_url, key)


async def first_brief(reader: Reader) -> None:
    run = await reader.run("first-brief", topic="bees in city gardens")
    assert (run.outputs or {})["verdict"] == "accepted", run.error
    assert (await reader.api.steps(run.id))["too_short"].status is StepStatus.SKIPPED


async def summarise(reader: Reader) -> None:
    run = await reader.run("summarise", text=SENTENCES * 2)
    assert run.outputs == {"summary": SENTENCES, "shorter": True}, run.error


async def cited_answer(reader: Reader) -> None:
    note: JsonObject = {"text": "Bees eat nectar and pollen.", "collection": f"c-{reader.key}"}
    keep = f"""apiVersion: flowloom/v1
kind: Workflow
metadata: {{name: keep-{reader.key}}}
steps:
  keep: {{tool: memory.store, with: {json.dumps(note)}}}
"""
    kept = await reader.api.start((await reader.api.save(keep)).id, {})
    assert (await reader.api.finished(kept.id)).status is RunStatus.SUCCEEDED
    run = await reader.run("cited-answer", question="What do bees eat?", collection=f"c-{reader.key}")
    outputs = run.outputs or {}
    assert outputs.get("verdict") == "pass", run.error
    (citation,) = outputs["citations"] if isinstance(outputs["citations"], list) else []
    assert isinstance(citation, dict)
    assert (citation["quote"], citation["span"]) == ("Bees eat nectar", {"start": 0, "end": 15})


async def checked_file(reader: Reader) -> None:
    run = await reader.run("checked-file", product="lamp")
    assert run.outputs == {"files": ["prices.json"], "verdict": "pass", "score": 4.0}, run.error
    listed = (await reader.api.http.get(f"/v1/runs/{run.id}/files/prices.json")).json()
    assert listed == PRICES
    checks = (await reader.api.steps(run.id))["review"].output
    assert isinstance(checks, dict) and isinstance(checks["checks"], list)
    assert {one["passed"] for one in checks["checks"] if isinstance(one, dict)} == {True}
    wrong = await reader.run("checked-file", product="broken")
    assert (wrong.outputs or {})["verdict"] == "fail", wrong.error


async def invoice_totals(reader: Reader) -> None:
    run = await reader.run("invoice-totals", lines=[{"text": "printer", "count": 2, "price": 900}])
    assert (run.outputs or {})["totals"] == {"net": 1800, "tax": 342, "total": 2142}, run.error
    assert (await reader.api.steps(run.id))["is_large"].status is StepStatus.SUCCEEDED


async def sort_support_mail(reader: Reader) -> None:
    for mail, handled in {
        "I want my money back": "alerted",
        "How do I change my name?": "filed",
        "You won the LOTTERY": "dropped",
    }.items():
        run = await reader.run("sort-support-mail", mail=mail, sender="eve")
        assert run.outputs == {"summary": "wants a refund", "handled": handled}, run.error


async def approve_an_answer(reader: Reader) -> None:
    changed = await reader.start("approve-an-answer", question="When do you open?")
    item = await asked_of(reader, changed)
    assert item.to == ["role:operator"]
    answer = await decide(reader.api, item, {"decision": "edit", "data": {"text": "At ten."}})
    assert answer.status_code == 200, answer.text
    assert (await reader.api.finished(changed.id)).outputs == {"answer": "At ten."}
    rejected = await reader.start("approve-an-answer", question="When do you open?")
    await decide(reader.api, await asked_of(reader, rejected), {"decision": "reject", "comment": "no"})
    error = (await reader.api.finished(rejected.id)).error
    assert error is not None
    assert (error.code, error.message) == ("stopped", "Rejected: no")


async def asked_of(reader: Reader, run: Run) -> Approval:
    return await item_of(reader.api, run, "approval")


async def market_brief(reader: Reader) -> None:
    saved = await reader.api.http.put("/v1/secrets/crm_token", json={"value": "tok-7f3a9c51"})
    assert saved.status_code in (200, 201), saved.text
    reader.outside.scripted["POST /briefs"] = [("201 Created", "{}")]
    run = await reader.run("market-brief", topic=f"bees {reader.key}", crm_url=f"{reader.url}/briefs")
    assert run.outputs == {"brief": SENTENCES, "sent": True}, run.error
    assert reader.asked("POST") == ["/briefs"]
    steps = await reader.api.steps(run.id)
    assert steps["approve"].status is StepStatus.SKIPPED
    assert steps["research[1].answer"].output == SENTENCES


async def nightly_digest(reader: Reader) -> None:
    await reader.saved("summarise", publish=True)
    feed = {"items": [{"title": f"News {number}"} for number in range(7)]}
    reader.outside.scripted["GET /news.json"] = [
        ("503 Service Unavailable", ""),
        ("200 OK", json.dumps(feed)),
    ]
    run = await reader.run("nightly-digest", feed=f"{reader.url}/news.json")
    assert run.outputs == {"summary": SENTENCES, "count": 5}, run.error
    assert (await reader.api.steps(run.id))["fetch"].attempt == 2


async def order_with_undo(reader: Reader) -> None:
    reader.outside.scripted |= {
        "PUT /shipments": [("409 Conflict", "{}")],
        "DELETE /reservations": [("204 No Content", "")],
    }
    run = await reader.run("order-with-undo", shop=reader.url)
    assert run.error is not None
    assert (run.status, run.error.code, run.error.step) == (RunStatus.FAILED, "409", "ship")
    made = [f"{asked.method} {asked.path.split('/')[1]}" for asked in reader.outside.asked]
    taken_back = ["POST refunds", "DELETE reservations"]
    assert made == ["PUT reservations", "POST charges", "PUT shipments", *taken_back]
    assert (await reader.api.steps(run.id))["on_failure.tell"].status is StepStatus.SUCCEEDED
    reader.outside.scripted.clear()
    assert (await reader.run("order-with-undo", shop=reader.url)).status is RunStatus.SUCCEEDED


async def report_within_budget(reader: Reader) -> None:
    run = await reader.run("report-within-budget", customer=reader.key)
    assert run.outputs == {"report": "\n\n".join([SENTENCES] * 3), "chapters": 3}, run.error


async def wait_for_payment(reader: Reader) -> None:
    order = f"A-{reader.key}"
    run = await reader.start("wait-for-payment", order=order, patience="60s")

    async def is_waiting() -> bool:
        return (await reader.api.run(run.id)).status is RunStatus.WAITING

    await until(is_waiting, within_s=30, what="the wait for a payment")
    paid: JsonObject = {"name": "payment-received", "data": {"order": order, "paid": True, "amount": 12}}
    told = await reader.api.http.post("/v1/events", json=paid, headers={"Idempotency-Key": f"pay-{order}"})
    assert told.status_code == 202, told.text
    assert (await reader.api.finished(run.id)).outputs == {"paid": True, "booked": 12}
    late = await reader.run("wait-for-payment", order=f"B-{reader.key}", patience="500ms")
    assert late.outputs == {"paid": False, "booked": 0}, late.error


async def watch_a_page(reader: Reader) -> None:
    looks = [("200 OK", "closed"), ("404 Not Found", ""), ("200 OK", "now open")]
    reader.outside.scripted["GET /page"] = looks
    run = await reader.run("watch-a-page", url=f"{reader.url}/page", text="open", every="200ms")
    assert run.outputs == {"rounds": 3}, run.error


async def webhook_intake(reader: Reader) -> None:
    workflow_id = await reader.saved("webhook-intake", publish=True)
    hooks = (await reader.api.http.get("/v1/webhooks")).json()["items"]
    hook = next(one for one in hooks if one["workflow"]["id"] == workflow_id)
    secret = (await reader.api.http.post(f"/v1/webhooks/{hook['id']}/secret")).json()["secret"]
    body, now = b'{"name": " Ann ", "text": "Hello there"}', str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "x-event-id": reader.key,
        "x-flowloom-timestamp": now,
        "x-flowloom-signature": f"sha256={sign(secret, now, body)}",
    }
    forged = await reader.api.http.post(
        hook["path"], content=body, headers=headers | {"x-flowloom-signature": f"sha256={'0' * 64}"}
    )
    assert forged.status_code == 401, forged.text
    answers = [await reader.api.http.post(hook["path"], content=body, headers=headers) for _ in range(2)]
    assert [(answer.status_code, answer.json()["duplicate"]) for answer in answers] == [
        (202, False),
        (202, True),
    ]
    run = await reader.run_of(workflow_id)
    assert run.status is RunStatus.SUCCEEDED, run.error
    assert (await reader.api.steps(run.id))["clean"].output == {"name": "Ann", "text": "Hello there"}


TRIED: dict[str, Callable[[Reader], Awaitable[None]]] = {
    tried.__name__.replace("_", "-"): tried
    for tried in (
        first_brief,
        summarise,
        cited_answer,
        checked_file,
        invoice_totals,
        sort_support_mail,
        approve_an_answer,
        market_brief,
        nightly_digest,
        order_with_undo,
        report_within_budget,
        wait_for_payment,
        watch_a_page,
        webhook_intake,
    )
}


@pytest.mark.parametrize("name", sorted(TRIED))
async def test_an_example_does_what_it_says(reader: Reader, name: str) -> None:
    await TRIED[name](reader)


def test_every_example_is_tried() -> None:
    assert set(TRIED) == EXAMPLES
