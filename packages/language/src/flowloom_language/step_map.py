"""The steps of a run by path: a map whose every version stays readable while the newest changes in place."""

from collections.abc import ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Generic, TypeVar

V = TypeVar("V")


class StepMap(Mapping[str, V], Generic[V]):
    """An immutable mapping; a changed one costs as much as the change, however long the map is.

    The newest version owns the values, older ones keep what was different (Baker, "Shallow binding makes
    functional arrays fast", 1991). Changing an older version copies the whole map.
    """

    __slots__ = ("_changed", "_newer", "_values")

    def __init__(self, values: Mapping[str, V] | None = None) -> None:
        self._values: dict[str, V] | None = dict(values or {})
        self._changed: dict[str, V | None] = {}
        self._newer: StepMap[V] | None = None

    def with_changes(self, changes: Mapping[str, V | None]) -> "StepMap[V]":
        """Return the map with these values; None takes a path away."""
        values = self._current()
        before = {key: values.get(key) for key in changes}
        for key, value in changes.items():
            if value is None:
                values.pop(key, None)
            else:
                values[key] = value
        newer: StepMap[V] = StepMap.__new__(StepMap)
        newer._values, newer._changed, newer._newer = values, {}, None
        if self._values is values:
            self._values, self._changed, self._newer = None, before, newer
        return newer

    def changed_since(self, older: "StepMap[V]") -> list[str]:
        """Return the paths whose values differ from those of an older version; quick for a close one."""
        found = dict[str, None]()
        version = older
        while version is not self and version._newer is not None:
            found |= dict.fromkeys(version._changed)
            version = version._newer
        if version is self:
            return list(found)
        paths = {**dict.fromkeys(older), **dict.fromkeys(self)}
        return [path for path in paths if older.get(path) is not self.get(path)]

    def _current(self) -> dict[str, V]:
        """Return the values for changing: the own ones, or a copy if a newer version owns them."""
        return self._values if self._values is not None else self._copy()

    def _copy(self) -> dict[str, V]:
        versions: list[StepMap[V]] = []
        version: StepMap[V] = self
        while version._values is None:
            versions.append(version)
            assert version._newer is not None  # noqa: S101 - whoever owns no values has a newer version
            version = version._newer
        values = dict(version._values)
        for older in reversed(versions):
            for key, value in older._changed.items():
                if value is None:
                    values.pop(key, None)
                else:
                    values[key] = value
        return values

    def __getitem__(self, key: str) -> V:
        version: StepMap[V] = self
        while version._values is None:
            if key in version._changed:
                found = version._changed[key]
                if found is None:
                    raise KeyError(key)
                return found
            assert version._newer is not None  # noqa: S101 - as above
            version = version._newer
        return version._values[key]

    def __contains__(self, key: object) -> bool:
        version: StepMap[V] = self
        while version._values is None:
            if key in version._changed:
                return version._changed[key] is not None
            assert version._newer is not None  # noqa: S101 - as above
            version = version._newer
        return key in version._values

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._values if self._values is not None else self._copy()))

    def __len__(self) -> int:
        return len(self._values if self._values is not None else self._copy())

    def keys(self) -> KeysView[str]:
        """Return the paths as they are now."""
        return self._copy().keys()

    def values(self) -> ValuesView[V]:
        """Return the values as they are now, whatever becomes of newer versions."""
        return self._copy().values()

    def items(self) -> ItemsView[str, V]:
        """Return paths and values as they are now."""
        return self._copy().items()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, StepMap):
            return NotImplemented
        return self._copy() == other._copy()

    __hash__ = None  # type: ignore[assignment]  # equal maps may hold values that cannot be hashed

    def __repr__(self) -> str:
        return f"StepMap({self._copy()!r})"
