"""The rules of a workspace."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.rules import RuleSet, SaveRules
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import IfMatch, RuleManager, RuleReader
from gateway.usecases import rules as usecases

router: Final = APIRouter(
    prefix="/v1/rules",
    tags=["rules"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)


@router.get("")
async def get_rules(response: Response, principal: RuleReader, parts: PartsOf) -> RuleSet:
    """Return the rules in their order, with the `ETag` for the next save."""
    found = await usecases.read_rules(principal.workspace_id, rules=parts.rules)
    response.headers["etag"] = found.etag
    return found


@router.put("", responses=problems(usecases.RulesIfMatchRequiredError, usecases.StaleRulesError))
async def replace_rules(
    *,
    body: SaveRules,
    response: Response,
    principal: RuleManager,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> RuleSet:
    """Replace all rules; they hold for the next publication and the next thing a run does."""
    saved = await usecases.save_rules(
        body, principal, if_match=if_match, rules=parts.rules, clock=parts.clock
    )
    response.headers["etag"] = saved.etag
    return saved
