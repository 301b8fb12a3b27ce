"""The gallery of templates."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.templates import TemplateDocument, TemplateList
from flowloom_servicekit.errors import ForbiddenError, NotFoundError, UnauthenticatedError, problems
from gateway.parts import PartsOf
from gateway.routes.guards import WorkflowReader
from gateway.usecases import templates as usecases

router: Final = APIRouter(
    prefix="/v1/templates", tags=["templates"], responses=problems(UnauthenticatedError, ForbiddenError)
)


@router.get("")
async def list_templates(principal: WorkflowReader, parts: PartsOf) -> TemplateList:
    """List the workflows that come with the platform, those to begin with first."""
    return usecases.list_templates(templates=parts.desk.templates)


@router.get("/{template_id}", responses=problems(usecases.TemplateNotFoundError, NotFoundError))
async def get_template(template_id: str, principal: WorkflowReader, parts: PartsOf) -> TemplateDocument:
    """Return a template with its texts: what `POST /v1/workflows` takes."""
    return usecases.read_template(template_id, templates=parts.desk.templates)
