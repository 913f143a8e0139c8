"""Fitting scorecards: the reader of tables, the fitter, and what the catalogue tells both."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.domain.fitting import FitOptions, Trend
from app.errors import InputError
from app.ports import Progress, no_progress
from app.usecases.fit_scorecard import FitRun, FitScorecard
from app.usecases.fit_scorecard import fit_scorecard as fit


@dataclass(frozen=True, slots=True)
class FitFiles:
    """Files a person gives beside the table."""

    monotone: str = "auto"  # "auto", "none", or a file from column to trend
    bins: Path | None = None


class _Frames:
    """``ports.FrameReader`` over CSV and Parquet files."""

    def __init__(self, missing: Sequence[str] | None) -> None:
        self._missing = missing

    def read(self, path: Path, *, progress: Progress = no_progress) -> Any:
        from data.table_files import MISSING_WORDS
        from data.table_frames import read_frame

        words = MISSING_WORDS if self._missing is None else ("", *self._missing)
        return read_frame(path, missing=words, progress=progress)


def fit_scorecard(
    table: Path,
    options: FitOptions,
    files: FitFiles | None = None,
    *,
    missing: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> FitRun:
    """Fit on a CSV or Parquet file; ``missing`` are its words for a missing value, None for the usual ones."""
    from data.catalogue import load_catalogue
    from local_models.modelling.outcome import ScorecardFitter

    codes = {fact.name: fact.reason_code for fact in load_catalogue() if fact.reason_code is not None}
    ready = replace(
        with_files(options, files or FitFiles()),
        bases=prohibited_bases(),
        reason_codes={**codes, **options.reason_codes},
        data={**options.data, **fingerprint(table)},
    )
    return fit(FitScorecard(table, ready), _Frames(missing), ScorecardFitter(), progress=progress)


def prohibited_bases() -> Mapping[str, tuple[str, ...]]:
    """The catalogue's prohibited bases, each with the names a column of it may have."""
    from data.catalogue import load_catalogue

    bases: dict[str, tuple[str, ...]] = {}
    for fact in load_catalogue():
        if fact.prohibited_basis is not None:
            names = (fact.name, *fact.aliases, *fact.label.values())
            bases[fact.prohibited_basis] = (*bases.get(fact.prohibited_basis, ()), *names)
    return bases


def with_files(options: FitOptions, files: FitFiles) -> FitOptions:
    """The options with what the files say."""
    from data.fit_files import read_bins, read_trends

    if files.monotone in {Trend.AUTO.value, Trend.NONE.value}:
        options = replace(options, trend=Trend(files.monotone))
    else:
        options = replace(options, monotone=read_trends(Path(files.monotone)))
    return options if files.bins is None else replace(options, bins=read_bins(files.bins))


def fingerprint(table: Path) -> Mapping[str, Any]:
    """The file's name and SHA-256; the number of rows is filled in by the fit."""
    try:
        with table.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise InputError("table", f"{table} cannot be read: {exc.strerror}.", remedy="Check the path.") from exc
    return {"file": table.name, "sha256": digest}
