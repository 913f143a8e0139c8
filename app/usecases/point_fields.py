"""Let a local model point at what reading left open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol, Self

from app.domain.pointing import OPENINGS, Opening, field_of
from app.domain.reading import DocumentField, ReadResult
from app.errors import EnvironmentFault
from app.pointing_ports import Pointer
from app.ports import Progress, Readers, no_progress
from app.reading_ports import KeptPages


class _Closed(Readers, Protocol):
    def close(self) -> None: ...


class PointingReaders:
    """Readers whose open fields a model points at, after the child that parses has answered.

    ``readers`` must hand over what they left open (``extra["openings"]``). Where the model cannot be asked the fields
    stay open, and the note says why. Everything else is left to ``readers``.
    """

    def __init__(self, readers: _Closed, pointer: Pointer, kinds: Mapping[str, str]) -> None:
        """``kinds`` are what people call the kinds, by their names."""
        self._readers = readers
        self._pointer = pointer
        self._kinds = kinds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._readers, name)

    def read_file(self, path: Path, *, put_off: bool = False, progress: Progress = no_progress) -> ReadResult:
        return self._pointed(self._readers.read_file(path, put_off=put_off, progress=progress), progress)

    def read_content(
        self,
        name: str,
        content: bytes,
        kind: str | None = None,
        *,
        pages: KeptPages | None = None,
        progress: Progress = no_progress,
    ) -> ReadResult:
        return self._pointed(self._readers.read_content(name, content, kind, pages=pages, progress=progress), progress)

    def cancel(self) -> None:
        self._pointer.cancel()
        self._readers.cancel()

    def close(self) -> None:
        self._pointer.close()
        self._readers.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _pointed(self, result: ReadResult, progress: Progress) -> ReadResult:
        try:
            result = self._with_fields(result, progress)
        except EnvironmentFault as fault:
            note = f"the model could not be asked: {fault.message}"
            result = replace(result, note=" · ".join(filter(None, (result.note, note))))
        documents = tuple(replace(one, extra=_closed(one.extra)) for one in result.documents)
        parts = tuple(replace(part, found=self._pointed(part.found, progress)) for part in result.parts)
        return replace(result, extra=_closed(result.extra), documents=documents, parts=parts)

    def _with_fields(self, result: ReadResult, progress: Progress) -> ReadResult:
        details = result.details + self._found(result.kind, result.extra, progress)
        documents = tuple(
            replace(one, details=one.details + self._found(one.kind, one.extra, progress)) for one in result.documents
        )
        return replace(result, details=details, documents=documents)

    def _found(self, kind: str, extra: Mapping[str, Any], progress: Progress) -> tuple[DocumentField, ...]:
        openings = [Opening.from_json(each) for each in extra.get(OPENINGS, ())]
        found = []
        for at, opening in enumerate(openings):
            progress(at, len(openings), opening.field)
            field = field_of(opening, self._pointer.point(opening, self._kinds.get(kind, kind)))
            if field is not None:
                found.append(field)
        return tuple(found)


def _closed(extra: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in extra.items() if name != OPENINGS}
