"""The use case: read, fit, check the document, report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.domain.fitting import FitOptions, Fitted, Guard
from app.errors import InputError
from app.ports import Progress, no_progress
from app.usecases.fit_scorecard import FitScorecard, fit_scorecard
from tests.scorecards import small_document

FIGURE = {"value": 0.8, "low": 0.7, "high": 0.9}


class Frames:
    def read(self, path: Path, *, progress: Progress = no_progress) -> Any:
        progress(1, 1, "read")
        return f"rows of {path.name}"


class Fitter:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.given: list[Any] = []

    def fit(self, frame: Any, options: FitOptions, progress: Progress = no_progress) -> Fitted:
        self.given.append((frame, options))
        guards = (
            Guard("identifier", "id", "It names the row.", excluded=True),
            Guard("bins.tiny", "x", "One bin is tiny."),
            Guard("target.reversed", None, "Most are bad."),
        )
        report = {"rows": 9, "good": 5, "bad": 4, "sample": "hold-out", "auc": FIGURE, "gini": FIGURE, "ks": FIGURE}
        return Fitted(self.document, guards, report | {"brier": None})


def test_it_reports_what_was_fitted_and_what_to_know() -> None:
    fitter, seen = Fitter(small_document()), []
    command = FitScorecard(Path("loans.csv"), FitOptions(name="test"))
    run = fit_scorecard(command, Frames(), fitter, progress=lambda *step: seen.append(step))
    assert fitter.given == [("rows of loans.csv", command.options)]
    assert seen == [(1, 1, "read")]
    data = run.to_json()
    assert (data["sha256"], data["rows"], data["goods"], data["bads"]) == (run.scorecard.sha256, 9, 5, 4)
    assert data["warnings"] == ["x: One bin is tiny.", "Most are bad."]
    assert [guard["code"] for guard in data["guards"]] == ["identifier", "bins.tiny", "target.reversed"]
    assert data["auc"] == FIGURE


def test_a_document_that_breaks_the_format_is_refused() -> None:
    document = small_document()
    document["calibration"] = {"intercept": "0", "slope": "-1"}
    with pytest.raises(InputError, match="slope"):
        fit_scorecard(FitScorecard(Path("x.csv"), FitOptions(name="test")), Frames(), Fitter(document))
