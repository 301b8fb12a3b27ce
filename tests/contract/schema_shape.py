"""What code relies on in a schema of Postgres, and what one change of it takes away from older code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, text

COLUMNS: Final = text("""
SELECT table_name || '.' || column_name AS name, udt_name AS kind, is_nullable = 'NO' AS is_needed,
       coalesce(column_default, identity_generation, generation_expression) IS NOT NULL AS is_given
FROM information_schema.columns WHERE table_schema = :schema AND table_name <> 'alembic_version'
""")
# A partition has the constraints of its parent.
CONSTRAINTS: Final = text("""
SELECT class.relname AS of_table, constraint_.conname AS name, pg_get_constraintdef(constraint_.oid) AS says
FROM pg_constraint AS constraint_
JOIN pg_class AS class ON class.oid = constraint_.conrelid AND NOT class.relispartition
WHERE class.relnamespace = to_regnamespace(:schema) AND constraint_.contype NOT IN ('n', 'p', 'u')
UNION ALL
SELECT class.relname, index_class.relname, pg_get_indexdef(index_.indexrelid)
FROM pg_index AS index_
JOIN pg_class AS class ON class.oid = index_.indrelid AND NOT class.relispartition
JOIN pg_class AS index_class ON index_class.oid = index_.indexrelid
WHERE class.relnamespace = to_regnamespace(:schema) AND index_.indisunique
""")
FUNCTIONS: Final = text("""
SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ')' AS name,
       pg_get_function_result(oid) AS says
FROM pg_proc WHERE pronamespace = to_regnamespace(:schema)
""")


@dataclass(frozen=True, slots=True)
class Column:
    """What an INSERT or a SELECT can notice of a column."""

    kind: str
    is_needed: bool
    is_given: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """A schema at one moment; constraints and unique indexes are by table and name."""

    columns: Mapping[str, Column]
    constraints: Mapping[tuple[str, str], str]
    functions: Mapping[str, str]

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for name in self.columns)


def shape_of(connection: Connection, schema: str) -> Shape:
    """Read it from the server's own catalogue, whatever statements made it."""
    given = {"schema": schema}
    columns = connection.execute(COLUMNS, given).mappings()
    constraints = connection.execute(CONSTRAINTS, given).mappings()
    functions = connection.execute(FUNCTIONS, given).mappings()
    return Shape(
        {row["name"]: Column(row["kind"], row["is_needed"], row["is_given"]) for row in columns},
        {(row["of_table"], row["name"]): row["says"] for row in constraints},
        {row["name"]: row["says"] for row in functions},
    )


def taken_away(before: Shape, after: Shape) -> list[str]:
    """Return in words what code that was written for the first cannot do with the second."""
    found = [f"table {name} is gone" for name in sorted(before.tables - after.tables)]
    for name, old in before.columns.items():
        if name.partition(".")[0] in after.tables:
            found += _taken_from(name, old, after.columns.get(name))
    for name, new in after.columns.items():
        is_asked = new.is_needed and not new.is_given
        if name not in before.columns and name.partition(".")[0] in before.tables and is_asked:
            found.append(f"column {name} is new and wants a value that older code does not give")
    found += _bound(before, after)
    for name, says in before.functions.items():
        if after.functions.get(name) != says:
            found.append(f"function {name} is gone or gives something else")
    return found


def _bound(before: Shape, after: Shape) -> list[str]:
    found = []
    for (table, name), says in after.constraints.items():
        if table in before.tables and before.constraints.get((table, name)) != says:
            found.append(f"{name} on {table} is new: {says}")
    for (table, name), says in before.constraints.items():
        # `ON CONFLICT` needs it; nobody needs another constraint.
        is_relied_on = says.startswith("CREATE UNIQUE") and table in after.tables
        if is_relied_on and (table, name) not in after.constraints:
            found.append(f"{name} on {table} is gone, which ON CONFLICT may name")
    return found


def _taken_from(name: str, old: Column, new: Column | None) -> list[str]:
    if new is None:
        return [f"column {name} is gone"]
    found = []
    if new.kind != old.kind:
        found.append(f"column {name} was {old.kind} and is {new.kind}")
    if new.is_needed and not new.is_given and (not old.is_needed or old.is_given):
        found.append(f"column {name} wants a value that older code may not give")
    return found
