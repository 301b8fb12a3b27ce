"""Mandates in a worker: used by workspace, renewed by run."""

from flowloom_servicekit.mandates import KEPT, RENEW_AFTER_SECONDS, MandateBook


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_shows_the_newest_of_a_workspace() -> None:
    book = MandateBook()
    assert book.of("ws-1") is None
    book.keep("first", workspace_id="ws-1", run_id="run-1")
    book.keep("second", workspace_id="ws-1", run_id="run-2")
    assert (book.of("ws-1"), book.of("ws-2"), book.of(None)) == ("second", None, None)


def test_is_renewed_when_it_is_old() -> None:
    seconds = Seconds()
    book = MandateBook(now=seconds)
    book.keep("old", workspace_id="ws-1", run_id="run-1")
    assert book.due("run-1") is None
    seconds.now += RENEW_AFTER_SECONDS
    assert book.due("run-1") == "old"
    book.renewed("new", run_id="run-1")
    assert (book.due("run-1"), book.of("ws-1")) == (None, "new")


def test_knows_nothing_of_runs_it_was_not_given() -> None:
    book = MandateBook()
    book.renewed("foreign", run_id="run-1")
    assert book.due("run-1") is None


def test_keeps_no_more_than_it_may() -> None:
    book = MandateBook(now=Seconds())
    for number in range(KEPT + 1):
        book.keep("m", workspace_id=f"ws-{number}", run_id=f"run-{number}")
    assert (book.of("ws-0"), book.of("ws-1")) == (None, "m")
