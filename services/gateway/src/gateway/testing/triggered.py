"""A published workflow with triggers, for the tests of what starts runs by itself."""

import httpx

SOURCE = """\
apiVersion: flowloom/v1
kind: Workflow
metadata: {name: orders}
inputs: {type: object}
triggers:
  - id: hook
    webhook: {auth: none}
    inputs: {topic: "${trigger.body.topic}", page: "${default(trigger.query.page, '1')}"}
  - id: keyed
    webhook: {auth: api_key, dedupe: "${trigger.headers['x-event-id']}"}
  - id: signed
    webhook: {auth: signature}
  - id: paid
    event: {topic: order.paid, match: "${trigger.data.total > 10}"}
    inputs: {order: "${trigger.data.order}"}
  - id: weekly
    schedule: "0 7 * * MON"
    zone: Europe/Berlin
    inputs: {due: "${trigger.due_at}"}
steps:
  greet:
    transform: "${'hello'}"
outputs: {text: "${steps.greet.output}"}
"""
BARE = SOURCE[: SOURCE.index("triggers:")] + SOURCE[SOURCE.index("steps:") :]


async def saved(client: httpx.AsyncClient, source: str = SOURCE) -> str:
    """Store a workflow and return its id."""
    made = await client.post("/v1/workflows", json={"source": source})
    made.raise_for_status()
    workflow_id: str = made.json()["id"]
    return workflow_id


async def published(client: httpx.AsyncClient, source: str = SOURCE) -> str:
    """Store and publish a workflow and return its id."""
    workflow_id = await saved(client, source)
    answer = await client.post(f"/v1/workflows/{workflow_id}/publish", json={})
    answer.raise_for_status()
    return workflow_id


async def changed(client: httpx.AsyncClient, workflow_id: str, source: str) -> None:
    """Save another draft."""
    body = {"source": source}
    answer = await client.put(f"/v1/workflows/{workflow_id}", json=body, headers={"if-match": "*"})
    answer.raise_for_status()


async def hook_path(client: httpx.AsyncClient, trigger: str) -> str:
    """Return the address of a webhook by its trigger's id."""
    items = (await client.get("/v1/webhooks")).json()["items"]
    path: str = next(item["path"] for item in items if item["trigger"] == trigger)
    return path
