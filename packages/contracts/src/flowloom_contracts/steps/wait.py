"""The `wait` step: let time pass."""

from pydantic import Field

from flowloom_contracts.step_fields import StepFields, TemplatedDuration, Written


class Wait(Written):
    """How long to wait."""

    duration: TemplatedDuration = Field(alias="for", description="A duration such as 10s or 2h.")


class WaitStep(StepFields):
    """Wait; its output is null."""

    wait: Wait = Field(title="Wait", description="How long to wait.")
