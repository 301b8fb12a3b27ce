"""Reads HTML: what a reader sees of the page's own matter, without scripts, menus and footers."""

from collections.abc import Set as AbstractSet
from typing import Final

import lxml.html
from lxml import etree

from memory.adapters.parsers.plain import decoded
from memory.domain.outline import DocumentRefusedError, OutlineBuilder

SKIPPED: Final[AbstractSet[str]] = {
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed",
    "head", "nav", "footer", "aside", "form", "button", "select",
}  # fmt: skip
HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
INLINE: Final[AbstractSet[str]] = {
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "dfn", "em", "i", "kbd", "label",
    "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
}  # fmt: skip
MAX_DEPTH: Final = 250


def read_html(content: bytes, out: OutlineBuilder) -> None:
    """Append headings, texts, tables and code of `main`, else `article`, else the whole body."""
    parser = lxml.html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    text = decoded(content)
    # A declared encoding would contradict the decoded text.
    text = text[text.find("?>") + 2 :] if text.startswith("<?xml") else text
    if not text.strip():
        return
    try:
        root = lxml.html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise DocumentRefusedError("broken", f"the HTML cannot be read: {error}") from error
    matter = next(
        (found[0] for name in ("main", "article", "body") if (found := root.findall(f".//{name}"))), root
    )
    _Reader(out).read(matter)


class _Reader:
    def __init__(self, out: OutlineBuilder) -> None:
        self._out = out
        self._line: list[str] = []

    def read(self, node: lxml.html.HtmlElement) -> None:
        self._walk(node, depth=0)
        self._flush()

    def _walk(self, node: lxml.html.HtmlElement, *, depth: int) -> None:
        tag = node.tag if isinstance(node.tag, str) else "script"
        if tag in SKIPPED or depth > MAX_DEPTH or node.get("hidden") is not None:
            return
        if tag in HEADINGS:
            self._flush()
            self._out.add("heading", _squeezed(node.text_content()), level=HEADINGS[tag])
        elif tag == "pre":
            self._flush()
            self._out.add("code", node.text_content())
        elif tag == "table" and not node.findall(".//table"):
            self._flush()
            self._out.add_rows(
                [cell.text_content() for cell in row.iter("th", "td")] for row in node.iter("tr")
            )
        else:
            self._inside(node, depth=depth, is_block=tag not in INLINE)

    def _inside(self, node: lxml.html.HtmlElement, *, depth: int, is_block: bool) -> None:
        if is_block:
            self._flush()
        self._line.append(node.text or "")
        for child in node:
            self._walk(child, depth=depth + 1)
            self._line.append(child.tail or "")
        if is_block:
            self._flush()

    def _flush(self) -> None:
        text, self._line = _squeezed("".join(self._line)), []
        self._out.add("text", text)


def _squeezed(text: str) -> str:
    return " ".join(text.split())
