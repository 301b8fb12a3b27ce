"""Internal calls: what one side writes, the other side reads."""

import pytest

from flowloom_contracts.forks import ForkBody, ForkRun, StepOverride
from flowloom_contracts.runs import Actor, StepRef, WorkflowRef
from flowloom_contracts.starts import StartRun


def test_reads_what_it_has_written_when_a_field_has_an_alias() -> None:
    origin = StepRef(run_id="r", step="a")
    given = {
        "actor": Actor(workspace_id="w"),
        "workflow": WorkflowRef(id="i", name="n"),
        "version": 1,
        "source": "",
        "inputs": {},
        "request_hash": "",
        "from": origin,
    }
    request = StartRun.model_validate(given)
    again = StartRun.model_validate_json(request.model_dump_json())
    assert again == request
    assert again.from_ == origin


@pytest.mark.parametrize(("written", "has_output"), [({}, False), ({"output": None}, True)])
def test_tells_a_written_null_from_none_on_the_other_side(written: dict[str, None], has_output: bool) -> None:
    fork = ForkRun(
        actor=Actor(workspace_id="w"),
        run_id="r",
        body=ForkBody(from_step="a", overrides={"a": StepOverride.model_validate(written)}),
    )
    again = ForkRun.model_validate_json(fork.model_dump_json())
    assert again.body.overrides["a"].has_output is has_output
