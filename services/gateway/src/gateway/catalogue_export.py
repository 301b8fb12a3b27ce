"""`python -m gateway.catalogue_export [FILE]`: write the step types that the browser's own tests use."""

import sys
from pathlib import Path
from typing import Final

from gateway.adapters.locales import words_of
from gateway.domain.languages import language_for
from gateway.domain.step_catalogue import step_catalogue

COMMITTED: Final = Path(__file__).parents[4] / "frontend" / "e2e" / "gateway" / "step-types.json"


def catalogue_text() -> str:
    """Return the committed form, in English."""
    return step_catalogue(words_of(language_for("en"))).model_dump_json(indent=2) + "\n"


def main() -> None:
    """Write it to the file named, or to the committed one."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else COMMITTED
    target.write_text(catalogue_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
