"""What a generator returns at its end, kept for whoever only loops over what it yields."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

Event = TypeVar("Event")
Result = TypeVar("Result")


class KeptResult(Generic[Event, Result]):
    """Yields what a generator yields; afterwards ``value`` is what it returned."""

    value: Result

    def __init__(self, generator: Generator[Event, None, Result]) -> None:
        self._generator = generator

    def __iter__(self) -> Iterator[Event]:
        self.value = yield from self._generator

    def finish(self) -> Result:
        """Let the rest of what it yields go by, and give what it returned."""
        for _ in self:
            pass
        return self.value
