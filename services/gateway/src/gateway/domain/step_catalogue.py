"""The catalogue of step types, made from the models of the language."""

from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.cards import ANYTHING, Card, Category
from flowloom_contracts.catalogue import StepGroup, StepPort, StepType, StepTypeList
from flowloom_contracts.step_fields import StepFields
from flowloom_contracts.workflow import STEP_MODELS
from flowloom_contracts.workflow_schema import step_definitions
from gateway.domain.languages import Words
from gateway.domain.step_schemas import GROUPS, step_schema

CATEGORY_TITLES: Final[dict[Category, str]] = {
    "ai": "AI",
    "data": "Data",
    "connect": "Connections",
    "flow": "Flow",
    "people": "People",
}
GROUP_TITLES: Final = {
    "main": "Configuration",
    "about": "Description",
    "order": "When it runs",
    "errors": "Errors and retries",
    "limits": "Limits and effects",
}
_ERROR: Final = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "step": {"type": "string"}},
    "required": ["code", "message", "step"],
}


def step_catalogue(words: Words) -> StepTypeList:
    """Return every kind of step in one language."""
    definitions = step_definitions()
    return StepTypeList(
        language=words.language,
        groups=[
            StepGroup(id=group, title=words.text(GROUP_TITLES[group]), folded=group != "main")
            for group in GROUPS
        ],
        items=[_step_type(kind, model, definitions, words) for kind, model in STEP_MODELS.items()],
    )


def _step_type(kind: str, model: type[StepFields], definitions: JsonObject, words: Words) -> StepType:
    card = model.CARD
    return StepType(
        kind=kind,
        title=words.text(card.title),
        description=words.text((model.__doc__ or "").strip()),
        icon=card.icon,
        category=card.category,
        category_title=words.text(CATEGORY_TITLES[card.category]),
        synonyms=list(dict.fromkeys((*words.synonyms.get(kind, ()), *card.synonyms))),
        size=card.size,
        available=True,
        ports=_ports(card, words),
        json_schema=step_schema(model, kind, definitions=definitions, words=words),
        example=card.example,
    )


def _ports(card: Card, words: Words) -> list[StepPort]:
    ports = [
        StepPort(
            id="in",
            direction="in",
            role="flow",
            title=words.text("In"),
            carries=ANYTHING,
            written_to="needs",
        )
    ]
    if not card.ends_run:
        ports.append(
            StepPort(
                id="out",
                direction="out",
                role="flow",
                title=words.text("Output"),
                carries=card.output,
                carries_from=card.output_from,
                written_to="needs",
            )
        )
    ports += [
        StepPort(
            id=port.id,
            direction="out",
            role=port.role,
            title=words.text(port.title),
            carries=ANYTHING,
            written_to=port.written_to,
            each_of=port.each_of,
        )
        for port in card.ports
    ]
    error = StepPort(
        id="error",
        direction="out",
        role="error",
        title=words.text("On error"),
        carries=_ERROR,
        written_to="on_error.do",
    )
    return [*ports, error]
