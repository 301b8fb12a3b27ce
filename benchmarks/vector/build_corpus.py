"""`python -m benchmarks.vector.build_corpus`: freezes the platform's documentation for the retrieval set."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORPUS = Path(__file__).with_name("corpus.jsonl")
# The memory service's own page is left out: it changes with what is measured here.
PATTERNS = (
    "README.md",
    "docs/decisions/*.md",
    "docs/guides/*.md",
    "packages/*/README.md",
    "benchmarks/README.md",
    "services/gateway/README.md",
    "services/orchestrator/README.md",
)


def main() -> None:
    """Write one line a page: `{name, text}`."""
    pages = sorted(path for pattern in PATTERNS for path in ROOT.glob(pattern))
    lines = [
        json.dumps({"name": str(path.relative_to(ROOT)), "text": path.read_text()}, ensure_ascii=False)
        for path in pages
    ]
    CORPUS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
