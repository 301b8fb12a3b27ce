"""The documentation: it builds, its reference is that of the code, every link leads somewhere."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from scripts import manual_pictures
from scripts.reference import pages

ROOT: Final = Path(__file__).resolve().parents[2]
LINK: Final = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PICTURES_BYTES: Final = 3_000_000
LEFT_OUT: Final = frozenset({".git", ".venv", "node_modules", "dist", ".flowloom", "results"})


def documents() -> list[Path]:
    found = sorted(ROOT.rglob("*.md"))
    return [path for path in found if not LEFT_OUT & set(path.relative_to(ROOT).parts)]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_to_files_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    relative = [
        target for target in LINK.findall(text) if "://" not in target and not target.startswith("mailto:")
    ]
    missing = [target for target in relative if not (path.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("name", sorted(pages()))
def test_the_reference_is_that_of_the_code(name: str) -> None:
    committed = (ROOT / "docs" / "reference" / name).read_text()
    assert committed == pages()[name], "run `make contracts`"


def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    command = (
        str(Path(sys.executable).with_name("mkdocs")),
        "build",
        "--strict",
        "--site-dir",
        str(tmp_path),
    )
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "quick-start" / "index.html").is_file()


def test_pictures_are_described_shown_and_small() -> None:
    shown = manual_pictures.SHOWN.findall(manual_pictures.PAGE.read_text())
    assert [name for description, name in shown if len(description) < 20] == []
    present = list(manual_pictures.PICTURES.iterdir())
    assert sorted(path.name for path in present) == sorted(f"{name}.webp" for _, name in shown)
    assert len(present) >= 8
    assert sum(path.stat().st_size for path in present) < PICTURES_BYTES


def test_pictures_are_written_from_what_was_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page, taken, pictures = tmp_path / "page.md", tmp_path / "taken", tmp_path / "pictures"
    page.write_text("![What is seen here](../pictures/home-light.webp)")
    monkeypatch.setattr(manual_pictures, "PAGE", page)
    monkeypatch.setattr(manual_pictures, "PICTURES", pictures)
    assert manual_pictures.main([str(taken)]) == 1
    assert "home-light: run `make flows` first" in capsys.readouterr().err
    taken.mkdir()
    Image.new("RGB", (40, 30)).save(taken / "home-light.png")
    pictures.mkdir()
    (pictures / "old.webp").touch()
    assert manual_pictures.main([str(taken)]) == 0
    assert [path.name for path in pictures.iterdir()] == ["home-light.webp"]


def test_every_page_is_in_the_navigation() -> None:
    named = set(re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text()))
    written = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    unnamed = {
        page for page in written - named if not page.startswith(("decisions/", "operations/runbooks/"))
    }
    assert unnamed == set()
