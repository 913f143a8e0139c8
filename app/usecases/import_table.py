"""Import one table of applications: one case a row, all rows or none, rejects beside them."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.case import Document
from app.domain.changes import Changes
from app.domain.importing import ImportResult
from app.domain.mapping import CONFIDENT, TableMapping, mapping_from_toml, shape_of
from app.domain.reading import ReadResult, TableProfile, TableRead
from app.errors import Cancelled, InputError
from app.ports import Clock, Progress, Readers, Stores, Workspace
from app.usecases.import_case import ReadFile
from app.usecases.propose_mapping import proposal_for

_POLL = 0.03  # seconds between looks at the cancel flag
_LISTED = 20_000  # cases of a table whose ids are given back


@dataclass(frozen=True, slots=True)
class ImportTable:
    """One table that was read as such: a file, or a part of a mail or an archive."""

    file: ReadFile
    mapping: TableMapping | Path | None
    person: str

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def found(self) -> ReadResult:
        return self.file.found


def import_table(
    cmd: ImportTable, workspace: Workspace, readers: Readers, tally: ImportResult, *, clock: Clock, progress: Progress
) -> None:
    """Add the rows in one transaction and count them in ``tally``.

    Raises ``InputError`` when the file or its mapping cannot be used, ``Cancelled``; then nothing was stored.
    """
    name, file = cmd.name, cmd.file
    with workspace.read() as stores:
        if stores.documents.known(cmd.found.sha256):
            tally.note(f"{name}: imported before, byte for byte; no rows were added.")
            return
    form = str(cmd.found.extra["form"])
    profile = readers.profile_table(file.path, form, at=file.at, progress=progress)
    mapping = mapping_for(cmd, profile, workspace, tally)
    mapping.check_header(profile.header, name)
    out, key = workspace.path / "incoming" / f"{secrets.token_hex(8)}.duckdb", secrets.token_hex(32)
    try:
        year = clock.now().year
        content = file.content()
        job = _Reading(
            lambda p: readers.read_table(file.path, form, mapping, out, key, year, at=file.at, progress=p), readers
        )
        with workspace.transaction() as stores:
            document = _document(cmd)
            stores.documents.add(None, document, content)
            read = job.result(progress)
            added = stores.ingest_rows(out, key, document, progress)
            _remember(stores, profile, mapping, document.sha256)
            detail = {"document": document.sha256, "file": name, "rows": added, "rejected": read.rejected}
            stores.events.append(cmd.person, None, "table.imported", detail)
            _count(stores, tally, document, read, added)
    except BaseException:
        readers.cancel()
        raise
    finally:
        _remove(out)


class _Reading:
    """A call of the readers on its own thread, while this one encrypts the original."""

    def __init__(self, call: Callable[[Progress], TableRead], readers: Readers) -> None:
        self._call = call
        self._readers = readers
        self._at: tuple[int, int | None, str] = (0, None, "rows")
        self._read: TableRead | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="reading a table")
        self._thread.start()

    def _work(self) -> None:
        try:
            self._read = self._call(self._progress)
        except BaseException as exc:  # noqa: BLE001 - the edge of the thread; raised again in ``result``
            self._failure = exc

    def _progress(self, done: int, total: int | None, what: str) -> None:
        self._at = (done, total, what or "rows")

    def result(self, progress: Progress) -> TableRead:
        """Wait for the rows; ``progress`` may cancel."""
        try:
            while self._thread.is_alive():
                self._thread.join(_POLL)
                progress(*self._at)
        except BaseException:
            self._readers.cancel()
            self._thread.join()
            raise
        if self._failure is not None:
            raise self._failure
        if self._read is None:
            raise Cancelled
        return self._read


def mapping_for(cmd: ImportTable, profile: TableProfile, workspace: Workspace, tally: ImportResult) -> TableMapping:
    """The mapping given, else the one remembered for the shape, else the proposal if no part of it is a guess."""
    if isinstance(cmd.mapping, TableMapping):
        return cmd.mapping
    if cmd.mapping is not None:
        return mapping_from_toml(_text(cmd.mapping), workspace.catalogue, str(cmd.mapping))
    proposal = proposal_for(profile, workspace)
    if proposal.confident and proposal.mapping is not None:
        how = "as remembered for this shape" if proposal.remembered else "proposed by their names and values"
        taken = ", ".join(f"{column.source} → {column.fact}" for column in proposal.mapping.columns)
        tally.note(f"{cmd.name}: columns mapped {how}: {taken}{_assumed(proposal.mapping)}.")
        return proposal.mapping
    unsure = [f"{c.column} ({c.fact}?)" for c in proposal.columns if c.fact and c.confidence < CONFIDENT]
    lacks = (
        "" if proposal.mapping and proposal.mapping.column("request.amount") else " No column is the requested amount."
    )
    seen = f" Guessed: {', '.join(unsure)}." if unsure else ""
    raise InputError(
        "mapping",
        f"How its columns ({', '.join(profile.header[:30])}) become facts is not known.{lacks}{seen}",
        remedy='Give a mapping with --mapping FILE.toml, such as: [columns."request.amount"] from = "Amount" '
        "(caseworth mapping FILE --out FILE.toml writes a proposal; see docs/import.md).",
        file=cmd.name,
    )


def _assumed(mapping: TableMapping) -> str:
    """What was taken for granted beside the columns' meaning."""
    dates = sorted({column.date_format for column in mapping.columns if column.date_format})
    parts = [f"money in {mapping.currency}"] + [f"dates read as {date_format}" for date_format in dates]
    parts += ["comma as decimal mark"] if mapping.decimal == "," else []
    return "; " + "; ".join(parts + ([f"reference: {mapping.reference}"] if mapping.reference else []))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise InputError(
            "mapping", f"The mapping cannot be read: {why}.", remedy="Give the path of a TOML file.", file=str(path)
        ) from exc


def _document(cmd: ImportTable) -> Document:
    found = cmd.found
    return Document(found.sha256, cmd.name, "table", found.media_type, found.size, found.pages, found.note)


def _remember(stores: Stores, profile: TableProfile, mapping: TableMapping, sha256: str) -> None:
    """The mapping for the next file of the shape, and what repairing rejects of this one takes."""
    stores.mappings.put(shape_of(profile.header), mapping.to_toml())
    form = {"header": profile.header, "delimiter": profile.delimiter or ",", "mapping": mapping.to_json()}
    stores.settings.put(form_key(sha256), json.dumps(form, ensure_ascii=False, sort_keys=True))


def form_key(sha256: str) -> str:
    """Setting under which the form of an imported table is kept."""
    return f"table.{sha256}"


def _count(stores: Stores, tally: ImportResult, document: Document, read: TableRead, added: int) -> None:
    stores.documents.update_note(document.sha256, _note(read, added))
    rejects = [reject for reject in stores.rejects.all() if reject.document == document.sha256] if read.rejected else []
    if not added and not read.rejected:
        tally.note(f"{document.name}: the table has a header and no rows under it; no case was added.")
    tally.cases += added
    tally.rows += added
    tally.documents += 1
    tally.rejected += read.rejected
    tally.rejects += rejects
    if 0 < added <= _LISTED:
        tally.case_ids += list(stores.cases.ids())[-added:]
    tally.changes |= Changes.CASES | Changes.DOCUMENTS | Changes.FACTS | Changes.REJECTS


def _note(read: TableRead, added: int) -> str:
    parts = [f"{added} {'row' if added == 1 else 'rows'}"]
    parts += [f"{read.rejected} rejected"] if read.rejected else []
    return " · ".join(parts + ([read.note] if read.note else []))


def _remove(out: Path) -> None:
    for path in (out, out.with_name(out.name + ".wal")):
        path.unlink(missing_ok=True)


def table_form(kept: str) -> dict[str, Any]:
    """What ``_remember`` kept of a table."""
    found: dict[str, Any] = json.loads(kept)
    return found
