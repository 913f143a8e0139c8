"""The readers as the use cases see them (``ports.Readers``): every file is parsed in a child process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.domain.facts import value_from_text
from app.domain.layout import Page
from app.domain.mapping import TableMapping
from app.domain.outcomes import OutcomeReading
from app.domain.pointing import ASKED
from app.domain.reading import (
    Check,
    DocumentField,
    Entry,
    Part,
    Problem,
    Reading,
    ReadResult,
    Scanned,
    TableProfile,
    TableRead,
)
from app.errors import InputError
from app.ports import Progress, no_progress
from app.reading_ports import KeptPages
from data.catalogue import load_catalogue
from data.readers.audio import FOLDER
from data.readers.layouts.store import page_from_json, page_to_json
from data.readers.process import MEMORY, ChildDied, ReaderBug, ReaderProcess, rejected

_DOCUMENT_SECONDS = 90  # without a page done
_LONGEST_SECONDS = 3600
_MOST_PARTS = 200  # documents inside one file, and inside those
_TABLE_SECONDS = 120  # and two more a megabyte


class Readers:
    """``ports.Readers``. One child, started with the first file and kept for the next; ``close`` ends it."""

    def __init__(
        self,
        *,
        memory: int = MEMORY,
        name: str = "caseworth-reader",
        background: bool = False,
        speech: Path | None = None,
        openings: bool = False,
    ) -> None:
        """``background``: the child gives way to what somebody waits for. ``speech``: the folder of the model that
        recognises recordings; it need not be there. ``openings``: hand over the fields that
        were left open, with the places that may hold them (``app.domain.pointing``)."""
        given = ({FOLDER: str(speech)} if speech else {}) | ({ASKED: "1"} if openings else {})
        self._process = ReaderProcess(memory=memory, name=name, background=background, environment=given)

    @property
    def pid(self) -> int | None:
        """Process id of the running child."""
        return self._process.pid

    def start(self) -> None:
        """Start the child ahead of the first file; it takes some 0.3 s."""
        self._process.start()

    def read_file(self, path: Path, *, put_off: bool = False, progress: Progress = no_progress) -> ReadResult:
        """Tell the kind of a file by its content and read it. Raises ``InputError`` or ``Cancelled``.

        With ``put_off`` a document that would take long is only told (``ReadResult.waits``).

        Attachments of a mail and files of an archive are read each on its own, as ``ReadResult.parts``; one that
        cannot be read becomes a problem of the file it is in.
        """
        return self._read(_readable(path), (), progress, [_MOST_PARTS], put_off=put_off)

    def part_content(self, path: Path, at: Sequence[int]) -> bytes:
        """Bytes of a part that ``read_file`` found. Raises ``InputError``."""
        given = {"path": str(_readable(path)), "at": list(at)}
        _, content = self._call("part", path, given, _DOCUMENT_SECONDS, no_progress)
        return bytes(content)

    def read_content(
        self,
        name: str,
        content: bytes,
        kind: str | None = None,
        *,
        pages: KeptPages | None = None,
        progress: Progress = no_progress,
    ) -> ReadResult:
        """Read the bytes of a document that is kept, under a kind that a person gave, if any did.

        A form that tells its kind by itself keeps it. ``pages`` gives what was recognised of it before, and keeps each
        page as it is recognised. Raises ``InputError``, ``Cancelled``, or what ``pages`` raises.
        """
        given = {"name": name, "kind": kind}

        def known() -> bytes:
            return json.dumps([page_to_json(page) for page in (pages.known() if pages else ())]).encode()

        def told(page: Any) -> None:
            if pages is not None:
                pages.keep(page_from_json(page))

        try:
            found = self._process.call(
                "read_content", given, seconds=_DOCUMENT_SECONDS, progress=progress, longest=_LONGEST_SECONDS,
                supply={"content": lambda: content, "pages": known}, told=told,
            )  # fmt: skip
        except ChildDied as died:
            raise rejected(name, died) from died
        except ReaderBug as bug:
            raise rejected(name, ChildDied(f"the reader stumbled over it ({bug.kind})")) from bug
        found["extra"].pop("parts", None)
        return result_from_json(found)

    def _read(
        self, path: Path, at: tuple[int, ...], progress: Progress, left: list[int], *, put_off: bool
    ) -> ReadResult:
        seen: dict[int, Page] = {}

        def told(page: Any) -> None:
            seen[page["number"]] = page_from_json(page)

        given = {"path": str(path), "at": list(at), "put_off": put_off}
        found = self._call("read", path, given, _DOCUMENT_SECONDS, progress, told)
        listed = found["extra"].pop("parts", ())
        result = replace(result_from_json(found), seen=tuple(seen.values()))
        parts: list[Part] = []
        problems: list[Problem] = []
        for item in listed:
            left[0] -= 1
            try:
                if left[0] < 0:
                    raise _too_many()
                inner = (*at, int(item["at"]))
                found = self._read(path, inner, progress, left, put_off=put_off)
                parts.append(Part(item["name"], inner, found))
            except InputError as exc:
                problems.append(Problem(exc.line, item["name"], exc.message, exc.remedy))
        return replace(result, parts=(*result.parts, *parts), problems=(*result.problems, *problems))

    def profile_table(
        self, path: Path, form: str, *, at: Sequence[int] = (), progress: Progress = no_progress
    ) -> TableProfile:
        """Header and sampled rows of a table of the form that ``read_file`` told, or of a part of a file."""
        given = {"path": str(_readable(path)), "form": form, "at": list(at)}
        found = self._call("profile", path, given, _DOCUMENT_SECONDS, progress)
        samples = tuple(tuple(row) for row in found["samples"])
        return TableProfile(tuple(found["header"]), samples, found["delimiter"], found["encoding"])

    def read_table(
        self,
        path: Path,
        form: str,
        mapping: TableMapping,
        out: Path,
        key: str,
        year: int,
        *,
        at: Sequence[int] = (),
        progress: Progress = no_progress,
    ) -> TableRead:
        """Check every row of a table into the hand-over file ``out``; see ``data.readers.handover``."""
        given = {"path": str(_readable(path)), "form": form, "at": list(at)} | _destination(mapping, out, key, year)
        return self._table("table", path, given, _TABLE_SECONDS + path.stat().st_size // 2**19, out, progress)

    def read_rows(
        self,
        rows: Sequence[tuple[int, str]],
        header: Sequence[str],
        delimiter: str,
        mapping: TableMapping,
        out: Path,
        key: str,
        year: int,
        *,
        progress: Progress = no_progress,
    ) -> TableRead:
        """Check corrected rows, each with its line, into a hand-over file."""
        given = {"rows": list(rows), "header": list(header), "delimiter": delimiter}
        given |= _destination(mapping, out, key, year)
        return self._table("rows", out, given, _TABLE_SECONDS, out, progress)

    def read_outcomes(
        self, path: Path, reading: OutcomeReading, out: Path, key: str, *, progress: Progress = no_progress
    ) -> tuple[int, str]:
        """Check a table of outcomes into the hand-over file ``out``; returns its rows and its SHA-256."""
        given = {"path": str(_readable(path)), "reading": reading.to_json(), "out": str(out), "key": key}
        seconds = _TABLE_SECONDS + path.stat().st_size // 2**19
        found = self._call("outcomes", path, given, seconds, progress)
        return int(found["rows"]), str(found["sha256"])

    def cancel(self) -> None:
        """Kill the child in the middle of its task; the caller gets ``Cancelled``. Callable from any thread."""
        self._process.cancel()

    def close(self) -> None:
        """End the child."""
        self._process.close()

    def __enter__(self) -> Readers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _table(
        self, task: str, path: Path, given: Mapping[str, Any], seconds: int, out: Path, progress: Progress
    ) -> TableRead:
        def fresh(done: int, total: int | None, what: str) -> None:
            progress(done, total, what)

        found = self._call(task, path, given, seconds, fresh)
        if not out.exists():
            raise InputError("file", "The table could not be handed over.", remedy="Import it again.", file=path.name)
        return TableRead(found["rows"], found["rejected"], found["note"])

    def _call(
        self,
        task: str,
        path: Path,
        given: Mapping[str, Any],
        seconds: int,
        progress: Progress,
        told: Callable[[Any], object] = lambda _: None,
    ) -> Any:
        try:
            longest = _LONGEST_SECONDS if task == "read" else None
            return self._process.call(task, given, seconds=seconds, progress=progress, longest=longest, told=told)
        except ChildDied as died:
            raise rejected(path.name, died) from died
        except ReaderBug as bug:
            raise rejected(path.name, ChildDied(f"the reader stumbled over it ({bug.kind})")) from bug


def _too_many() -> InputError:
    return InputError("file", f"The first {_MOST_PARTS} documents inside a file are read.", remedy="Unpack it.")


def _destination(mapping: TableMapping, out: Path, key: str, year: int) -> dict[str, Any]:
    return {"mapping": mapping.to_json(), "out": str(out), "key": key, "year": year}


def _readable(path: Path) -> Path:
    """The absolute path. Raises ``InputError`` when it is no file or may not be read."""
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist or is no ordinary file"
            raise InputError("file", f"It {what}.", remedy="Give the path of a file.", file=str(path))
        with path.open("rb"):
            pass
    except PermissionError as exc:
        remedy = "Give yourself the right to read it, or copy it to a folder of your own."
        raise InputError("file", "There is no right to read the file.", remedy=remedy, file=path.name) from exc
    except OSError as exc:
        remedy = "Check the disk or the network drive it lies on."
        raise InputError("file", f"The file cannot be opened: {exc.strerror}.", remedy=remedy, file=path.name) from exc
    return path.resolve()


def result_from_json(data: Mapping[str, Any]) -> ReadResult:
    """Inverse of ``ReadResult.to_json``; values are typed by the catalogue."""
    simple = ("sha256", "size", "kind", "media_type", "pages", "language", "currency", "note", "extra")
    return ReadResult(
        fields=tuple(_reading(item) for item in data["facts"]),
        details=tuple(DocumentField.from_json(item) for item in data["fields"]),
        kind_confidence=data["kind_confidence"],
        alternatives=tuple((item["kind"], item["confidence"]) for item in data["alternatives"]),
        transactions=tuple(Entry.from_json(item) for item in data["transactions"]),
        checks=tuple(Check.from_json(item) for item in data["checks"]),
        problems=tuple(Problem(**item) for item in data["problems"]),
        unrecognised=tuple(data["unrecognised"]),
        parts=tuple(Part(item["name"], tuple(item["at"]), result_from_json(item)) for item in data.get("parts", ())),
        documents=tuple(_scanned(item) for item in data.get("documents", ())),
        **{name: data[name] for name in simple},
    )


def _scanned(item: Mapping[str, Any]) -> Scanned:
    first, last = item["pages"]
    return Scanned(
        (first, last),
        item["kind"],
        item["kind_confidence"],
        tuple(DocumentField.from_json(each) for each in item["fields"]),
        tuple(_reading(each) for each in item["facts"]),
        item["currency"],
        item["extra"],
    )


def _reading(item: Mapping[str, Any]) -> Reading:
    kind = load_catalogue()[item["name"]].kind
    value = item["value"]
    box = tuple(float(edge) for edge in item["box"]) if "box" in item else None
    return Reading(
        name=item["name"],
        value=value_from_text(kind, value) if isinstance(value, str) else value,
        currency=item.get("currency"),
        raw=item["raw"],
        page=item.get("page"),
        box=(box[0], box[1], box[2], box[3]) if box else None,
        path=item.get("path"),
        confidence=Decimal(item["confidence"]),
    )
