"""Templates as the gallery shows them."""

from flowloom_contracts.templates import Template, TemplateDocument, TemplateList
from flowloom_servicekit.errors import NotFoundError
from gateway.desk_ports import Templates


class TemplateNotFoundError(NotFoundError):
    """No template has this id."""

    title = "Template not found"


def list_templates(*, templates: Templates) -> TemplateList:
    """Return the templates without their texts."""
    return TemplateList(items=[Template.model_validate(dict(one)) for one in templates.all()])


def read_template(template_id: str, *, templates: Templates) -> TemplateDocument:
    """Return one template."""
    for template in templates.all():
        if template.id == template_id:
            return template
    raise TemplateNotFoundError(f"No template {template_id[:80]!r}.")
