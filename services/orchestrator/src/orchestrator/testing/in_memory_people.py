"""Inbox and budgets in memory, with the rules of the Postgres ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flowloom_contracts.agents import BeginCall, EndCall, Reservation
from flowloom_contracts.approvals import Approval, ApprovalStatus
from flowloom_contracts.events import BudgetData
from flowloom_contracts.runs import Actor
from orchestrator.domain.budgets import (
    Cap,
    Granted,
    Judged,
    Ledger,
    PriceOf,
    Reached,
    judge_call,
    warnings_of,
)
from orchestrator.domain.deciding import may_decide
from orchestrator.domain.records import LedgerChange, RunRecord, StoredChange
from orchestrator.domain.sight import sees_item


@dataclass
class _Book:
    cap: Cap
    ledger: Ledger
    is_reached: bool = False


@dataclass(frozen=True)
class _Hold:
    exec: int
    call: int
    tokens: int
    usd_micro: int


class InMemoryPeople:
    """`ApprovalStore` and the ledgers; `is_running` says whether an execution runs its step."""

    def __init__(
        self, is_running: Callable[[str, str, int], bool], find: Callable[[str], RunRecord | None]
    ) -> None:
        self._is_running = is_running
        self._find = find
        self.items: dict[str, tuple[str, Approval]] = {}
        self.books: dict[str, _Book] = {}
        self.holds: dict[tuple[str, str, str], _Hold] = {}

    def take(self, change: StoredChange) -> None:
        """Write what a commit says of people and budgets."""
        for item in change.approvals:
            self.items[item.id] = (change.record.workspace_id, item)
        for ledgers in change.ledgers:
            for owner in ledgers.owners:
                if owner in self.books and self.books[owner].is_reached:
                    self._change(self.books[owner], ledgers)

    def _change(self, book: _Book, change: LedgerChange) -> None:
        ledger, written = book.ledger, book.cap
        book.is_reached = False
        if change.model is not None:
            ledger = replace(ledger, model=change.model)
        if change.raised:
            more = change.tokens is None and change.usd_micro is None
            tokens, usd = ledger.tokens_limit, ledger.usd_limit
            if tokens is not None:
                tokens = tokens + (written.tokens or 0) if more else change.tokens or tokens
            if usd is not None:
                usd = usd + (written.usd_micro or 0) if more else change.usd_micro or usd
            ledger = replace(ledger, tokens_limit=tokens, usd_limit=usd, is_warned=False)
        book.ledger = ledger

    async def item(self, actor: Actor, approval_id: str) -> Approval | None:
        """See `ApprovalStore.item`."""
        owner, item = self.items.get(approval_id, ("", None))
        is_seen = item is not None and owner == actor.workspace_id and self._is_seen(actor, item)
        return item if is_seen else None

    async def inbox(
        self,
        actor: Actor,
        *,
        status: ApprovalStatus | None,
        run_id: str | None,
        mine: bool,
        before: str | None,
        limit: int,
    ) -> Sequence[Approval]:
        """See `ApprovalStore.inbox`."""
        found = [
            item
            for _, (owner, item) in sorted(self.items.items(), reverse=True)
            if owner == actor.workspace_id
            and self._is_seen(actor, item)
            and status in (None, item.status)
            and run_id in (None, item.run_id)
            and (before is None or item.id < before)
            and (not mine or may_decide(item.to, actor))
        ]
        return found[:limit]

    def _is_seen(self, actor: Actor, item: Approval) -> bool:
        record = self._find(item.run_id)
        return record is not None and sees_item(actor, item, record.origin)

    def reserve(self, call: BeginCall, caps: Sequence[Cap], *, price: PriceOf) -> Judged:
        """Judge a call and write what follows."""
        for cap in caps:
            known = self.books.get(cap.owner)
            if known is None or (known.cap.tokens, known.cap.usd_micro) != (cap.tokens, cap.usd_micro):
                used = known.ledger if known else Ledger()
                if cap.owner.startswith("budget:"):
                    used = replace(used, model=None)
                opened = replace(used, tokens_limit=cap.tokens, usd_limit=cap.usd_micro, is_warned=False)
                self.books[cap.owner] = _Book(cap, opened)
        ledgers = {cap.owner: self._with_holds(cap.owner, call) for cap in caps}
        judged = judge_call(call.reserve or Reservation(), caps, ledgers, price=price)
        if isinstance(judged, Reached):
            self.books[judged.cap.owner].is_reached = True
        if isinstance(judged, Granted):
            for cap in judged.switched:
                book = self.books[cap.owner]
                book.ledger = replace(book.ledger, model=judged.model)
            hold = _Hold(call.exec, call.call, judged.tokens, judged.usd_micro)
            self.holds |= {(call.run_id, call.step, cap.owner): hold for cap in caps}
        return judged

    def used(self, cap: Cap) -> Ledger:
        """Return a ledger with all that is held, opened or not."""
        if cap.owner not in self.books:
            return Ledger(tokens_limit=cap.tokens, usd_limit=cap.usd_micro)
        known, written = self._with_holds(cap.owner), self.books[cap.owner].cap
        if (written.tokens, written.usd_micro) == (cap.tokens, cap.usd_micro):
            return known
        return replace(known, tokens_limit=cap.tokens, usd_limit=cap.usd_micro, model=None)

    def _with_holds(self, owner: str, call: BeginCall | None = None) -> Ledger:
        own = (call.run_id, call.step) if call else None
        others = [
            hold
            for (run_id, step, of), hold in self.holds.items()
            if of == owner and (run_id, step) != own and self._is_running(run_id, step, hold.exec)
        ]
        return replace(
            self.books[owner].ledger,
            held_tokens=sum(hold.tokens for hold in others),
            held_usd_micro=sum(hold.usd_micro for hold in others),
        )

    def settle(self, call: EndCall) -> list[BudgetData]:
        """Count what a call has used instead of what it held."""
        told = list[BudgetData]()
        for key, hold in list(self.holds.items()):
            if key[:2] != (call.run_id, call.step) or (hold.exec, hold.call) != (call.exec, call.call):
                continue
            del self.holds[key]
            book = self.books[key[2]]
            book.ledger = replace(
                book.ledger,
                tokens=book.ledger.tokens + call.usage.tokens,
                usd_micro=book.ledger.usd_micro + call.usage.usd_micro,
            )
            near = warnings_of(book.cap, book.ledger)
            if near is not None:
                book.ledger = replace(book.ledger, is_warned=True)
                told.append(near)
        return told
