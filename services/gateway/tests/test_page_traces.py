"""The trace of a page: continued for the session that it belongs to, and for nobody else."""

import base64
import json

import httpx
import pytest
from pydantic import ValidationError

from flowloom_contracts.runs import RunList, RunListQuery
from flowloom_servicekit.tracing import carrier
from gateway.testing.gateway import PUBLIC_URL, SETUP_TOKEN, FakeGateway, fake_settings

OWNER = {
    "setup_token": SETUP_TOKEN,
    "email": "ada@example.org",
    "password": "a long enough password",
    "workspace": "Ada",
}
WORKFLOW = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: hello}
steps:
  greet: {llm: default, prompt: Hi}
"""
RANDOM = "8448eb211c80319c"
SPAN = "b7ad6b7169203331"


def trace_of(client: httpx.AsyncClient, rest: str = RANDOM) -> str:
    """Return a trace id as the page of this session makes it."""
    payload = client.headers["authorization"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["sid"]).replace("-", "")[-16:] + rest


async def test_the_trace_of_a_page_goes_on_in_the_gateway(owner: httpx.AsyncClient) -> None:
    trace = trace_of(owner)
    answer = await owner.get("/v1/me", headers={"traceparent": f"00-{trace}-{SPAN}-00"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (200, trace)


async def test_a_problem_names_the_trace_of_the_page(owner: httpx.AsyncClient) -> None:
    trace = trace_of(owner)
    answer = await owner.get("/v1/workflows/none", headers={"traceparent": f"00-{trace}-{SPAN}-00"})
    assert (answer.status_code, answer.json()["trace_id"]) == (404, trace)


async def test_what_is_asked_of_others_goes_on_in_the_trace_of_the_page(
    owner: httpx.AsyncClient, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, str]] = []
    page = gateway.runs.page

    async def listed(query: RunListQuery) -> RunList:
        sent.append(carrier())
        return await page(query)

    monkeypatch.setattr(gateway.runs, "page", listed)
    trace = trace_of(owner)
    headers = {"traceparent": f"00-{trace}-{SPAN}-01", "baggage": "run=another,tenant=another"}
    assert (await owner.get("/v1/runs", headers=headers)).status_code == 200
    (onward,) = sent
    assert onward["traceparent"] == f"00-{trace}-{SPAN}-00", "who sends it does not decide what is kept"
    assert "another" not in onward["baggage"], "nothing of a stranger's baggage goes on"


@pytest.mark.parametrize(
    "header",
    [
        "00-{other}-b7ad6b7169203331-00",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "01-{own}-b7ad6b7169203331-00",
        "00-{own}-b7ad6b7169203331",
        "{own}",
        "",
    ],
)
async def test_another_trace_has_no_effect(owner: httpx.AsyncClient, header: str) -> None:
    given = {"own": trace_of(owner), "other": f"{'0' * 15}1{RANDOM}"}
    answer = await owner.get("/v1/me", headers={"traceparent": header.format(**given)})
    assert answer.status_code == 200
    assert answer.headers["x-request-id"] not in (*given.values(), "0af7651916cd43dd8448eb211c80319c")


@pytest.mark.parametrize("signed", ["", "Bearer ", "Bearer a.b.c", "Basic YTpi", "bearer"])
async def test_who_is_not_signed_in_begins_no_trace(
    owner: httpx.AsyncClient, stranger: httpx.AsyncClient, signed: str
) -> None:
    trace = trace_of(owner)
    headers = {"traceparent": f"00-{trace}-{SPAN}-00", "authorization": signed}
    answer = await stranger.get("/v1/me", headers=headers)
    assert answer.status_code == 401
    assert trace not in (answer.headers["x-request-id"], answer.json()["trace_id"])


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)//{trace_id}", "https://traces.example", "traces/{trace_id}"]
)
def test_an_address_that_leads_to_no_trace_stops_the_start(address: str) -> None:
    with pytest.raises(ValidationError, match="it needs http or https"):
        fake_settings(trace_url=address)


def test_a_run_leads_to_its_trace_where_somebody_keeps_traces() -> None:
    grafana = 'https://grafana.example/explore?left={"queries":[{"query":"{trace_id}"}]}'
    assert fake_settings(trace_url=grafana).trace_url_of("0af7") == grafana.replace("{trace_id}", "0af7")
    assert fake_settings(trace_url=grafana).trace_url_of(None) is None
    assert fake_settings().trace_url_of("0af7") is None


async def test_the_record_of_a_run_has_the_address_of_its_trace() -> None:
    fakes = FakeGateway(settings=fake_settings(trace_url="https://traces.example/{trace_id}"))
    async with fakes.app.router.lifespan_context(fakes.app):
        transport = httpx.ASGITransport(app=fakes.app)
        async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
            token = (await client.post("/v1/auth/setup", json=OWNER)).json()["access_token"]
            client.headers["authorization"] = f"Bearer {token}"
            document = (await client.post("/v1/workflows", json={"source": WORKFLOW})).json()
            path = f"/v1/workflows/{document['id']}/runs"
            run = (await client.post(path, json={"inputs": {}}, headers={"Idempotency-Key": "k"})).json()
            record = (await client.get(f"/v1/runs/{run['id']}/record")).json()
    assert len(run["trace_id"]) == 32
    assert record["run"]["trace_id"] == run["trace_id"]
    assert record["trace_url"] == f"https://traces.example/{run['trace_id']}"


async def test_a_key_is_no_session(owner: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    made = (await owner.post("/v1/api-keys", json={"name": "k", "scopes": ["runs:read"]})).json()
    trace = trace_of(owner)
    headers = {"traceparent": f"00-{trace}-{SPAN}-00", "x-api-key": made["key"]}
    answer = await stranger.get("/v1/runs", headers=headers)
    assert (answer.status_code, answer.headers["x-request-id"] == trace) == (200, False)
