"""What an import of some paths comes to: which files are tables that need a mapping, and the runs one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.domain.mapping import MappingProposal, TableMapping
from app.errors import InputError
from app.ports import Progress, Reject
from app.usecases.propose_mapping import proposal_for
from app.usecases.repair_rejects import RepairRejects


@dataclass(frozen=True, slots=True)
class Table:
    """A table of applications and the mapping proposed for it."""

    path: Path
    proposal: MappingProposal
    samples: Mapping[str, tuple[str, ...]]  # sampled values by column


@dataclass(frozen=True, slots=True)
class Survey:
    """The paths of one import, sorted into tables to map and everything else."""

    tables: tuple[Table, ...]
    others: tuple[Path, ...]

    @property
    def to_confirm(self) -> tuple[Table, ...]:
        """Tables of a shape never seen before; a remembered mapping is used unasked."""
        return tuple(table for table in self.tables if not table.proposal.remembered)

    @property
    def remembered(self) -> tuple[Table, ...]:
        return tuple(table for table in self.tables if table.proposal.remembered)


@dataclass(slots=True)
class Outcome:
    """The results of all runs of one import, added up."""

    cases: int = 0
    documents: int = 0
    rows: int = 0
    rejected: int = 0
    waiting: int = 0
    case_ids: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, result: Any) -> None:
        self.cases += result.cases
        self.documents += result.documents
        self.rows += result.rows
        self.rejected += result.rejected
        self.waiting += result.waiting
        self.case_ids += list(result.case_ids)
        self.notes += [str(note) for note in getattr(result, "notes", ())]


def survey(desk: Any, paths: Sequence[Path], progress: Progress) -> Survey:
    """Look at each file; folders are cases and go as they are. For the ``documents`` lane."""
    tables: list[Table] = []
    others: list[Path] = []
    for number, path in enumerate(paths):
        progress(number, len(paths), path.name)
        table = _as_table(desk, path, progress) if path.is_file() else None
        if table is None:
            others.append(path)
        else:
            tables.append(table)
    return Survey(tuple(tables), tuple(others))


def _as_table(desk: Any, path: Path, progress: Progress) -> Table | None:
    """The file as a table; None for anything else, and for a file the import itself will refuse with its reason."""
    try:
        form = desk.readers.read_file(path, put_off=True, progress=progress).extra.get("form")
        if form is None:
            return None
        profile = desk.readers.profile_table(path, str(form), progress=progress)
    except InputError:
        return None
    samples = {name: profile.column(name) for name in profile.header}
    return Table(path, proposal_for(profile, desk.workspace), samples)


def repair(desk: Any, rejects: Sequence[Reject], progress: Progress) -> Any:
    """Import corrected lines again under the mapping of their table. For the ``write`` lane."""
    return desk.repair_rejects(RepairRejects({reject.id: reject.raw for reject in rejects}), progress)


def run_import(
    desk: Any, others: Sequence[Path], tables: Sequence[tuple[Path, TableMapping | None]], progress: Progress
) -> Outcome:
    """Import documents and folders in one run, then each table with its mapping. For the ``write`` lane.

    Documents that take long are kept and read afterwards.

    A table without a mapping goes in by the one remembered for its shape.
    """
    outcome = Outcome()
    if others:
        outcome.add(desk.import_files(list(others), None, progress, put_off=True))
    for path, mapping in tables:
        outcome.add(desk.import_files([path], mapping, progress))
    return outcome
