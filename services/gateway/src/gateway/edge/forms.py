"""Reads `multipart/form-data` as it comes: small fields first, then one file that is never held whole."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import InvalidRequestError, UnsupportedMediaTypeError

MAX_FIELD_BYTES: Final = 16_000
MAX_NAME_CHARS: Final = 300
FORM: Final = b"multipart/form-data"


@dataclass(slots=True)
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: str = ""
    is_file: bool = False
    body: bytearray = field(default_factory=bytearray)


class UploadForm:
    """One upload; `begin` gives the fields, `pieces` the content of the file after them."""

    def __init__(self, content_type: str, stream: AsyncIterator[bytes], *, fields: frozenset[str]) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != FORM or not boundary:
            raise UnsupportedMediaTypeError("Send `multipart/form-data` with a boundary.")
        self._stream = stream
        self._known = fields
        self._part = _Part()
        self._header = (bytearray(), bytearray())
        self._content = bytearray()
        self._is_at_file = False
        self._has_ended = False
        self.fields: dict[str, str] = {}
        self.file_name = ""
        self.media_type = ""
        try:
            self._parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]  # a mapping by the names that it documents
        except FormParserError as error:
            raise _refusal("", "form_invalid", "The boundary is not one.") from error

    async def begin(self) -> None:
        """Read up to the file; raise InvalidRequestError when there is none."""
        async for data in self._stream:
            self._feed(data)
            if self._is_at_file:
                return
        raise _refusal("file", "missing", "The form has no file.")

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the content of the file as it comes; raise InvalidRequestError when it breaks off."""
        yield self._taken()
        async for data in self._stream:
            self._feed(data)
            yield self._taken()
        if not self._has_ended:
            raise _refusal("file", "form_invalid", "The form breaks off.")

    def _taken(self) -> bytes:
        content = bytes(self._content)
        self._content.clear()
        return content

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _refusal("", "form_invalid", "The form cannot be read.") from error

    def _callbacks(self) -> dict[str, Callable[..., None]]:
        return {
            "on_part_begin": self._on_part_begin,
            "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def _on_part_begin(self) -> None:
        if self._is_at_file:
            raise _refusal("file", "form_invalid", "The file must be the last part, and the only one.")
        self._part = _Part()

    def _on_header_end(self) -> None:
        self._part.headers[bytes(self._header[0]).lower()] = bytes(self._header[1])
        self._header = (bytearray(), bytearray())

    def _on_headers_finished(self) -> None:
        part = self._part
        _, options = parse_options_header(part.headers.get(b"content-disposition", b""))
        part.name = options.get(b"name", b"").decode(errors="replace")
        part.is_file = b"filename" in options
        if part.is_file != (part.name == "file") or (not part.is_file and part.name not in self._known):
            raise _refusal(part.name[:80], "unknown_field", "The form has no such field.")
        if part.name in self.fields:
            raise _refusal(part.name, "duplicate_key", "The form has this field twice.")
        if part.is_file:
            self._is_at_file = True
            self.file_name = _plain(options[b"filename"].decode(errors="replace"))
            self.media_type = part.headers.get(b"content-type", b"").decode("latin-1")[:200]

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.is_file:
            self._content += data[start:end]
            return
        self._part.body += data[start:end]
        if len(self._part.body) > MAX_FIELD_BYTES:
            raise _refusal(self._part.name, "too_long", f"At most {MAX_FIELD_BYTES} bytes.")

    def _on_part_end(self) -> None:
        if self._part.is_file:
            return
        try:
            self.fields[self._part.name] = self._part.body.decode()
        except UnicodeDecodeError as error:
            raise _refusal(self._part.name, "invalid_value", "The field is not UTF-8.") from error

    def _on_end(self) -> None:
        self._has_ended = True


def _plain(name: str) -> str:
    """Return the last part of a path as a name on one line, whatever a client calls a file."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character if character.isprintable() else "_" for character in last).strip()
    return shown[-MAX_NAME_CHARS:] or "file"


def _refusal(path: str, code: str, message: str) -> InvalidRequestError:
    wrong = FieldProblem(path=path, code=code, message=message)
    return InvalidRequestError("The form does not match its schema.", errors=[wrong])
