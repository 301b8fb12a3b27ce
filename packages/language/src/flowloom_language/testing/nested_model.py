"""The rules of loops, recovery, taking back and failure, written plainly and without the interpreter."""

from dataclasses import dataclass, field

ENDED = {"succeeded", "failed", "skipped", "cancelled"}


@dataclass
class Spec:
    """A step as it is written."""

    name: str
    kind: str
    needs: list[str] = field(default_factory=list)
    retries: int = 0
    on_error: str = ""
    undo: bool = False
    items: int = 0
    parallel: int = 1
    collect: bool = False
    inner: list["Spec"] = field(default_factory=list)

    def text(self) -> str:
        """Write the step in the language."""
        body = f"agent: qa, prompt: p, retry: {{max: {self.retries}, first: 10s, jitter: false}}"
        if self.kind in ("pure", "ask"):
            body = "transform: 1" if self.kind == "pure" else "approval: {title: Good?}"
        elif self.kind == "loop":
            inner = ", ".join(one.text() for one in self.inner)
            way = "collect" if self.collect else "fail"
            over = ", ".join(map(str, range(self.items)))
            body = (
                f"loop: {{over: [{over}], parallel: {self.parallel}, on_item_error: {way}}}, do: {{{inner}}}"
            )
        recovery = {"": "", "continue": ", on_error: continue"}.get(
            self.on_error, ", on_error: {do: {t: {agent: qa, prompt: p}}}"
        )
        undo = ", undo: {agent: qa, prompt: p}" if self.undo else ""
        return f"{self.name}: {{{body}, needs: [{', '.join(self.needs)}]{recovery}{undo}}}"


_TELL = Spec("t", "agent")
_UNDO = Spec("undo", "agent")


class NestedModel:
    """A run as the rules of the language have it."""

    def __init__(self, specs: list[Spec]) -> None:
        self.run = "running"
        self.now = 0.0
        self.status = dict[str, str]()
        self.attempt = dict[str, int]()
        self.due = dict[str, float]()
        self.known = dict[str, Spec]()
        self.recovering = set[str]()
        self.recovered = set[str]()
        self.order = list[str]()
        self.ending = ""
        self.undos = list[str]()
        self.paused = False
        self.specs = specs
        self._enter("", specs)

    def _enter(self, prefix: str, specs: list[Spec]) -> None:
        for spec in specs:
            self.status[prefix + spec.name] = "pending"
            self.attempt[prefix + spec.name] = 0
            self.known[prefix + spec.name] = spec

    def shown(self) -> str:
        """The run's status: it waits when all that is left waits for people."""
        if self.run != "running" or self.paused:
            return "paused" if self.paused and self.run == "running" else self.run
        leaves = [path for path, spec in self.known.items() if spec.kind != "loop"]
        active = ("queued", "running", "retrying")
        is_active = any(self.status[one] in active and one not in self.recovering for one in leaves)
        return "waiting" if not is_active and "waiting" in self.status.values() else "running"

    def settle(self) -> None:
        """Carry out everything that needs nobody."""
        while not self.paused and self.run in ("running", "cancelling") and self._move():
            pass

    def _move(self) -> bool:
        if self.ending:
            return self._move_ending()
        if self._has_failed("", self.specs):
            self._end("failed")
            return True
        if all(self.status[one.name] in ENDED for one in self.specs):
            self.run = "succeeded"
            return True
        return self._move_block("", self.specs)

    def _has_failed(self, prefix: str, specs: list[Spec]) -> bool:
        return any(self.status[prefix + one.name] == "failed" for one in specs)

    def _move_block(self, prefix: str, specs: list[Spec]) -> bool:
        return any(self._move_step(prefix, spec) for spec in specs)

    def _move_step(self, prefix: str, spec: Spec) -> bool:
        path = prefix + spec.name
        status = self.status[path]
        if status == "pending":
            return self._try_to_begin(prefix, spec)
        if status == "retrying" and self.due[path] <= self.now:
            self.status[path] = "queued"
            return True
        if path in self.recovering:
            return self._move_recovery(path)
        return spec.kind == "loop" and status == "running" and self._move_loop(path, spec)

    def _try_to_begin(self, prefix: str, spec: Spec) -> bool:
        path, sources = prefix + spec.name, [self.status[prefix + one] for one in spec.needs]
        if not all(one in ENDED for one in sources):
            return False
        if not all(one == "succeeded" for one in sources):
            self.status[path] = "skipped"
            return True
        self.attempt[path] += 1
        self.status[path] = {"agent": "queued", "loop": "running", "ask": "waiting"}.get(spec.kind, "")
        if spec.kind == "pure":
            self.succeed(path)
        return True

    def _items(self, path: str) -> list[str]:
        below = (one for one in self.status if one.startswith(f"{path}["))
        return [one for one in below if one.endswith("]") and "." not in one[len(path) :]]

    def _move_loop(self, path: str, spec: Spec) -> bool:
        for item in [one for one in self._items(path) if self.status[one] == "running"]:
            prefix = f"{item}."
            if self._has_failed(prefix, spec.inner):
                self._stop(prefix, spec.inner)
                self.status[item] = "failed"
                return True
            if all(self.status[prefix + one.name] in ENDED for one in spec.inner):
                self.status[item] = "succeeded"
                return True
        items = self._items(path)
        if not spec.collect and any(self.status[one] == "failed" for one in items):
            self._stop_items(path, spec)
            self.fail(path, retryable=False)
            return True
        is_room = sum(self.status[one] == "running" for one in items) < spec.parallel
        if len(items) < spec.items and is_room:
            item = f"{path}[{len(items)}]"
            self.status[item] = "running"
            self._enter(f"{item}.", spec.inner)
            return True
        if len(items) == spec.items and not any(self.status[one] == "running" for one in items):
            self.succeed(path)
            return True
        return any(self._move_block(f"{one}.", spec.inner) for one in items if self.status[one] == "running")

    def _move_recovery(self, path: str) -> bool:
        inner = [_TELL] if self.known[path].on_error == "do" else []
        prefix = f"{path}.on_error."
        if self._has_failed(prefix, inner):
            self.recovering.discard(path)
            self.status[path] = "failed"
            return True
        if all(self.status[prefix + one.name] in ENDED for one in inner):
            self.recovering.discard(path)
            self.recovered.add(path)
            self.status[path] = "succeeded"
            return True
        return self._move_block(prefix, inner)

    def succeed(self, path: str) -> None:
        """A step ends well."""
        self.status[path] = "succeeded"
        self.order.append(path)

    def fail(self, path: str, *, retryable: bool) -> None:
        """An attempt fails."""
        spec = self.known[path]
        if retryable and self.attempt[path] <= spec.retries:
            self.due[path] = self.now + min(60, 10 * 2 ** (self.attempt[path] - 1))
            self.attempt[path] += 1
            self.status[path] = "retrying"
        elif spec.on_error:
            self.status[path] = "running"
            self.recovering.add(path)
            self._enter(f"{path}.on_error.", [_TELL] if spec.on_error == "do" else [])
        else:
            self.status[path] = "failed"

    def _stop(self, prefix: str, specs: list[Spec]) -> None:
        for spec in specs:
            path = prefix + spec.name
            if self.status[path] == "pending":
                self.status[path] = "skipped"
            elif self.status[path] not in ENDED:
                if path in self.recovering:
                    self._stop(f"{path}.on_error.", [_TELL] if spec.on_error == "do" else [])
                elif spec.kind == "loop":
                    self._stop_items(path, spec)
                self.recovering.discard(path)
                self.status[path] = "cancelled"

    def _stop_items(self, path: str, spec: Spec) -> None:
        for item in self._items(path):
            if self.status[item] == "running":
                self._stop(f"{item}.", spec.inner)
                self.status[item] = "cancelled"

    def _end(self, outcome: str) -> None:
        self._stop("", self.specs)
        self.ending = outcome
        done = [one for one in reversed(self.order) if self.known[one].undo and one not in self.recovered]
        self.undos = done

    def _move_ending(self) -> bool:
        running = [one for one in self.status if one.endswith(".undo") and self.status[one] not in ENDED]
        if running:
            return False
        if self.undos:
            path = f"{self.undos.pop(0)}.undo"
            self.known[path] = _UNDO
            self.status[path], self.attempt[path] = "queued", 1
            return True
        self.run = self.ending
        return True

    def cancel(self, *, kill: bool) -> None:
        """Somebody ends the run."""
        self.paused = False
        self.run = "cancelling"
        if not self.ending:
            self._end("cancelled")
        self.ending = "cancelled"
        if kill:
            self.undos = []
            for path, status in self.status.items():
                if path.endswith(".undo") and status not in ENDED:
                    self.status[path] = "skipped" if status == "pending" else "cancelled"
