"""A small MCP server over standard streams, as a program of its own: it imports nothing of ours."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

ADD = {
    "type": "object",
    "required": ["a", "b"],
    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
}
Given = dict[str, Any]


def send(message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def add(given: Given) -> object:
    return {"sum": given["a"] + given["b"]}


def about(_given: Given) -> object:
    kinds = {"data": resource.RLIMIT_DATA, "files": resource.RLIMIT_NOFILE, "core": resource.RLIMIT_CORE}
    limits = {name: resource.getrlimit(kind)[0] for name, kind in kinds.items()}
    me = {"pid": os.getpid(), "folder": os.getcwd(), "arguments": sys.argv[1:]}
    return {**me, **limits, "environment": dict(os.environ)}


def die(_given: Given) -> object:
    if "DEATHS" in os.environ:
        with open(os.environ["DEATHS"], "a", encoding="utf-8") as deaths:
            deaths.write("x")
    os._exit(3)


def hang(_given: Given) -> object:
    time.sleep(600)
    return None


def grow(given: Given) -> object:
    try:
        return {"bytes": len(bytearray(given["bytes"]))}
    except MemoryError:
        return {"bytes": 0}


def flood(given: Given) -> object:
    return {"text": "x" * given["bytes"]}


def child(_given: Given) -> object:
    sleeping = [sys.executable, "-I", "-c", "import time; time.sleep(600)"]
    return {"pid": subprocess.Popen(sleeping).pid}  # noqa: S603  # a fixed command


def ask(_given: Given) -> object:
    """Ask the client before answering, as servers do."""
    for number, method in enumerate(("ping", "sampling/createMessage")):
        send({"jsonrpc": "2.0", "id": f"q{number}", "method": method, "params": {}})
    return {"said": [json.loads(sys.stdin.readline()) for _ in range(2)]}


def chatter(_given: Given) -> object:
    sys.stdout.write("Starting up: this is no message\n")
    send({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": "x"}})
    send({"jsonrpc": "2.0", "id": 999_999, "result": {"not": "asked for"}})
    return {"ok": True}


def tell(_given: Given) -> object:
    sys.stderr.write(f"the token is {os.environ.get('TOKEN')}\n")
    return {"token": os.environ.get("TOKEN")}


def fail(_given: Given) -> object:
    raise ValueError("no luck")


TOOLS: dict[str, Callable[[Given], object]] = {
    tool.__name__: tool for tool in (add, about, die, hang, grow, flood, child, ask, chatter, tell, fail)
}


def listed() -> object:
    schemas = {"add": ADD}
    words = {"add": os.environ.get("WORDS", "Add two numbers.")}
    return {
        "tools": [
            {
                "name": name,
                "description": words.get(name, f"{name}."),
                "inputSchema": schemas.get(name, {"type": "object"}),
            }
            for name in TOOLS
        ]
    }


def called(params: Given) -> object:
    try:
        given = TOOLS[params["name"]](params.get("arguments", {}))
    except ValueError as error:
        return {"content": [{"type": "text", "text": str(error)}], "isError": True}
    return {"content": [{"type": "text", "text": json.dumps(given)}], "structuredContent": given}


def answer(message: Given) -> object:
    params = message.get("params", {})
    if message.get("method") == "initialize":
        me = {"name": "small", "version": "1"}
        return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": me}
    if message.get("method") == "tools/list":
        return listed()
    return called(params) if message.get("method") == "tools/call" else None


def main() -> None:
    if "BROKEN" in os.environ:
        sys.exit(f"broken: {os.environ['BROKEN']}")
    for line in sys.stdin:
        asked = json.loads(line)
        if "id" in asked and (given := answer(asked)) is not None:
            send({"jsonrpc": "2.0", "id": asked["id"], "result": given})


if __name__ == "__main__":
    main()
