"""Records histories of representative runs from a real platform (`python -m …record_histories [NAME …]`).

Run it when a new kind of history exists, never to make a failing replay pass: what is stored on somebody's
disk is not recorded again. Port base and home are those of the tests.
"""

import asyncio
import json
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import asyncpg
import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Fault, Rule
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Run, RunStatus, StepStatus
from flowloom_contracts.topics import AppId
from flowloom_servicekit.testing.histories import fetch_history
from orchestrator.domain.records import driver_instance
from tests.integration import documents
from tests.integration import recorded_runs as recorded
from tests.integration.api import PublicApi
from tests.integration.outside import outside_ledger
from tests.integration.stack import ROOT, Stack
from tests.integration.test_people_and_money import decide, item_of
from tests.integration.waiting import until

FOLDER: Final = ROOT / "services" / "orchestrator" / "tests" / "histories"
PORT_BASE: Final = 24000
_SLOW: Final = Rule(name="slow", match="", mode="stream", tokens=30)

WIDE: Final = documents.document(
    "wide",
    "".join(f'  s{n}: {{llm: default, prompt: "[[${{inputs.key}}/s{n}]]"}}\n' for n in range(12)),
)
FOUR_AGENTS: Final = documents.document(
    "four-agents",
    "".join(
        f'  {agent}: {{agent: {agent}, prompt: "[[${{inputs.key}}/{agent}]]"}}\n'
        for agent in ("research", "analysis", "implementation", "qa")
    ),
)
WAITS: Final = documents.document(
    "waits",
    "  first: {wait: {for: 300ms}}\n  second: {needs: [first], wait: {for: 200ms}}\n"
    '  talk: {needs: [second], agent: qa, prompt: "[[${inputs.key}/talk]]"}\n',
)
TIMER_BESIDE_WORK: Final = documents.document(
    "timer-beside-work",
    '  pause: {wait: {for: 500ms}}\n  talk: {agent: research, prompt: "[[${inputs.key}/talk]]"}\n',
)
RETRIES: Final = documents.document(
    "retries",
    '  ask:\n    agent: analysis\n    prompt: "[[${inputs.key}/ask]]"\n'
    "    retry: {max: 2, first: 200ms, on: [upstream]}\n",
)


class Recorder:
    """Starts runs and keeps what the engine has written of them."""

    def __init__(self, stack: Stack, api: PublicApi, model: MockModel) -> None:
        self.stack, self.api, self.model = stack, api, model

    async def start(self, source: str, name: str, *rules: Rule) -> Run:
        """Start a run of a document under these rules."""
        await self.model.script(*rules, keep=False)
        inputs: JsonObject = {"key": name}
        if "${inputs.url}" in source:
            inputs["url"] = self.stack.outside_url
        return await self.api.start((await self.api.save(source)).id, inputs)

    async def whole(self, source: str, name: str, *rules: Rule) -> Run:
        """Run to the end."""
        run = await self.start(source, name, *rules)
        return await self.api.finished(run.id, within_s=90)

    async def interrupted(self, source: str, name: str, what: Callable[[Run], Awaitable[object]]) -> Run:
        """Do something to a run while its model speaks, then let it end."""
        run = await self.start(source, name, Rule(name=name, match=name, mode="stream", tokens=120))
        async for _, event in self.api.stream(run.id):
            if event.type == "step.delta.v1":
                break
        await what(run)
        return await self.api.finished(run.id, within_s=90)

    async def asked(
        self, source: str, name: str, *rules: Rule, kind: str = "approval", decision: str = "approve"
    ) -> Run:
        """Start a run, say something when it asks, and let it end."""
        run = await self.start(source, name, *rules)
        item = await item_of(self.api, run, kind)
        answer = await decide(self.api, item, {"decision": decision})
        assert answer.is_success, answer.text
        return await self.api.finished(run.id, within_s=90)

    async def told(self, source: str, name: str) -> Run:
        """Start a run, let its event come, and let it end."""
        run = await self.start(source, name)

        async def is_waiting() -> bool:
            return (await self.api.run(run.id)).status is RunStatus.WAITING

        await until(is_waiting, within_s=30, what="a run that waits")
        event = {"name": "recorded-news", "data": {"key": name}}
        answer = await self.api.http.post("/v1/events", json=event, headers={"Idempotency-Key": name})
        assert answer.is_success, answer.text
        return await self.api.finished(run.id, within_s=90)

    async def calling(self, source: str, name: str) -> Run:
        """Run a document that calls another one, which is published for it."""
        inner = await self.api.save(recorded.INNER)
        published = await self.api.http.post(f"/v1/workflows/{inner.id}/publish", json={})
        assert published.is_success, published.text
        return await self.whole(source, name, _SLOW)

    async def paused(self, run: Run) -> None:
        """Pause a run and let it go on."""
        await self.api.pause(run.id)
        await self.api.resume(run.id)

    async def killed(self, run: Run) -> None:
        """End a run at once."""
        answer = await self.api.http.post(f"/v1/runs/{run.id}/kill", json={})
        assert answer.is_success, answer.text

    async def retried(self, source: str, name: str, *rules: Rule) -> Run:
        """Let a run fail, then retry it without the rules."""
        run = await self.whole(source, name, *rules)
        assert run.status is RunStatus.FAILED
        await self.model.script(keep=False)
        answer = await self.api.http.post(f"/v1/runs/{run.id}/retry", json={})
        assert answer.is_success, answer.text
        return await self.api.finished(run.id, within_s=90)

    async def forked(self, source: str, name: str, step: str) -> Run:
        """Fork a run from a step inside it."""
        run = await self.whole(source, name, _SLOW)
        answer = await self.api.http.post(f"/v1/runs/{run.id}/fork", json={"from_step": step})
        assert answer.status_code == 202, answer.text
        return await self.api.finished(answer.json()["id"], within_s=90)

    async def uncertain(self, source: str, name: str) -> Run:
        """Let a request be without an answer when its process dies; a person says that it was made."""
        run = await self.start(source, name, _SLOW)

        async def is_made() -> bool:
            return (await self.api.steps(run.id))["post"].status is StepStatus.RUNNING

        await until(is_made, within_s=30, what="the request")
        await self.stack.kill("orchestrator")
        item = await item_of(self.api, run, "uncertain")
        answer = await decide(self.api, item, {"decision": "done", "data": {"result": 1}})
        assert answer.is_success, answer.text
        return await self.api.finished(run.id, within_s=90)

    async def keep(self, name: str, run: Run) -> None:
        """Fetch the history of the run's driver and write it to its file."""
        topology = self.stack.platform.topology
        token = self.stack.secrets.dapr_api_tokens[AppId.ORCHESTRATOR]
        instance = driver_instance(run.id, run.attempt, await self._driver(run))
        port = topology.dapr_grpc(AppId.ORCHESTRATOR)
        events = await asyncio.to_thread(fetch_history, port, token, instance)
        record = {"run": {"status": run.status, "id": run.id}, "instance": instance, "events": events}
        (FOLDER / f"{name}.json").write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
        sys.stdout.write(f"{name}: {run.status}, {len(events)} events\n")

    async def _driver(self, run: Run) -> int:
        connection = await asyncpg.connect(self.stack.database_url("orchestrator"))
        try:
            return int(
                await connection.fetchval("SELECT driver FROM orchestrator.runs WHERE id = $1", run.id)
            )
        finally:
            await connection.close()


async def _record(recorder: Recorder, wanted: set[str]) -> None:
    fails_once = Rule(name="once", match="", fault=Fault(status=500), fault_times=1)
    fails = Rule(name="always", match="", fault=Fault(status=500))
    slow = _SLOW
    whole, interrupted, stack = recorder.whole, recorder.interrupted, recorder.stack
    fails_second = Rule(name="second", match="/second", fault=Fault(status=401))
    runs: dict[str, Callable[[str], Awaitable[Run]]] = _of_kinds(recorder) | {
        "retried-run": lambda name: recorder.retried(recorded.FAILS_LATE, name, fails_second),
        "paused": lambda name: interrupted(documents.CREW, name, recorder.paused),
        "killed": lambda name: interrupted(documents.LONG_AGENT, name, recorder.killed),
        "agents-sidecar-killed": lambda name: interrupted(
            documents.LONG_AGENT, name, lambda _: stack.kill("agent-research-dapr")
        ),
        "orchestrators-sidecar-killed": lambda name: interrupted(
            documents.CREW, name, lambda _: stack.kill("orchestrator-dapr")
        ),
        "scheduler-killed": lambda name: interrupted(documents.CREW, name, lambda _: stack.kill("scheduler")),
        "local-chain": lambda name: whole(documents.CHAIN, name),
        "one-agent": lambda name: whole(documents.LONG_AGENT, name),
        "crew": lambda name: whole(documents.CREW, name),
        "branches": lambda name: whole(documents.BRANCHES, name),
        "four-agents": lambda name: whole(FOUR_AGENTS, name, slow),
        "wide": lambda name: whole(WIDE, name, slow),
        "waits": lambda name: whole(WAITS, name),
        "timer-beside-work": lambda name: whole(TIMER_BESIDE_WORK, name, slow),
        "retry-of-an-agent": lambda name: whole(RETRIES, name, fails_once),
        "failed": lambda name: whole(documents.IMPATIENT, name, fails),
        "cancelled-agent": lambda name: interrupted(
            documents.LONG_AGENT, name, lambda run: recorder.api.cancel(run.id)
        ),
        "cancelled-local": lambda name: interrupted(
            documents.LONG_LLM, name, lambda run: recorder.api.cancel(run.id)
        ),
        "agent-killed": lambda name: interrupted(
            documents.LONG_AGENT, name, lambda _: stack.kill("agent-research")
        ),
        "orchestrator-killed": lambda name: interrupted(
            documents.CREW, name, lambda _: stack.kill("orchestrator")
        ),
    }
    for name, make in runs.items():
        if wanted and name not in wanted:
            continue
        try:
            await recorder.keep(name, await make(name))
        except (AssertionError, grpc.RpcError) as error:
            sys.stdout.write(f"{name}: NOT RECORDED, {error}\n")


def _of_kinds(recorder: Recorder) -> dict[str, Callable[[str], Awaitable[Run]]]:
    whole = recorder.whole
    silent = Rule(name="long", match="", mode="stream", tokens=400)
    return {
        "instant": lambda name: whole(recorded.INSTANT, name),
        "local-kinds": lambda name: whole(recorded.LOCAL_KINDS, name),
        "items": lambda name: whole(recorded.ITEMS, name, _SLOW),
        "rounds": lambda name: whole(recorded.ROUNDS, name),
        "long": lambda name: whole(recorded.LONG, name),
        "approved": lambda name: recorder.asked(recorded.ASKS, name),
        "expired": lambda name: whole(recorded.EXPIRES, name),
        "event": lambda name: recorder.told(recorded.HEARS, name),
        "no-event": lambda name: whole(recorded.HEARS_NOTHING, name),
        "inner-run": lambda name: recorder.calling(recorded.OUTER, name),
        "detached-run": lambda name: recorder.calling(recorded.DETACHED, name),
        "undone": lambda name: whole(recorded.UNDONE, name),
        "recovered": lambda name: whole(recorded.RECOVERED, name),
        "budget": lambda name: recorder.asked(recorded.DEAR, name, kind="budget", decision="raise"),
        "stopped": lambda name: whole(recorded.STOPS, name, silent),
        "timed-out": lambda name: whole(recorded.HURRIED, name, silent),
        "uncertain": lambda name: recorder.uncertain(recorded.SILENT, name),
        "forked": lambda name: recorder.forked(recorded.ITEMS, name, "each[2].talk"),
    }


async def main(wanted: set[str]) -> None:
    """Start a platform, record, stop."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        stack = Stack(Path(home), port_base=PORT_BASE)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            await asyncio.to_thread(stack.start)
            async with (
                PublicApi(stack.url, stack.api_key) as api,
                MockModel(stack.mock.url) as model,
                outside_ledger(stack.outside_port),
            ):
                await _record(Recorder(stack, api, model), wanted)
        finally:
            await asyncio.to_thread(stack.stop)


if __name__ == "__main__":
    asyncio.run(main(set(sys.argv[1:])))
