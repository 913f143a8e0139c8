"""Import a table of outcomes: what became of cases, matched by id or reference, nothing dropped in silence."""

from __future__ import annotations

import contextlib
import csv
import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.outcomes import OutcomeImport, OutcomeReading
from app.domain.reading import Problem
from app.errors import InputError
from app.ports import Clock, Progress, Workspace, no_progress
from app.watching_ports import OutcomeReaders

_DETAIL = ("file", "sha256", "rows", "added", "unchanged", "replaced", "rejected")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ImportOutcomes:
    path: Path
    person: str
    reading: OutcomeReading = field(default=OutcomeReading())


def import_outcomes(
    cmd: ImportOutcomes,
    workspace: Workspace,
    readers: OutcomeReaders,
    *,
    clock: Clock,
    progress: Progress = no_progress,
) -> OutcomeImport:
    """Keep every outcome that is new, in one transaction; the same file again changes nothing.

    An outcome that differs from a known one of the same case and day supersedes it. Raises ``InputError`` when the
    file or its columns cannot be used, ``Cancelled``; then nothing was stored.
    """
    out, key = workspace.path / "incoming" / f"{secrets.token_hex(8)}.duckdb", secrets.token_hex(32)
    try:
        rows, sha256 = readers.read_outcomes(cmd.path, cmd.reading, out, key, progress=progress)
        with workspace.transaction() as stores:
            found = stores.outcomes.take(
                out, key, file=cmd.path.name, sha256=sha256, rows=rows, person=cmd.person, at=clock.now()
            )
            if found.added or found.replaced:
                detail = {name: getattr(found, name) for name in _DETAIL}
                stores.events.append(cmd.person, None, "outcomes.imported", detail)
    finally:
        with contextlib.suppress(OSError):
            out.unlink(missing_ok=True)
    return found


def write_outcome_rejects(out: Path, rejects: Sequence[Problem]) -> Path:
    """Write the rejected rows as CSV in UTF-8 with a mark, for a spreadsheet; nothing in it runs as a formula.

    Raises ``InputError`` when the file cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(("line", "column", "reason", "remedy", "raw"))
    for problem in rejects:
        cells = (problem.line, problem.column, problem.reason, problem.remedy, problem.raw)
        writer.writerow(["" if cell is None else _harmless(str(cell)) for cell in cells])
    try:
        out.write_bytes(text.getvalue().encode("utf-8-sig"))
    except OSError as exc:
        raise InputError(
            "rejects", f"The rejects cannot be written: {exc.strerror}.", remedy="Choose another place.", file=str(out)
        ) from exc
    return out


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
