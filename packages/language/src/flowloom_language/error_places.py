"""Names the field of a step whose template could not be evaluated."""

from flowloom_language.edges import written_step
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.evaluator import Scope
from flowloom_language.expressions.templates import render_text
from flowloom_language.plan import PlanStep
from flowloom_language.template_sites import Path, template_sites


def with_field(step: PlanStep, scope: Scope, error: ExpressionError) -> str:
    """Return the message with the field in front, as in `http.url: …`; looked for only when it has failed."""
    for site in template_sites(written_step(step.step)):
        if site.role != "own":
            continue
        try:
            render_text(site.text, scope)
        except ExpressionError as found:
            if str(found) == str(error):
                return f"{_shown(site.path)}: {error}"
    return str(error)


def _shown(path: Path) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).lstrip(".")
