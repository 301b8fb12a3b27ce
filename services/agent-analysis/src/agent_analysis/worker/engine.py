"""A table in a database of its own that reaches nothing: described and asked."""

import math
import threading
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

import duckdb

from agent_analysis.worker.refusals import RefusedError
from agent_analysis.worker.tables import Table
from flowloom_contracts.base import JsonObject, JsonValue

SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "threads": 1,
    "memory_limit": "400MB",
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}
QUERY_SECONDS: Final = 8.0
MOST_ROWS: Final = 200
MOST_CHARS: Final = 60_000
MOST_CELL_CHARS: Final = 2_000
MOST_GROUPS: Final = 50
MOST_CORRELATED: Final = 12
NUMBERS: Final = ("BIGINT", "DOUBLE")


class Engine:
    """One table called `data`; `warm` has to be called before the process is sealed."""

    def __init__(self) -> None:
        self._database = duckdb.connect(":memory:", config=SETTINGS)
        self._columns: tuple[tuple[str, str], ...] = ()

    def warm(self) -> None:
        """Have the database load what it loads late, and let nobody change its settings from here on."""
        self._database.execute("select corr(x, x), median(x) from (values (1.0), (2.0)) as t(x)").fetchall()
        # The last settings: after them no other can be changed.
        self._database.execute("set enable_external_access = false")
        self._database.execute("set lock_configuration = true")

    def load(self, table: Table) -> None:
        """Take a table in."""
        self._columns = tuple((column.name, column.type) for column in table.columns)
        parts = [
            f"unnest(cast(${at} as {column.type}[])) as {_quoted(column.name)}"
            for at, column in enumerate(table.columns, start=1)
        ]
        statement = f"create table data as select {', '.join(parts)}"
        self._run(statement, [column.values for column in table.columns])

    def ask(self, sql: str) -> JsonObject:
        """Return columns and rows of one SELECT; raises `RefusedError` that says what is wrong with it."""
        names, rows, is_cut = self._selected(sql, most=MOST_ROWS)
        return {"columns": [*names], "rows": [*rows], "row_count": len(rows), "is_cut": is_cut}

    def describe(self, group_by: str = "") -> JsonObject:
        """Return what each column holds, how numbers go together, and means by groups if asked."""
        whole = self._one("select count(*) from data")[0]
        described: JsonObject = {
            "rows": _plain(whole),
            "columns": [self._column(name, kind) for name, kind in self._columns],
            "correlations": self._correlations(),
        }
        if group_by:
            described["groups"] = self._groups(group_by)
        return described

    def selected(self, sql: str, *, most: int) -> tuple[list[str], list[list[JsonValue]]]:
        """Return at most so many rows of one SELECT; raises `RefusedError` where there are more."""
        names, rows, is_cut = self._selected(sql, most=most)
        if is_cut:
            raise RefusedError(f"a chart shows at most {most} rows: group or limit the query")
        return names, rows

    def _selected(self, sql: str, *, most: int) -> tuple[list[str], list[list[JsonValue]], bool]:
        try:
            statements = self._database.extract_statements(sql)
        except duckdb.Error as error:
            raise RefusedError(f"this is not SQL: {_first_line(error)}") from error
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise RefusedError("give one SELECT over the table `data`, nothing else")
        found = self._run(sql)
        names = [str(column[0]) for column in found.description or ()]
        rows: list[list[JsonValue]] = []
        left = MOST_CHARS
        while row := found.fetchone():
            plain = [_plain(value) for value in row]
            left -= sum(len(str(value)) for value in plain)
            if len(rows) == most or left < 0:
                return names, rows, True
            rows.append(plain)
        return names, rows, False

    def _column(self, name: str, kind: str) -> JsonObject:
        quoted = _quoted(name)
        numbers = self._one(
            f"select count(*) - count({quoted}), count(distinct {quoted}), "  # noqa: S608 - names are quoted
            f"min({quoted}), max({quoted}) from data"
        )
        nulls, distinct, least, most = map(_plain, numbers)
        about: JsonObject = {
            "name": name, "type": kind, "nulls": nulls, "distinct": distinct, "min": least, "max": most,
        }  # fmt: skip
        if kind in NUMBERS:
            values = self._one(
                f"select avg({quoted}), stddev_samp({quoted}), "  # noqa: S608 - names are quoted
                f"quantile_cont({quoted}, [0.25, 0.5, 0.75]), sum({quoted}) from data"
            )
            mean, deviation, quantiles, total = map(_plain, values)
            about |= {"mean": mean, "stddev": deviation, "quantiles": quantiles, "sum": total}
        elif kind == "VARCHAR":
            top = self._run(
                f"select {quoted}, count(*) from data where {quoted} is not null "  # noqa: S608 - names are quoted
                f"group by 1 order by 2 desc, 1 limit 5"
            ).fetchall()
            about["most_frequent"] = [[_plain(value) for value in row] for row in top]
        return about

    def _correlations(self) -> list[JsonValue]:
        numeric = [name for name, kind in self._columns if kind in NUMBERS][:MOST_CORRELATED]
        pairs = [(one, other) for at, one in enumerate(numeric) for other in numeric[at + 1 :]]
        if not pairs:
            return []
        parts = ", ".join(f"corr({_quoted(one)}, {_quoted(other)})" for one, other in pairs)
        values = self._one(f"select {parts} from data")  # noqa: S608 - names are quoted
        return [
            {"columns": [*pair], "correlation": _plain(value)}
            for pair, value in zip(pairs, values, strict=True)
        ]

    def _groups(self, group_by: str) -> JsonObject:
        known = [name for name, _ in self._columns]
        if group_by not in known:
            raise RefusedError(f"there is no column {group_by!r}; there are {', '.join(known[:50])}")
        numeric = [name for name, kind in self._columns if kind in NUMBERS and name != group_by][
            :MOST_CORRELATED
        ]
        means = "".join(f", avg({_quoted(name)}) as {_quoted('mean of ' + name)}" for name in numeric)
        sql = (
            f"select {_quoted(group_by)}, count(*) as rows{means} from data "  # noqa: S608 - names are quoted
            f"group by 1 order by 2 desc, 1 limit {MOST_GROUPS}"
        )
        names, rows, _ = self._selected(sql, most=MOST_GROUPS)
        return {"columns": [*names], "rows": [*rows]}

    def _one(self, sql: str) -> Sequence[object]:
        return self._run(sql).fetchone() or ()

    def _run(self, sql: str, values: list[object] | None = None) -> duckdb.DuckDBPyConnection:
        alarm = threading.Timer(QUERY_SECONDS, self._database.interrupt)
        alarm.daemon = True
        alarm.start()
        try:
            return self._database.execute(sql, values or [])
        except duckdb.InterruptException as error:
            raise RefusedError(f"the query took longer than {QUERY_SECONDS:g} s: ask for less") from error
        except duckdb.OutOfMemoryException as error:
            raise RefusedError("the query needs more memory than there is: ask for less") from error
        except duckdb.PermissionException as error:
            raise RefusedError(
                "a query reaches the table `data` and nothing else: no file, no network"
            ) from error
        except (duckdb.Error, RuntimeError) as error:
            raise RefusedError(f"the query cannot be answered: {_first_line(error)}") from error
        finally:
            alarm.cancel()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:400]


def _plain(value: object) -> JsonValue:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value][:MOST_ROWS]
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    return str(value if isinstance(value, str | timedelta | UUID) else repr(value))[:MOST_CELL_CHARS]
