"""Score one case, or all of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from app.domain.derivation import by_name
from app.domain.facts import Catalogue
from app.domain.ratios import derived_facts
from app.domain.score import Score, score_bins
from app.domain.scorecard import Scorecard
from app.ports import Clock, Progress, Stores, Workspace, no_progress
from app.usecases.assess_case import closed

_NO_DIRECTIONS = Catalogue(())


@dataclass(frozen=True, slots=True)
class ScoreRun:
    """What ``score --all`` reports."""

    scored: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        return {"scored": self.scored, "seconds": f"{self.seconds:.3f}"}


def score_case(stores: Stores, case_id: str, scorecard: Scorecard, catalogue: Catalogue | None = None) -> Score:
    """Score the case by its current facts, store the score, and return it with the facts it used.

    Expects an open transaction. Ratios that no fact gives yet are computed and stored as facts first, so that every
    characteristic names the fact behind it. ``catalogue`` settles which of several facts of one name is used, as in
    the computed facts. A case decided for good keeps its score. Raises ``InputError`` for an unknown case or a fact of
    the wrong type.
    """
    case = stores.cases.get(case_id)
    judged = stores.scores.get(case.id) if closed(case, stores) else None
    if judged is not None:
        return judged
    known = by_name(stores.facts.current(case.id), catalogue or _NO_DIRECTIONS)
    made = derived_facts(case.id, scorecard.names, known)
    if made:
        stores.facts.add(made)
    used = {
        name: fact for name, fact in (known | {fact.name: fact for fact in made}).items() if name in scorecard.names
    }
    (bins,) = stores.scores.bins(scorecard, [{name: fact.value for name, fact in used.items()}])
    score = score_bins(scorecard, bins, {name: fact.id for name, fact in used.items()})
    stores.scores.keep_scorecard(scorecard.sha256, scorecard.document)
    stores.scores.put(case.id, score)
    return score


def score_all(
    workspace: Workspace,
    scorecard: Scorecard,
    *,
    clock: Clock,
    person: str = "caseworth",
    progress: Progress = no_progress,
) -> ScoreRun:
    """Score every open case in one transaction and leave an event; ``Cancelled`` leaves all scores as they were."""
    started = time.perf_counter()
    with workspace.transaction() as stores:
        scored = stores.scores.score_all(scorecard.document, progress)
        detail = {
            "scorecard": scorecard.name,
            "version": scorecard.version,
            "sha256": scorecard.sha256,
            "cases": scored,
        }
        stores.events.append(person, None, "cases.scored", detail)
    return ScoreRun(scored, time.perf_counter() - started)
