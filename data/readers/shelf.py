"""The last few documents the child was shown, open; bounded in number and bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol, TypeVar

MOST_DOCUMENTS = 4
MOST_BYTES = 192 * 2**20  # of the documents as they came; one larger document stands alone


class Held(Protocol):
    """A document that is open."""

    size: int  # bytes as it came

    def close(self) -> None: ...


T = TypeVar("T", bound=Held)


class Shelf:
    """Documents by use and digest, the one used last at the end."""

    def __init__(self, wanted: Callable[[], bytes]) -> None:
        self._wanted = wanted
        self._held: OrderedDict[tuple[str, str], Held] = OrderedDict()

    def opened(self, use: str, sha256: str, opener: Callable[[bytes], T]) -> T:
        """The document, opened by ``opener`` when it is not held. One use has one opener."""
        key = (use, sha256)
        if key not in self._held:
            content = self._wanted()
            self._make_room(len(content))
            self._held[key] = opener(content)
        self._held.move_to_end(key)
        return self._held[key]  # type: ignore[return-value]  # what this use's opener made

    def _make_room(self, size: int) -> None:
        def full() -> bool:
            return len(self._held) >= MOST_DOCUMENTS or sum(h.size for h in self._held.values()) + size > MOST_BYTES

        while self._held and full():
            self._held.popitem(last=False)[1].close()
