"""The rules of a workspace: read and replaced as one document."""

from flowloom_contracts.problem import FieldProblem
from flowloom_contracts.rules import Rule, RuleSet, SaveRules
from flowloom_language.rules import condition_problem
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import (
    InvalidRequestError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from gateway.domain.etags import etag_of, matches
from gateway.domain.principals import Principal
from gateway.vault_ports import RuleStore, StoredRules


class RulesIfMatchRequiredError(PreconditionRequiredError):
    """A save must say which rules it replaces."""


class StaleRulesError(PreconditionFailedError):
    """Somebody saved rules since they were read."""

    title = "The rules have changed"


async def read_rules(workspace_id: str, *, rules: RuleStore) -> RuleSet:
    """Return the rules in their order."""
    return _shown(await rules.get(workspace_id))


async def save_rules(
    body: SaveRules, principal: Principal, *, if_match: str | None, rules: RuleStore, clock: Clock
) -> RuleSet:
    """Replace the rules that were seen; each must be something that can be judged."""
    if if_match is None:
        raise RulesIfMatchRequiredError("Send the `ETag` you read as `If-Match`.")
    _check(body.items)
    stored = await rules.get(principal.workspace_id)
    saved = None
    if matches(if_match, etag_of(stored.revision)):
        saved = await rules.replace(
            principal.workspace_id,
            body.items,
            revision=stored.revision,
            user_id=principal.user_id,
            now=clock.now(),
        )
    if saved is None:
        raise StaleRulesError("Read them again and save over that.")
    return _shown(saved)


def _check(items: list[Rule]) -> None:
    wrong = [problem for number, rule in enumerate(items) for problem in _problems(rule, f"items.{number}")]
    names = [rule.name for rule in items]
    wrong += [
        FieldProblem(path=f"items.{number}.name", code="invalid_value", message="Another rule has this name.")
        for number, name in enumerate(names)
        if name in names[:number]
    ]
    if wrong:
        raise InvalidRequestError("Some rules cannot be judged.", errors=wrong)


def _problems(rule: Rule, path: str) -> list[FieldProblem]:
    found: list[FieldProblem] = []
    problem = condition_problem(rule.when)
    if problem is not None:
        found.append(FieldProblem(path=f"{path}.when", code="expression", message=problem))
    has_limit = rule.limit is not None and (rule.limit.tokens or rule.limit.usd or rule.limit.runs)
    if rule.effect == "limit" and not has_limit:
        message = "A limit says `tokens`, `usd` or `runs`."
        found.append(FieldProblem(path=f"{path}.limit", code="missing_field", message=message))
    if rule.effect != "limit" and rule.limit is not None:
        message = "Only the effect `limit` has one."
        found.append(FieldProblem(path=f"{path}.limit", code="unknown_field", message=message))
    return found


def _shown(stored: StoredRules) -> RuleSet:
    return RuleSet(items=list(stored.items), etag=etag_of(stored.revision), updated_at=stored.updated_at)
