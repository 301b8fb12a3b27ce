"""A SELECT that is compiled once and run in one round trip, with the values that its columns promise."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from sqlalchemy import JSON, Row, Select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.types import TypeEngine

Process: TypeAlias = Callable[[object], object]
FoundRow: TypeAlias = Row[*tuple[object, ...]]

_DIALECT: Final = asyncpg_dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy does not annotate it


class Query:
    """A SELECT whose `bindparam`s get their values when it is run; see `Database.found`.

    A session compiles a query by its form each time, opens a transaction, and closes it again: for one that
    reads a row by its key this costs several times what the read does.
    """

    def __init__(self, select: Select[*tuple[object, ...]]) -> None:
        compiled = select.compile(dialect=_DIALECT)
        self.sql = str(compiled)
        self._names: Sequence[str] = compiled.positiontup or ()
        self._given: Mapping[str, object] = {
            name: bound.value for name, bound in compiled.binds.items() if not bound.required
        }
        columns = list(select.selected_columns)
        self._meta = SimpleResultMetaData([str(column.key) for column in columns])
        processors = [_processor(column.type) for column in columns]
        self._processors: list[tuple[int, Process]] = [
            (place, process) for place, process in enumerate(processors) if process is not None
        ]

    def arguments(self, parameters: Mapping[str, object]) -> list[object]:
        """Return the parameters in the order of the statement."""
        return [parameters[name] if name in parameters else self._given[name] for name in self._names]

    def rows(self, records: Iterable[Sequence[object]]) -> list[FoundRow]:
        """Return what the driver found as rows with the columns' names and types."""
        return list(IteratorResult(self._meta, map(self._processed, records)))

    def _processed(self, record: Sequence[object]) -> tuple[object, ...]:
        values = list(record)
        for place, process in self._processors:
            values[place] = process(values[place])
        return tuple(values)


def _processor(kind: TypeEngine[object]) -> Process | None:
    """Return what turns a value of the driver into one of the column's type, None where it is one already."""
    if isinstance(kind, JSON) and not isinstance(kind, JSONB):
        return _json  # the driver's own connections decode jsonb alone
    process: Process | None = kind.result_processor(_DIALECT, None)
    return process


def _json(value: object) -> object:
    return None if value is None else json.loads(str(value))
