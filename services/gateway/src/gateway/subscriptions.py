"""Events of topics: what users emit reaches the event triggers, deeds of other services the audit log."""

from typing import Final

from fastapi import APIRouter, Request

from flowloom_contracts.audit import AuditEvent
from flowloom_contracts.automation import UserEvent
from flowloom_contracts.events import RunFinished
from flowloom_contracts.notices import Notice
from flowloom_contracts.presence import AgentStatus
from flowloom_contracts.topics import Topic
from flowloom_servicekit.dapr.subscribe import Delivery, Subscription, subscriptions
from gateway.parts import parts_of
from gateway.usecases.agents import hear_status
from gateway.usecases.audit import hear_deed
from gateway.usecases.events import hear_event


async def hear_user_event(delivery: Delivery[UserEvent], request: Request) -> None:
    """Store what the event starts; it may arrive more than once."""
    parts = await parts_of(request)
    await hear_event(delivery.data, triggers=parts.triggers, intake=parts.intake, clock=parts.clock)


async def hear_audit_event(delivery: Delivery[AuditEvent], request: Request) -> None:
    """Write down what another service did; it may arrive more than once."""
    parts = await parts_of(request)
    await hear_deed(delivery.data, audit=parts.audit)


async def hear_agent_status(delivery: Delivery[AgentStatus], request: Request) -> None:
    """Remember how an agent is; it may arrive more than once and late."""
    parts = await parts_of(request)
    await hear_status(delivery.data, presence=parts.desk.presence, clock=parts.clock)


async def hear_end_of_run(delivery: Delivery[RunFinished], request: Request) -> None:
    """Tell people and other systems, and let conversations go on; it may arrive more than once."""
    parts = await parts_of(request)
    await parts.desk.board.run_ended(delivery.data)
    await parts.desk.answers.run_ended(delivery.data)


async def hear_notice(delivery: Delivery[Notice], request: Request) -> None:
    """Tell people and other systems; it may arrive more than once."""
    parts = await parts_of(request)
    await parts.desk.board.post(delivery.data)


router: Final[APIRouter] = subscriptions(
    Subscription(Topic.RUN_EVENTS, RunFinished, hear_end_of_run),
    Subscription(Topic.NOTICES, Notice, hear_notice),
    Subscription(Topic.AGENT_STATUS, AgentStatus, hear_agent_status),
    Subscription(Topic.USER_EVENTS, UserEvent, hear_user_event),
    Subscription(Topic.AUDIT_EVENTS, AuditEvent, hear_audit_event),
)
