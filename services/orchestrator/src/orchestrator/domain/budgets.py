"""Budgets as control flow: what a call may reserve, and what follows when it does not fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

from flowloom_contracts.agents import Reservation
from flowloom_contracts.events import BudgetData

Scope: TypeAlias = Literal["step", "run", "day", "rule", "workspace", "workflow", "member", "api_key"]
Unit: TypeAlias = Literal["tokens", "usd"]
PriceOf: TypeAlias = Callable[[str | None, int, int], int]
"""What a model takes for so many tokens sent and answered, in millionths of a dollar."""

SHORTEST_ANSWER: Final = 16
"""Tokens that an answer needs at least to be worth asking for."""

WARN_AT: Final = 0.8


@dataclass(frozen=True)
class Cap:
    """A budget that a call counts against; `owner` names the ledger that keeps what was used."""

    owner: str
    scope: Scope
    tokens: int | None = None
    usd_micro: int | None = None
    cheaper: str | None = None
    """The model that takes over where the document says so."""
    action: str = "ask"
    rule: str | None = None
    per_run: bool = True
    since: datetime | None = None
    """From when on calls count that were paid before there was a ledger."""
    target: str | None = None
    """The workflow, member or API key whose calls count, where the scope is one of these."""

    @property
    def on_reach(self) -> str:
        """What follows when it is reached: `ask`, `fail` or the name of a cheaper model."""
        return self.cheaper or self.action


@dataclass(frozen=True)
class Ledger:
    """What was used of a budget and what is reserved by others; limits may have been raised since."""

    tokens: int = 0
    usd_micro: int = 0
    held_tokens: int = 0
    held_usd_micro: int = 0
    tokens_limit: int | None = None
    usd_limit: int | None = None
    model: str | None = None
    """The cheaper model that everything under this budget uses from now on."""
    is_warned: bool = False


@dataclass(frozen=True)
class Granted:
    """The call may be made; it holds this much in every ledger until it is settled."""

    tokens: int
    usd_micro: int
    model: str | None = None
    max_tokens: int | None = None
    switched: tuple[Cap, ...] = ()
    """Budgets that were reached and go on with a cheaper model."""
    told: tuple[BudgetData, ...] = ()


@dataclass(frozen=True)
class Crowded:
    """It would fit if calls in progress took less than they reserved: ask again soon."""

    cap: Cap


@dataclass(frozen=True)
class Reached:
    """The budget is used up for a call of this size."""

    cap: Cap
    data: BudgetData

    @property
    def message(self) -> str:
        """Say which budget, how much of it is used and what the call would need."""
        named = (
            f"The rule {self.cap.rule!r}" if self.cap.rule else f"The budget of the {_NAMES[self.cap.scope]}"
        )
        data = self.data
        unit = "USD" if data.unit == "usd" else data.unit
        return f"{named} is reached: {data.used:.6g} of {data.limit:.6g} {unit} are used."


_NAMES: Final[dict[Scope, str]] = {
    "step": "step",
    "run": "run",
    "day": "workspace's day",
    "rule": "rule",
    "workspace": "workspace",
    "workflow": "workflow",
    "member": "member",
    "api_key": "API key",
}
Judged: TypeAlias = Granted | Crowded | Reached


@dataclass(frozen=True)
class _Room:
    """What one budget has left, with and without what others hold."""

    cap: Cap
    unit: Unit
    limit: int
    used: int
    held: int

    @property
    def free(self) -> int:
        return self.limit - self.used - self.held

    @property
    def left(self) -> int:
        return self.limit - self.used

    def data(self) -> BudgetData:
        factor = 1e-6 if self.unit == "usd" else 1
        return BudgetData(
            scope=self.cap.scope,
            unit=self.unit,
            limit=self.limit * factor,
            used=self.used * factor,
            action=self.cap.on_reach,
            rule=self.cap.rule,
        )


def judge_call(
    wanted: Reservation, caps: Sequence[Cap], ledgers: Mapping[str, Ledger], *, price: PriceOf
) -> Judged:
    """Decide whether a call may be made now; the ledgers are locked until what follows is written."""
    model = next((known.model for cap in caps if (known := ledgers[cap.owner]).model), None)
    grant = _sized(wanted, model, price)
    switched: list[Cap] = []
    told: list[BudgetData] = []
    for cap in caps:
        ledger = ledgers[cap.owner]
        if switched and ledger.model is None and cap.cheaper == model:
            ledger = replace(ledger, model=model)
        judged = _fitted(grant, wanted, _rooms(cap, ledger), price=price)
        if isinstance(judged, Reached) and cap.cheaper is not None and ledger.model is None:
            switched.append(cap)
            told.append(judged.data)
            model = cap.cheaper
            grant = _sized(wanted, model, price)
            judged = _fitted(grant, wanted, _rooms(cap, replace(ledger, model=model)), price=price)
        if not isinstance(judged, Granted):
            return judged
        grant = judged
    return replace(grant, switched=tuple(switched), told=tuple(told))


def _sized(wanted: Reservation, model: str | None, price: PriceOf) -> Granted:
    """Return the worst case of a call; another model has another price."""
    if model is None or model == wanted.model:
        return Granted(wanted.tokens, wanted.usd_micro)
    cost = price(model, wanted.prompt_tokens, wanted.tokens - wanted.prompt_tokens)
    return Granted(wanted.tokens, cost, model=model)


def _rooms(cap: Cap, ledger: Ledger) -> list[_Room]:
    """Return what is left by unit; who goes on with a cheaper model counts money, not tokens."""
    rooms = list[_Room]()
    tokens = cap.tokens if ledger.tokens_limit is None else ledger.tokens_limit
    if cap.tokens is not None and tokens is not None and ledger.model is None:
        rooms.append(_Room(cap, "tokens", tokens, ledger.tokens, ledger.held_tokens))
    usd = cap.usd_micro if ledger.usd_limit is None else ledger.usd_limit
    if cap.usd_micro is not None and usd is not None:
        rooms.append(_Room(cap, "usd", usd, ledger.usd_micro, ledger.held_usd_micro))
    return rooms


def _fitted(grant: Granted, wanted: Reservation, rooms: list[_Room], *, price: PriceOf) -> Judged:
    for room in rooms:
        need = grant.tokens if room.unit == "tokens" else grant.usd_micro
        if need <= room.free:
            continue
        if need <= room.left:
            return Crowded(room.cap)
        shorter = _shortened(grant, wanted, room, price) if wanted.is_open else None
        if shorter is not None:
            grant = shorter
        elif wanted.is_open and room.held and _least(grant, wanted, room, price) <= room.left:
            return Crowded(room.cap)
        else:
            return Reached(room.cap, room.data())
    return grant


def _least(grant: Granted, wanted: Reservation, room: _Room, price: PriceOf) -> int:
    if room.unit == "tokens":
        return wanted.prompt_tokens + SHORTEST_ANSWER
    return price(grant.model or wanted.model, wanted.prompt_tokens, SHORTEST_ANSWER)


def _shortened(grant: Granted, wanted: Reservation, room: _Room, price: PriceOf) -> Granted | None:
    """Return the call with the longest answer that fits, if that is worth asking for."""
    model = grant.model or wanted.model
    if room.unit == "tokens":
        answer = room.free - wanted.prompt_tokens
    else:
        sent, both = price(model, wanted.prompt_tokens, 0), price(model, wanted.prompt_tokens, 1_000_000)
        answer = (room.free - sent) * 1_000_000 // max(both - sent, 1)
    if answer < SHORTEST_ANSWER:
        return None
    answer = min(answer, grant.tokens - wanted.prompt_tokens)
    cost = price(model, wanted.prompt_tokens, answer)
    return replace(
        grant,
        tokens=wanted.prompt_tokens + answer,
        usd_micro=min(cost, grant.usd_micro),
        max_tokens=answer,
    )


def warnings_of(cap: Cap, ledger: Ledger) -> BudgetData | None:
    """Return what to tell once most of a budget is used; `ledger` is the one after a call was settled."""
    if ledger.is_warned:
        return None
    near = (room for room in _rooms(cap, ledger) if room.used >= WARN_AT * room.limit)
    return next((room.data() for room in near), None)
