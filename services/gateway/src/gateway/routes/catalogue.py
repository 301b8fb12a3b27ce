"""The step types from which palette, canvas and inspector are drawn."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Header, Response

from flowloom_contracts.catalogue import StepTypeList
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.adapters.locales import words_of
from gateway.domain.languages import Language, language_for
from gateway.domain.step_catalogue import step_catalogue
from gateway.routes.conditional import NOT_MODIFIED, IfNoneMatch, document_answer, tag_of
from gateway.routes.guards import WorkflowReader

router: Final = APIRouter(
    prefix="/v1",
    tags=["workflows"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError),
)
AcceptLanguage = Annotated[
    str | None, Header(description="`en` or `de`; anything else is answered in English.", examples=["de-AT"])
]

_KEPT: Final[dict[Language, tuple[bytes, str]]] = {}
"""What is answered in a language, with its tag."""


@router.get("/step-types", response_model=StepTypeList, responses=NOT_MODIFIED)
async def list_step_types(
    principal: WorkflowReader, accept_language: AcceptLanguage = None, if_none_match: IfNoneMatch = None
) -> Response:
    """List what a workflow can be made of: ports, forms and examples of every kind of step.

    It changes only with the server's version: keep it, and ask again with `If-None-Match`.
    """
    language = language_for(accept_language)
    if language not in _KEPT:
        # This takes some tenths of a second; on a thread it does not hold up the streams.
        _KEPT[language] = await asyncio.to_thread(_catalogue_in, language)
    body, tag = _KEPT[language]
    headers = {"content-language": language, "vary": "accept-language"}
    return document_answer(body, tag, if_none_match=if_none_match, headers=headers)


def _catalogue_in(language: Language) -> tuple[bytes, str]:
    body = step_catalogue(words_of(language)).model_dump_json().encode()
    return body, tag_of(body)
