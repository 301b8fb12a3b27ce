"""S10 and S73, as far as the page's source shows them: no token is kept, and no text becomes a page."""

import json
import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2] / "frontend"
KEPT: Final = re.compile(r"\b(?:localStorage|sessionStorage|indexedDB|document\.cookie|caches)\b")
KEEPERS: Final = {
    "app/listeners.ts": "what a person prefers to see",
    "app/own-way/unsaved-note.ts": "which wishes the account does not know yet",
    "app/routes/route-error.tsx": "whether a page was loaded anew",
    "canvas/use-closed.ts": "which cards are closed",
    "features/editor/save/journal.ts": "drafts that are not saved yet",
    "features/runs/list/run-views.ts": "filters with a name",
    "shared/prefs/prefs-slice.ts": "what a person prefers to see",
}
"""What the browser keeps, and where; none of these knows a token."""

TOKENS: Final = re.compile(r"\b(?:currentToken|onToken|keepToken|IssuedToken|access_token|api_key)\b")
"""By these names a token is had; `access-token.ts` alone holds it, in a variable."""

PAGES: Final = re.compile(
    r"dangerouslySetInnerHTML|\.(?:innerHTML|outerHTML)\s*=|insertAdjacentHTML|document\.write|createContextualFragment"
    r"|\bnew Function\(|\beval\("
)


def source() -> dict[str, str]:
    """Return what is shipped of the page, by its path; tests and stories are not."""
    files = [*(ROOT / "src").rglob("*.ts"), *(ROOT / "src").rglob("*.tsx")]
    return {
        path.relative_to(ROOT / "src").as_posix(): path.read_text()
        for path in files
        if ".test." not in path.name and ".stories." not in path.name and "src/testing" not in path.as_posix()
    }


def test_s10_the_page_keeps_no_token() -> None:
    keepers = {where: text for where, text in source().items() if KEPT.search(text)}
    assert set(keepers) == set(KEEPERS), "say what it keeps, or keep nothing"
    assert {where for where, text in keepers.items() if TOKENS.search(text)} == set()
    assert TOKENS.search(source()["api/access-token.ts"]), "the names are those of today"


def test_s10_tokens_travel_in_no_address() -> None:
    carried = re.compile(
        r"[?&](?:access_?)?token=|searchParams\.(?:set|append)\(\s*[\"'][a-z_]*token", re.IGNORECASE
    )
    found = [where for where, text in source().items() if carried.search(text)]
    assert found == []


def test_s73_no_text_becomes_a_page_or_a_program() -> None:
    assert [where for where, text in source().items() if PAGES.search(text)] == []
    assert PAGES.search("<p dangerouslySetInnerHTML={{ __html: text }} />")


def test_s73_the_linter_of_the_page_keeps_its_security_rules() -> None:
    rules = json.loads((ROOT / "biome.json").read_text())["linter"]["rules"]
    assert rules["preset"] == "recommended"
    assert rules.get("security", {}) == {}, "none of them is switched off"
