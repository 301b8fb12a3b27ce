"""The server: one asyncio protocol per connection, answers written straight to the transport."""

import asyncio
import json
from dataclasses import dataclass, field
from itertools import count
from typing import cast
from urllib.parse import parse_qs, urlsplit

import httptools
from pydantic import TypeAdapter, ValidationError

from benchmarks.mock_llm import wire
from benchmarks.mock_llm.answers import AnswerBook
from benchmarks.mock_llm.chat import ChatRequest, read_chat_request
from benchmarks.mock_llm.ledger import Event, Ledger, LedgerPage
from benchmarks.mock_llm.plan import Answer, Rule

_RULES = TypeAdapter(list[Rule])


@dataclass
class World:
    """What all connections of one server share."""

    book: AnswerBook
    ledger: Ledger
    log_prompts: bool = True
    calls: "count[int]" = field(default_factory=lambda: count(1))
    open: int = 0


@dataclass
class _Exchange:
    """A request that is being answered."""

    call: int
    request: ChatRequest
    answer: Answer
    sent: int = 0


class MockConnection(asyncio.Protocol):
    """Serves one keep-alive connection; requests on it come one after another."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._url = b""
        self._body = bytearray()
        self._exchange: _Exchange | None = None
        self._task: asyncio.Task[None] | None = None

    # --- asyncio's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's, so an isinstance check would refuse them.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._send(wire.whole(400, b'{"error": {"message": "not HTTP"}}'))
            self._close()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._writable.set()
        if self._task is not None:
            self._task.cancel()
        self._finish("closed_by_peer")

    # --- httptools' callbacks

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        method, url, body = self._parser.get_method(), self._url.decode(), bytes(self._body)
        self._url, self._body = b"", bytearray()
        target = urlsplit(url)
        if method == b"POST" and target.path == "/v1/chat/completions":
            self._chat(body)
        elif method == b"POST" and target.path == "/rules":
            self._set_rules(body, keep=parse_qs(target.query).get("keep") == ["1"])
        elif method == b"GET" and target.path == "/ledger":
            self._tell(int(parse_qs(target.query).get("after", ["0"])[0]))
        elif method == b"GET" and target.path in ("/health", "/healthz"):
            self._send(wire.whole(200, b'{"status": "ok"}'))
        elif method == b"GET" and target.path == "/v1/models":
            self._send(wire.whole(200, b'{"object": "list", "data": [{"id": "mock", "object": "model"}]}'))
        else:
            self._send(wire.whole(404, b'{"error": {"message": "no such route"}}'))

    # --- control

    def _set_rules(self, body: bytes, *, keep: bool) -> None:
        try:
            self._world.book.replace_rules(_RULES.validate_json(body), keep=keep)
        except ValidationError as error:
            self._send(wire.whole(422, json.dumps({"error": {"message": str(error)}}).encode()))
        else:
            self._send(wire.whole(200, b"{}"))

    def _tell(self, after: int) -> None:
        page = LedgerPage(entries=self._world.ledger.after(after), open=self._world.open)
        self._send(wire.whole(200, page.model_dump_json().encode()))

    # --- answers

    def _chat(self, body: bytes) -> None:
        try:
            request = read_chat_request(body)
        except ValidationError as error:
            self._send(wire.whole(400, json.dumps({"error": {"message": str(error)}}).encode()))
            return
        answer = self._world.book.answer(request)
        exchange = _Exchange(next(self._world.calls), request, answer)
        self._exchange = exchange
        self._world.open += 1
        prompt = request.prompt[:4000] if self._world.log_prompts else ""
        self._world.ledger.write(
            "asked", exchange.call, marker=request.marker, rule=answer.rule, prompt=prompt
        )
        if answer.tokens_per_s is None and not answer.fault.first_byte_s:
            self._begin(exchange)
        else:
            self._task = asyncio.get_running_loop().create_task(self._later(exchange))

    async def _later(self, exchange: _Exchange) -> None:
        if exchange.answer.fault.first_byte_s:
            await asyncio.sleep(exchange.answer.fault.first_byte_s)
        rate = exchange.answer.tokens_per_s
        if rate is None or exchange.answer.fault.status:
            self._begin(exchange)
        elif exchange.request.stream:
            await self._stream(exchange, rate)
        else:
            await asyncio.sleep(exchange.answer.count / rate)
            self._begin(exchange)

    def _begin(self, exchange: _Exchange) -> None:
        """Send a whole answer at once, streamed or not, with its fault."""
        fault, request = exchange.answer.fault, exchange.request
        if fault.status is not None:
            body = json.dumps({"error": {"message": "refused by plan", "code": fault.status}}).encode()
            self._send(wire.whole(fault.status, body, retry_after_s=fault.retry_after_s))
            self._finish("refused")
        elif request.stream:
            self._send(self._stream_head(exchange))
            for number in range(exchange.answer.count):
                if not self._token(exchange, number):
                    return
            self._end_stream(exchange)
        else:
            text = "".join(wire.token_text(exchange.answer, n) for n in range(exchange.answer.count))
            body = wire.completion(text, model=request.model, call=exchange.call)
            body = body[: len(body) // 2] if fault.invalid_json else body
            self._send(wire.whole(200, body, content_type=fault.content_type or "application/json"))
            exchange.sent = exchange.answer.count
            self._finish("answered")

    async def _stream(self, exchange: _Exchange, rate: float) -> None:
        loop = asyncio.get_running_loop()
        self._send(self._stream_head(exchange))
        start = loop.time()
        for number in range(exchange.answer.count):
            await asyncio.sleep(max(0.0, start + number / rate - loop.time()))
            await self._writable.wait()
            if not self._token(exchange, number):
                return
        self._end_stream(exchange)

    def _stream_head(self, exchange: _Exchange) -> bytes:
        content_type = exchange.answer.fault.content_type or "text/event-stream"
        return wire.head(200, content_type, length=None, headers={"cache-control": "no-store"})

    def _token(self, exchange: _Exchange, number: int) -> bool:
        """Send one token; False when the fault plan ended the connection inside it."""
        fault = exchange.answer.fault
        text = wire.token_text(exchange.answer, number)
        data = wire.piece(text, model=exchange.request.model, call=exchange.call)
        if fault.cut_after_tokens == number:
            self._send(wire.chunk(data[: len(data) // 2]))
            self._finish("cut")
            self._close(reset=True)
            return False
        if fault.invalid_json:
            data = b"data: {this is not JSON\n\n"
        self._send(wire.chunk(data) * (2 if fault.double_token == number else 1))
        exchange.sent = number + 1
        return True

    def _end_stream(self, exchange: _Exchange) -> None:
        model, call, calls = exchange.request.model, exchange.call, exchange.answer.calls
        if calls:
            self._send(wire.chunk(wire.calls_piece(calls, model=model, call=call)))
        tail = wire.piece(None, model=model, call=call, finish="tool_calls" if calls else "stop")
        if exchange.request.include_usage:
            text = exchange.answer.tokens
            words = len("".join(text).split()) if text is not None else exchange.answer.count
            tail += wire.usage_piece(words, model=model, call=call)
        self._send(wire.chunk(tail + wire.DONE) + wire.chunk(b""))
        self._finish("answered")

    # --- ends

    def _send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _close(self, *, reset: bool = False) -> None:
        if self._transport is None:
            return
        if reset:
            # What was written must leave first, so that the reader is cut inside a token and not before it.
            asyncio.get_running_loop().call_later(0.01, self._transport.abort)
        else:
            self._transport.close()

    def _finish(self, event: Event) -> None:
        exchange, self._exchange = self._exchange, None
        if exchange is None:
            return
        self._world.open -= 1
        answer = exchange.answer
        self._world.ledger.write(
            event, exchange.call, marker=answer.marker, rule=answer.rule, tokens=exchange.sent
        )


async def start_server(world: World, *, host: str, port: int) -> asyncio.Server:
    """Listen; port 0 takes a free one."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: MockConnection(world), host, port, backlog=1024)
