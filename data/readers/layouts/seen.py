"""Pages that are pictures: known from before, told as soon as they are recognised, or put off. Runs in the child."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from app.domain.layout import Page

MOST_AT_ONCE = 40  # pages of a document that is read while somebody waits


class PutOff(Exception):
    """Reading would take long, and nobody is to wait for it; ``pages`` of the document, where they were counted."""

    def __init__(self, pages: int | None = None) -> None:
        super().__init__(pages)
        self.pages = pages


@dataclass(frozen=True, slots=True)
class Seeing:
    """How pages that are pictures are dealt with."""

    known: Mapping[int, Page] = field(default_factory=dict)  # by number; these are not recognised again
    tell: Callable[[Page], None] = lambda _: None  # gets each page that was recognised
    put_off: bool = False  # raise ``PutOff`` rather than take long


_SEEING: ContextVar[Seeing] = ContextVar("seeing", default=Seeing())  # noqa: B039  frozen


@contextmanager
def seeing(how: Seeing) -> Iterator[None]:
    """Within it pages are dealt with so."""
    token = _SEEING.set(how)
    try:
        yield
    finally:
        _SEEING.reset(token)


def seen_page(number: int, pages: int | None, recognise: Callable[[], Page]) -> Page:
    """A page that is a picture, recognised unless it is known; ``pages`` are those of its document."""
    how = _SEEING.get()
    if (known := how.known.get(number)) is not None:
        return known
    if how.put_off:
        raise PutOff(pages)
    page = recognise()
    how.tell(page)
    return page


def put_off_if_long(pages: int) -> None:
    """Raise ``PutOff`` for a long document, where one may be put off."""
    if _SEEING.get().put_off and pages > MOST_AT_ONCE:
        raise PutOff(pages)
