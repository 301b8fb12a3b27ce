"""Checks that what a trigger passes fits the inputs of the workflow."""

from flowloom_contracts.document import ProblemCode
from flowloom_language.argument_checks import check_arguments
from flowloom_language.draft import Draft


def check_triggers(draft: Draft) -> None:
    """Report inputs that are missing, unknown or wrong, unless the schema is wrong itself."""
    schema, triggers = draft.data.get("inputs"), draft.data.get("triggers")
    if not isinstance(schema, dict) or not isinstance(triggers, list):
        return
    if draft.problems.has(ProblemCode.BAD_SCHEMA):
        return
    for position, trigger in enumerate(triggers):
        if isinstance(trigger, dict):
            check_arguments(draft, ("triggers", position, "inputs"), schema)
