"""Write the manual's pictures from those that `make flows` takes: `python -m scripts.manual_pictures`."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).resolve().parent.parent
TAKEN: Final = ROOT / "frontend" / ".vite_cache" / "pictures"
PICTURES: Final = ROOT / "docs" / "pictures"
PAGE: Final = ROOT / "docs" / "guides" / "use-the-page.md"
SHOWN: Final = re.compile(r"!\[([^\]]*)\]\(\.\./pictures/([\w-]+)\.webp\)")
"""A picture in the manual: its description, and the name under which it was taken."""

QUALITY: Final = 82


def main(arguments: Sequence[str]) -> int:
    """Compress every picture that the manual shows; returns 1 when one was not taken."""
    taken = Path(arguments[0]) if arguments else TAKEN
    wanted = [name for _, name in SHOWN.findall(PAGE.read_text(encoding="utf-8"))]
    missing = [name for name in wanted if not (taken / f"{name}.png").is_file()]
    if missing:
        print(f"{taken} has no {', '.join(missing)}: run `make flows` first", file=sys.stderr)
        return 1
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.webp"):
        if old.stem not in wanted:
            old.unlink()
    for name in wanted:
        with Image.open(taken / f"{name}.png") as picture:
            picture.convert("RGB").save(PICTURES / f"{name}.webp", quality=QUALITY, method=6)
    size = sum(path.stat().st_size for path in PICTURES.glob("*.webp"))
    print(f"{len(wanted)} pictures, {size // 1000} kB, in {PICTURES}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
