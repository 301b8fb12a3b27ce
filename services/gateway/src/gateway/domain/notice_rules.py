"""Who is told of what, in which words, and how unless they say otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from flowloom_contracts.identity import Member
from flowloom_contracts.notices import PEOPLE_HEAR, Notice, NoticeKind, NotificationChoice
from gateway.domain.permissions import Permission

BY_MAIL: Final = frozenset({"approval_requested", "budget_reached", "schedule_failed", "endpoint_disabled"})
"""What is worth a mail to somebody who has chosen nothing: all that waits for somebody to do something."""


def addressed(notice: Notice, members: Iterable[Member]) -> list[Member]:
    """Return the members who are told of a notice."""
    known = [member for member in members if not member.suspended]
    starter = [member for member in known if member.user_id == notice.user_id]
    match notice.kind:
        case "approval_requested":
            return [one for one in known if _is_asked(one, notice.to)]
        case "run_failed":
            others = [] if notice.is_private else _who_may(Permission.WORKFLOWS_WRITE, known)
            return starter or others
        case "budget_warned" | "budget_reached":
            managers = _who_may(Permission.MEMBERS_MANAGE, known)
            return [*managers, *(one for one in starter if one not in managers)]
        case "schedule_failed":
            return _who_may(Permission.WORKFLOWS_WRITE, known)
        case "endpoint_disabled":
            return _who_may(Permission.MEMBERS_MANAGE, known)
    return []


def choices_of(chosen: Sequence[NotificationChoice]) -> dict[NoticeKind, NotificationChoice]:
    """Return how a person is told of each kind: as chosen, else as everybody is at first."""
    first = {kind: NotificationChoice(kind=kind, in_app=True, mail=kind in BY_MAIL) for kind in PEOPLE_HEAR}
    return first | {one.kind: one for one in chosen}


def title_of(notice: Notice) -> str:
    """Return the one line of a notice."""
    name = notice.workflow.name if notice.workflow else ""
    titles: Mapping[NoticeKind, str] = {
        "run_failed": f"{name} failed",
        "run_succeeded": f"{name} succeeded",
        "run_cancelled": f"{name} was cancelled",
        "approval_requested": f"{name} waits for a decision: {notice.title}",
        "budget_warned": f"{name} has nearly used up a budget",
        "budget_reached": f"{name} has used up a budget",
        "schedule_failed": f"The schedule {name} started no run",
        "endpoint_disabled": "A webhook was switched off",
    }
    return _one_line(titles[notice.kind])


def body_of(notice: Notice) -> str:
    """Return what else there is to say."""
    details = notice.details
    if notice.kind in ("budget_warned", "budget_reached"):
        used, limit, unit = details.get("used"), details.get("limit"), details.get("unit")
        return f"{used} of {limit} {unit} are used ({details.get('scope')})."
    return _one_line(str(details.get("message") or ""), longest=500)


def _who_may(permission: Permission, members: Sequence[Member]) -> list[Member]:
    return [member for member in members if permission.value in member.permissions]


def _is_asked(member: Member, to: Sequence[str]) -> bool:
    if not to:
        return bool(_who_may(Permission.APPROVALS_DECIDE, [member]))
    names = {f"role:{member.role}", f"user:{member.email.casefold()}"}
    return any(one.casefold() in names for one in to)


def _one_line(text: str, *, longest: int = 200) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}\u2026"
