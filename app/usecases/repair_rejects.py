"""Write rejects to a CSV a person can mend, and take the mended rows in."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain.changes import Changes
from app.domain.importing import ImportResult
from app.domain.mapping import mapping_from_json
from app.errors import InputError
from app.ports import Clock, Progress, Readers, Reject, Stores, Workspace, no_progress
from app.usecases.import_table import form_key, table_form

COLUMNS = ("id", "file", "line", "column", "reason", "remedy", "raw", "document")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LARGEST = 256 * 2**20  # bytes of a file of mended rows


@dataclass(frozen=True, slots=True)
class RepairRejects:
    """Mended rows by the id of their reject."""

    rows: Mapping[int, str]
    person: str = ""


def export_rejects(workspace: Workspace, out: Path, rejects: Sequence[Reject] | None = None) -> Path:
    """Write rejects (all that are kept, when none are given) as CSV in UTF-8 with a mark, for a spreadsheet.

    A cell that a spreadsheet would run as a formula is written behind an apostrophe. Mend the column ``raw`` and give
    the file to ``repair_rejects``. Raises ``InputError`` when the file cannot be written.
    """
    with workspace.read() as stores:
        kept = {_key(reject): reject for reject in stores.rejects.all()}
    chosen = list(kept.values()) if rejects is None else [kept.get(_key(reject), reject) for reject in rejects]
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for reject in chosen:
        cells = (reject.id, reject.file, reject.line, reject.column, reject.reason, reject.remedy, reject.raw)
        writer.writerow(["" if cell is None else _harmless(str(cell)) for cell in (*cells, reject.document)])
    try:
        out.write_bytes(text.getvalue().encode("utf-8-sig"))
    except OSError as exc:
        raise InputError(
            "out", f"The rejects cannot be written: {exc.strerror}.", remedy="Choose another place.", file=str(out)
        ) from exc
    return out


def _key(reject: Reject) -> tuple[str, int | None, str | None, str, str]:
    return (reject.document, reject.line, reject.column, reject.reason, reject.raw)


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _as_meant(cell: str) -> str:
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def repair_rejects(
    given: Path | RepairRejects,
    workspace: Workspace,
    readers: Readers,
    *,
    person: str = "",
    clock: Clock,
    progress: Progress = no_progress,
) -> ImportResult:
    """Take mended rows in under the mapping of their table; their rejects go, what is still wrong is rejected anew.

    A row left as it was stays rejected as it is. Raises ``InputError`` when the file is no list of rejects, an id is
    not known, or a reject is not a row of a table.
    """
    rows = given.rows if isinstance(given, RepairRejects) else _read(given)
    person = given.person if isinstance(given, RepairRejects) and given.person else person
    with workspace.read() as stores:
        kept = {reject.id: reject for reject in stores.rejects.all()}
    tally = ImportResult()
    for document, mended in _by_document(rows, kept).items():
        _repair_table(document, mended, workspace, readers, tally, person=person, clock=clock, progress=progress)
    if not tally.changes:
        tally.note("No row was mended.")
    return tally


def _read(path: Path) -> dict[int, str]:
    """Mended rows of a file that ``export_rejects`` wrote. Raises ``InputError`` with the line."""
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError("rejects", "The file of mended rows is too large.", remedy="Split it.", file=path.name)
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8"
        raise InputError(
            "rejects", f"The mended rows cannot be read: {why}.", remedy="Save them as CSV in UTF-8.", file=str(path)
        ) from exc
    dialect = ";" if text[:200].split("\n")[0].count(";") > text[:200].split("\n")[0].count(",") else ","
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=dialect)
    if not {"id", "raw"} <= set(reader.fieldnames or ()):
        remedy = "Give the file that the export wrote, with its columns id and raw."
        raise InputError("rejects", "The file is no list of rejected rows.", remedy=remedy, file=path.name, line=1)
    return {_id(row["id"], path, reader.line_num): _as_meant(row["raw"] or "") for row in reader}


def _id(text: str | None, path: Path, line: int) -> int:
    try:
        return int(text or "")
    except ValueError as exc:
        remedy = "Leave the column id as it was exported."
        raise InputError("rejects", f"{text!r} is no id.", remedy=remedy, file=path.name, line=line) from exc


def _by_document(rows: Mapping[int, str], kept: Mapping[int, Reject]) -> dict[str, list[tuple[Reject, str]]]:
    found: dict[str, list[tuple[Reject, str]]] = {}
    for reject_id, raw in rows.items():
        reject = kept.get(reject_id)
        if reject is None:
            remedy = "It may have been repaired already; export the rejects again."
            raise InputError("rejects", f"There is no rejected row {reject_id}.", remedy=remedy)
        if raw.replace("\r\n", "\n") != reject.raw.replace("\r\n", "\n") and raw.strip():
            found.setdefault(reject.document, []).append((reject, raw.replace("\r\n", "\n")))
    return found


def _repair_table(
    document: str,
    mended: Sequence[tuple[Reject, str]],
    workspace: Workspace,
    readers: Readers,
    tally: ImportResult,
    *,
    person: str,
    clock: Clock,
    progress: Progress,
) -> None:
    with workspace.read() as stores:
        kept = stores.settings.get(form_key(document))
    if not kept:
        file = mended[0][0].file
        remedy = "Correct the file itself and import it again."
        raise InputError("rejects", "This is no row of a table of applications.", remedy=remedy, file=file)
    form = table_form(kept)
    mapping = mapping_from_json(form["mapping"], workspace.catalogue)
    out, key = workspace.path / "incoming" / f"{secrets.token_hex(8)}.duckdb", secrets.token_hex(32)
    rows = [(reject.line or 0, raw) for reject, raw in mended]
    try:
        year = clock.now().year
        readers.read_rows(rows, form["header"], form["delimiter"], mapping, out, key, year, progress=progress)
        with workspace.transaction() as stores:
            stores.rejects.remove([reject.id for reject, _ in mended])
            before = {_key(reject) for reject in stores.rejects.all()}
            added = stores.ingest_rows(out, key, stores.documents.get(document), progress)
            again = [reject for reject in stores.rejects.all() if _key(reject) not in before]
            detail = {"document": document, "rows": added, "rejected": len(again)}
            stores.events.append(person, None, "rows.repaired", detail)
            _count(stores, tally, added, again)
    finally:
        for path in (out, out.with_name(out.name + ".wal")):
            path.unlink(missing_ok=True)


def _count(stores: Stores, tally: ImportResult, added: int, again: Sequence[Reject]) -> None:
    tally.cases += added
    tally.rows += added
    tally.rejected += len(again)
    tally.rejects += again
    if added:
        tally.case_ids += list(stores.cases.ids())[-added:]
    tally.changes |= Changes.CASES | Changes.FACTS | Changes.REJECTS
