"""What fitting on tables and scoring them need of the outside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from app.domain.fitting import FitOptions, Fitted
    from app.domain.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class TableScores:
    """What was written of a table's scores."""

    rows: int
    identifier: str | None  # heading of the column before the scores; None: there is none


class TableScorer(Protocol):
    """Scores the file of a table of any columns by their names."""

    def score(
        self,
        scorecard: Scorecard,
        path: Path,
        out: Path,
        *,
        identifier: str | None = "",
        reason_points: bool = False,
        progress: Progress = no_progress,
    ) -> TableScores:
        """Write each row's score to ``out``, in the table's order.

        ``identifier`` is a column, None for none, "" for the first that is named as one and is different in every row.
        Raises ``InputError`` with line and column for a cell that is not of its characteristic's kind.
        """


class FrameReader(Protocol):
    """Reads a table's file whole, as a DataFrame."""

    def read(self, path: Path, *, progress: Progress = no_progress) -> Any:
        """Rows in order, columns named as in the file, null for missing. Raises ``InputError``."""


class Fitter(Protocol):
    """Fits a scorecard on a DataFrame; needs the extra ``modelling``."""

    def fit(self, frame: Any, options: FitOptions, progress: Progress = no_progress) -> Fitted:
        """Fit on the rows whose outcome is known. Raises ``InputError``, ``EnvironmentFault`` or ``Cancelled``."""
