"""What a field takes is what its schema says, and no more."""

from datetime import UTC, date, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from flowloom_contracts.base import Day, Flag, Moment


@pytest.mark.parametrize("value", [0, 1, "true", "yes", 1.0, None])
def test_a_flag_is_true_or_false(value: object) -> None:
    adapter = TypeAdapter[bool](Flag)
    assert (adapter.validate_python(True), adapter.validate_json("false")) == (True, False)
    with pytest.raises(ValidationError):
        adapter.validate_python(value)


@pytest.mark.parametrize("value", [0, 1.5, "0", "0.5", "1767225600", "2026-01-31T12:00:00", True, ""])
def test_a_moment_is_written_with_its_offset(value: object) -> None:
    adapter = TypeAdapter[datetime](Moment)
    assert adapter.validate_python("2026-01-31T13:00:00+01:00") == datetime(2026, 1, 31, 12, tzinfo=UTC)
    with pytest.raises(ValidationError):
        adapter.validate_python(value)


@pytest.mark.parametrize("value", [0, "0", "20480", "31.01.2026"])
def test_a_day_is_written_as_one(value: object) -> None:
    adapter = TypeAdapter[date](Day)
    assert adapter.validate_python("2026-01-31") == date(2026, 1, 31)
    with pytest.raises(ValidationError):
        adapter.validate_python(value)
