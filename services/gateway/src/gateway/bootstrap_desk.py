"""The real parts of figures, settings, models and notices; `bootstrap` puts them beside the others."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

from flowloom_contracts.mcp_programs import McpProgram
from flowloom_contracts.topics import Component
from flowloom_servicekit.clock import Clock, SystemClock
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.dapr.state import StateStore
from flowloom_servicekit.database import Database
from gateway.adapters.dapr_preferences import DaprPreferences
from gateway.adapters.dapr_presence import DaprPresence
from gateway.adapters.folder_templates import FolderTemplates
from gateway.adapters.memory_service import Carrier, MemoryService
from gateway.adapters.orchestrator import OrchestratorRuns
from gateway.adapters.orchestrator_budgets import OrchestratorBudgets
from gateway.adapters.orchestrator_figures import OrchestratorFigures
from gateway.adapters.orchestrator_mcp import OrchestratorMcpCalls
from gateway.adapters.orchestrator_models import OrchestratorModelCalls
from gateway.adapters.outbound_hooks import OutboundHooks
from gateway.adapters.postgres_agents import PostgresAgentStore
from gateway.adapters.postgres_conversations import PostgresConversations
from gateway.adapters.postgres_datasets import PostgresDatasets
from gateway.adapters.postgres_endpoints import PostgresEndpoints
from gateway.adapters.postgres_evaluations import PostgresEvaluations
from gateway.adapters.postgres_mcp_servers import PostgresMcpServers
from gateway.adapters.postgres_members import PostgresMemberStore
from gateway.adapters.postgres_models import PostgresModelStore
from gateway.adapters.postgres_notifications import PostgresNotifications
from gateway.adapters.postgres_secrets import PostgresSecretStore
from gateway.adapters.postgres_settings import PostgresSettingsStore
from gateway.adapters.postgres_sharing import PostgresSharing
from gateway.adapters.postgres_versions import PostgresVersionStore
from gateway.adapters.postgres_workflows import PostgresWorkflowStore
from gateway.adapters.report_throttle import LimitsReportThrottle
from gateway.desk import Desk
from gateway.mail_ports import Mailer
from gateway.notice_ports import EndpointStore, NotificationStore
from gateway.routes import (
    agents,
    budgets,
    client_errors,
    collections,
    conversations,
    documents,
    endpoints,
    evaluations,
    exchange,
    failures,
    figures,
    mcp_servers,
    memories,
    memory,
    model_endpoints,
    models,
    notifications,
    proposals,
    templates,
)
from gateway.routes import settings as settings_routes
from gateway.routes import sharing as sharing_routes
from gateway.settings import Settings
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.answers import Answers
from gateway.usecases.evaluating import Evaluating
from gateway.usecases.mcp_servers import McpBook
from gateway.usecases.notices import NoticeBoard
from gateway.usecases.relay_notices import CallRelay, MailRelay, NoticeTidying
from gateway.usecases.runs import Startable
from gateway.usecases.sharing import SharingBook
from gateway.usecases.subscribers import SubscriberSight
from gateway.vault_ports import Vault

Work: TypeAlias = Callable[[], Awaitable[int]]

DESK_ROUTERS: Final = (
    figures,
    settings_routes,
    agents,
    models,
    templates,
    client_errors,
    model_endpoints,
    notifications,
    endpoints,
    exchange,
    proposals,
    budgets,
    collections,
    documents,
    memory,
    memories,
    conversations,
    sharing_routes,
    failures,
    mcp_servers,
    evaluations,
)


@asynccontextmanager
async def open_desk(
    settings: Settings,
    database: Database,
    invoker: Carrier,
    sidecar: Sidecar,
    *,
    books: tuple[SharingBook, AgentBook],
    vault: Vault,
    clock: Clock,
) -> AsyncIterator[Desk]:
    """Open the parts."""
    sharing, agent_book = books
    sender = OutboundHooks(settings.outbound_origins)
    people, addresses = PostgresNotifications(database), PostgresEndpoints(database)
    board = _board(database, people, addresses, sharing=sharing, clock=clock)
    talks, knowledge = PostgresConversations(database), MemoryService(invoker)
    stores = Startable(PostgresWorkflowStore(database), PostgresVersionStore(database), agent_book)
    runs = OrchestratorRuns(invoker, clock)
    evaluating = _evaluating(database, runs, sharing=sharing, clock=clock)
    yield Desk(
        figures=OrchestratorFigures(invoker),
        preferences=DaprPreferences(StateStore(sidecar, Component.SETTINGS)),
        settings=PostgresSettingsStore(database),
        templates=FolderTemplates(settings.templates_dir),
        presence=DaprPresence(StateStore(sidecar, Component.CACHE)),
        reports=LimitsReportThrottle(),
        models=PostgresModelStore(database),
        model_calls=OrchestratorModelCalls(invoker),
        notifications=people,
        endpoints=addresses,
        sender=sender,
        board=board,
        sight=SubscriberSight(members=PostgresMemberStore(database), sharing=sharing),
        budgets=OrchestratorBudgets(invoker),
        knowledge=knowledge,
        conversations=talks,
        answers=Answers(
            conversations=talks, knowledge=knowledge, runs=runs, stores=stores, sharing=sharing, clock=clock
        ),
        shares=PostgresSharing(database),
        sharing=sharing,
        agents=PostgresAgentStore(database),
        agent_book=agent_book,
        mcp=_mcp_book(settings, database, invoker, vault, programs=agent_book.programs, clock=clock),
        datasets=PostgresDatasets(database),
        evaluations=PostgresEvaluations(database),
        evaluating=evaluating,
    )
    await sender.aclose()


def _board(
    database: Database,
    people: NotificationStore,
    addresses: EndpointStore,
    *,
    sharing: SharingBook,
    clock: Clock,
) -> NoticeBoard:
    members = PostgresMemberStore(database)
    return NoticeBoard(members=members, people=people, endpoints=addresses, sharing=sharing, clock=clock)


def _mcp_book(
    settings: Settings,
    database: Database,
    invoker: Carrier,
    vault: Vault,
    *,
    programs: Sequence[McpProgram],
    clock: Clock,
) -> McpBook:
    return McpBook(
        servers=PostgresMcpServers(database),
        secrets=PostgresSecretStore(database),
        vault=vault,
        calls=OrchestratorMcpCalls(invoker),
        plain=settings.outbound_origins,
        programs=programs,
        clock=clock,
    )


def _evaluating(
    database: Database, runs: OrchestratorRuns, *, sharing: SharingBook, clock: Clock
) -> Evaluating:
    return Evaluating(
        evaluations=PostgresEvaluations(database),
        runs=runs,
        members=PostgresMemberStore(database),
        sharing=sharing,
        clock=clock,
    )


def work_of(
    desk: Desk, settings: Settings, mailer: Mailer, vault: Vault, *, clock: Clock | None = None
) -> tuple[Work, ...]:
    """Return what the one gateway that leads does beside the requests."""
    clock = clock or SystemClock()
    mails = MailRelay(people=desk.notifications, mailer=mailer, public_url=settings.public_url, clock=clock)
    calls = CallRelay(
        endpoints=desk.endpoints,
        sender=desk.sender,
        sight=desk.sight,
        vault=vault,
        board=desk.board,
        clock=clock,
    )
    tidying = NoticeTidying(people=desk.notifications, endpoints=desk.endpoints, clock=clock)
    own = (desk.answers.carry_out, desk.evaluating.carry_out)
    return mails.carry_out, calls.carry_out, tidying.carry_out, *own
