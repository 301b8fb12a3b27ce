"""What people see and set beside workflows and runs: figures, settings, models, notices."""

from dataclasses import dataclass

from gateway.agent_ports import AgentStore
from gateway.budget_ports import Budgets
from gateway.chat_ports import ConversationStore
from gateway.desk_ports import Figures, PreferenceStore, PresenceStore, SettingsStore, Templates
from gateway.evaluation_ports import DatasetStore, EvaluationStore
from gateway.knowledge_ports import Knowledge
from gateway.model_ports import ModelCalls, ModelStore
from gateway.notice_ports import EndpointStore, HookSender, NotificationStore
from gateway.sharing_ports import SharingStore
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.answers import Answers
from gateway.usecases.client_errors import ReportThrottle
from gateway.usecases.evaluating import Evaluating
from gateway.usecases.mcp_servers import McpBook
from gateway.usecases.notices import NoticeBoard
from gateway.usecases.sharing import SharingBook
from gateway.usecases.subscribers import SubscriberSight


@dataclass(frozen=True, slots=True)
class Desk:
    """These parts of a running gateway."""

    figures: Figures
    preferences: PreferenceStore
    settings: SettingsStore
    templates: Templates
    presence: PresenceStore
    reports: ReportThrottle
    models: ModelStore
    model_calls: ModelCalls
    notifications: NotificationStore
    endpoints: EndpointStore
    sender: HookSender
    board: NoticeBoard
    sight: SubscriberSight
    budgets: Budgets
    knowledge: Knowledge
    conversations: ConversationStore
    answers: Answers
    shares: SharingStore
    sharing: SharingBook
    agents: AgentStore
    agent_book: AgentBook
    mcp: McpBook
    datasets: DatasetStore
    evaluations: EvaluationStore
    evaluating: Evaluating
