"""Templates from a folder of workflow documents, read once at the start."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from flowloom_contracts.templates import TemplateDocument
from flowloom_language.catalog import THIS_BUILD
from flowloom_language.document import validate_document
from gateway.domain.template_cards import card, in_order

log = structlog.get_logger(__name__)

TESTS: Final = ".tests.yaml"


class FolderTemplates:
    """Templates; `NAME.tests.yaml` beside a document has its tests. An invalid one is left out."""

    def __init__(self, folder: Path | None) -> None:
        self._all = in_order(_read(folder)) if folder is not None and folder.is_dir() else []

    def all(self) -> Sequence[TemplateDocument]:
        """Return them, those to begin with first."""
        return self._all


def _read(folder: Path) -> list[TemplateDocument]:
    found = list[TemplateDocument]()
    for path in sorted(folder.glob("*.yaml")):
        if path.name.endswith(TESTS):
            continue
        source = path.read_text(encoding="utf-8")
        workflow = validate_document(source, THIS_BUILD).workflow
        if workflow is None:
            log.warning("a template is not valid", path=str(path))
            continue
        tests = path.with_name(f"{path.stem}{TESTS}")
        text = tests.read_text(encoding="utf-8") if tests.exists() else ""
        found.append(card(workflow, source=source, tests=text))
    return found
