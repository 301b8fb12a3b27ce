"""`python -m agent_research.reading`: a page's HTML on stdin, its own matter as JSON on stdout."""

import sys
from typing import Final
from urllib.parse import urldefrag, urljoin

import justext
import lxml.html
import orjson
from lxml import etree

from flowloom_agentkit.confinement import confine

BLOCKS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
MOST_LINKS: Final = 400
MOST_DEPTH: Final = 250
PARAGRAPH_CHARS: Final = 140
ENOUGH_CHARS: Final = 200
"""With less than this of its own, a page is no article and is read whole."""


def main() -> None:
    """Write `{title, text, links: [[address, words]]}`; the first line of the input is the page's address."""
    confine()
    url, _, html = sys.stdin.buffer.read().decode("utf-8", "replace").partition("\n")
    sys.stdout.buffer.write(orjson.dumps(_read(url, html)))


def _read(url: str, html: str) -> dict[str, object]:
    if not html.strip():
        return {"title": "", "text": "", "links": []}
    try:
        root = lxml.html.document_fromstring(html)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return {"title": "", "text": "", "links": []}
    title, matter = root.findtext(".//title") or "", _matter(html)
    whole = text_of(root) if len(matter) < ENOUGH_CHARS else ""
    return {
        "title": " ".join(title.split())[:300],
        "text": whole if len(whole) > len(matter) else matter,
        "links": _links(url, root),
    }


def _matter(html: str) -> str:
    """Return the paragraphs that are no menu, notice or footer.

    jusText judges them by length, links and neighbours (Pomikalek 2011). Without lists of frequent words it
    reads every language, and a paragraph has to be as long as one of an article.
    """
    try:
        found = justext.justext(
            html, frozenset(), length_high=PARAGRAPH_CHARS, stopwords_low=0, stopwords_high=0
        )
    except (justext.core.JustextError, etree.LxmlError, ValueError, TypeError, RecursionError):
        return ""
    return "\n".join(" ".join(one.text.split()) for one in found if not one.is_boilerplate)


def text_of(root: lxml.html.HtmlElement) -> str:
    """Return what a reader sees, a block on each line."""
    pieces: list[str] = []
    _walk(root, pieces, depth=0)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _walk(node: lxml.html.HtmlElement, pieces: list[str], *, depth: int) -> None:
    tag = node.tag if isinstance(node.tag, str) else ""
    if tag in ("", "script", "style", "noscript", "template", "svg", "head") or depth > MOST_DEPTH:
        return
    if node.get("hidden") is not None or node.get("aria-hidden") == "true":
        return
    edge = "\n" if tag in BLOCKS else ""
    pieces += [edge, node.text or ""]
    for child in node:
        _walk(child, pieces, depth=depth + 1)
        pieces.append(child.tail or "")
    pieces.append(edge)


def _links(url: str, root: lxml.html.HtmlElement) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for anchor in root.iter("a"):
        try:
            address = urldefrag(urljoin(url, (anchor.get("href") or "").strip())).url
        except ValueError:
            continue
        if address.startswith(("http://", "https://")) and len(address) <= 2_000:
            found.setdefault(address, " ".join(anchor.text_content().split())[:100])
        if len(found) >= MOST_LINKS:
            break
    return list(found.items())


if __name__ == "__main__":
    main()
