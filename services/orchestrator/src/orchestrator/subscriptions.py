"""Events of topics: what users tell their workspace reaches the runs that wait for it."""

from typing import Final

from fastapi import APIRouter, Request

from flowloom_contracts.automation import UserEvent
from flowloom_contracts.topics import Topic
from flowloom_servicekit.dapr.subscribe import Delivery, Subscription, subscriptions
from orchestrator.dependencies import Dependencies


async def hear_user_event(delivery: Delivery[UserEvent], request: Request) -> None:
    """Keep the event; it may arrive more than once."""
    parts: Dependencies = request.app.state.dependencies
    await parts.events.hear(delivery.data)


router: Final[APIRouter] = subscriptions(Subscription(Topic.USER_EVENTS, UserEvent, hear_user_event))
