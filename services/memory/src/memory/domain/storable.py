"""Says which texts Postgres cannot keep, so that they are refused by name and not by a failure."""

from collections.abc import Iterator

from flowloom_contracts.base import JsonValue
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import InvalidRequestError


def ensure_storable(fields: dict[str, JsonValue]) -> None:
    """Raise `InvalidRequestError` naming each text that holds a NUL character or half of a surrogate pair."""
    errors = [
        FieldProblem(path=path, code="invalid_value", message="NUL and lone surrogates cannot be stored")
        for name, value in fields.items()
        for path, text in _texts(name, value)
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text)
    ]
    if errors:
        raise InvalidRequestError("the text holds characters that cannot be stored", errors=errors)


def _texts(path: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    """Give every text inside a value, object keys included, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield path, key
            yield from _texts(f"{path}.{key}", inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(f"{path}[{index}]", inner)
