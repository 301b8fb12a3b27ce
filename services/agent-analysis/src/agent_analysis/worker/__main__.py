"""`python -m agent_analysis.worker`: a question as one line on stdin, then a table; JSON on stdout."""

import base64
import json
import os
import sys

from agent_analysis.worker import readers
from agent_analysis.worker.engine import Engine
from agent_analysis.worker.refusals import RefusedError
from flowloom_agentkit.sealing import seal
from flowloom_contracts.base import JsonObject


def main() -> None:
    """Answer one question; what cannot be done is `{refused: reason}`."""
    question: JsonObject = json.loads(sys.stdin.buffer.readline())
    engine = Engine()
    engine.warm()
    readers.warm()
    if question["do"] == "chart":
        from agent_analysis.worker import charts  # loads fonts, which only a chart needs

        charts.warm()
    if not seal():
        raise SystemExit("this machine has no filter of system calls")
    try:
        answer = _answered(question, engine)
    except RefusedError as refused:
        answer = {"refused": str(refused)}
    except (MemoryError, RecursionError):
        answer = {"refused": "the table needs more memory than there is: give a part of it"}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False, allow_nan=False).encode())
    sys.stdout.buffer.flush()
    # Without ceremony: libraries that tidy up may want what a sealed process cannot do any more.
    os._exit(0)


def _answered(question: JsonObject, engine: Engine) -> JsonObject:
    engine.load(readers.read_table(sys.stdin.buffer.read(), sheet=str(question.get("sheet") or "")))
    sql = str(question.get("sql") or "")
    if question["do"] == "describe":
        return engine.describe(str(question.get("group_by") or ""))
    if question["do"] == "query":
        return engine.ask(sql)
    from agent_analysis.worker.charts import MOST_POINTS, Chart, draw

    names, rows = engine.selected(sql, most=MOST_POINTS)
    chart = Chart(
        kind=str(question["kind"]),
        title=str(question["title"]),
        names=names,
        rows=rows,
        format=str(question["format"]),
    )
    picture = base64.b64encode(draw(chart)).decode()
    return {"picture": picture, "columns": [*names], "rows": [*rows[:50]], "row_count": len(rows)}


if __name__ == "__main__":
    main()
