"""Run a challenger in shadow: it scores what the scorecard scored, and its disagreement is a finding, no more.

Nothing it says enters the score, the policy or the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from app.challenger_ports import ChallengerModel
from app.domain.challenger import KeptChallenger
from app.domain.changes import Changes
from app.domain.derivation import by_name
from app.domain.facts import Catalogue, Fact, FactValue
from app.domain.find import ADVERSE_GRADES, challenger_findings
from app.domain.ratios import completed, with_sources
from app.domain.scorecard import Scorecard
from app.domain.shadow import Disagreement, Shadow, ShadowRule, shadow_of
from app.errors import InputError
from app.ports import Clock, Progress, Stores, Workspace, no_progress
from app.usecases.assess_case import closed

BATCH = 200
CODE = "score.challenger_disagrees"


@dataclass(frozen=True, slots=True)
class ShadowRun:
    """What came of many cases."""

    scored: int
    disagree: int
    unscored: int  # left alone: no score by that scorecard, decided for good, or a value the challenger cannot read
    changes: Changes
    problem: InputError | None = None  # the first value it could not read

    def to_json(self) -> dict[str, Any]:
        why = None if self.problem is None else self.problem.message
        return {"scored": self.scored, "disagree": self.disagree, "unscored": self.unscored, "problem": why}


def keep_challenger(data: bytes, model: ChallengerModel, person: str, workspace: Workspace, *, clock: Clock) -> Changes:
    """Keep a challenger's file in the workspace, under its digest; ``model`` is the one loaded from ``data``.

    One that is kept already stays as it is; where its bytes are no longer those, they are put right.
    Raises ``InputError`` for one that looks at what is no fact, or at a prohibited basis.
    """
    check_features(model, workspace.catalogue)
    with workspace.transaction() as stores:
        if model.sha256 in {each.sha256 for each in stores.challengers.kept()}:
            return _mended(model, data, person, stores)
        kept = KeptChallenger(model.sha256, model.name, person, clock.now().isoformat())
        stores.challengers.keep(kept, data)
        stores.events.append(person, None, "challenger.kept", {"sha256": kept.sha256, "name": kept.name})
    return Changes.SETTINGS


def _mended(model: ChallengerModel, data: bytes, person: str, stores: Stores) -> Changes:
    if stores.challengers.data(model.sha256) == data:
        return Changes.NOTHING
    stores.challengers.mend(model.sha256, data)
    stores.events.append(person, None, "challenger.mended", {"sha256": model.sha256, "name": model.name})
    return Changes.SETTINGS


def check_features(model: ChallengerModel, catalogue: Catalogue) -> None:
    """Raise ``InputError`` unless everything the challenger looks at is a fact that may be scored."""
    unknown = [name for name in model.names if name not in catalogue]
    if unknown:
        raise InputError(
            "challenger",
            f"The challenger {model.name} looks at {', '.join(unknown)}, of which cases have no facts.",
            remedy="Fit it on a table whose columns carry the names of facts.",
        )
    prohibited = [name for name in with_sources(model.names) if catalogue.prohibited(name)]
    if prohibited:
        raise InputError(
            "challenger",
            f"The challenger {model.name} looks at a prohibited basis: {', '.join(prohibited)}.",
            remedy="Fit it again without.",
        )


def shadow_case(
    case_id: str, workspace: Workspace, model: ChallengerModel, *, scorecard: Scorecard, rule: ShadowRule | None = None
) -> Changes:
    """Run the challenger on one case that the scorecard has scored; a second run over the same facts changes nothing.

    Raises ``InputError`` for a case there is not, one without a score by that scorecard, or an unusable challenger.
    """
    check_features(model, workspace.catalogue)
    with workspace.transaction() as stores:
        changes = _shadow(case_id, stores, model, scorecard, rule, workspace.catalogue)
        if changes is None and stores.scores.scored_by(case_id) != scorecard.sha256:
            raise InputError(
                "case", f"{case_id} has no score by {scorecard.name} {scorecard.version}.", remedy="Score it first."
            )
    return changes or Changes.NOTHING


def shadow_cases(
    ids: Iterable[str],
    workspace: Workspace,
    model: ChallengerModel,
    *,
    scorecard: Scorecard,
    rule: ShadowRule | None = None,
    progress: Progress = no_progress,
) -> ShadowRun:
    """Run the challenger on many cases, a transaction per ``BATCH``; ``Cancelled`` keeps the batches before.

    A case with a value that the challenger cannot read is left alone, and what was said of it before goes.
    """
    check_features(model, workspace.catalogue)
    waiting = list(ids)
    run = ShadowRun(0, 0, 0, Changes.NOTHING)
    for start in range(0, len(waiting), BATCH):
        with workspace.transaction() as stores:
            for case_id in waiting[start : start + BATCH]:
                work = partial(_shadow, case_id, stores, model, scorecard, rule, workspace.catalogue)
                run = _counted(run, case_id, stores, work)
                progress(run.scored + run.unscored, len(waiting), "challenger")
    return run


def _counted(run: ShadowRun, case_id: str, stores: Stores, work: Callable[[], Changes | None]) -> ShadowRun:
    """The run with one case more."""
    try:
        changes = work()
    except InputError as error:
        changes = _forget(case_id, stores)
        return replace(run, unscored=run.unscored + 1, changes=run.changes | changes, problem=run.problem or error)
    said = None if changes is None else stores.challengers.get(case_id)
    if said is None:
        return replace(run, unscored=run.unscored + 1)
    disagrees = said.disagreement is not Disagreement.NONE
    return replace(
        run,
        scored=run.scored + 1,
        disagree=run.disagree + disagrees,
        changes=run.changes | (changes or Changes.NOTHING),
    )


def forget_shadows(ids: Iterable[str], workspace: Workspace) -> Changes:
    """Take back what a challenger said of cases, with its findings; those decided for good stay as judged."""
    changes = Changes.NOTHING
    with workspace.transaction() as stores:
        for case_id in ids:
            if not closed(stores.cases.get(case_id), stores):
                changes |= _forget(case_id, stores)
    return changes


def _forget(case_id: str, stores: Stores) -> Changes:
    said = stores.challengers.get(case_id)
    if said is None:
        return Changes.NOTHING
    stores.challengers.remove(case_id)
    before = stores.findings.of_case(case_id)
    after = [finding for finding in before if finding.code != CODE]
    if after != before:
        stores.findings.replace(case_id, after)
    stores.events.append("caseworth", case_id, "challenger.forgotten", {"challenger": said.score.sha256})
    return Changes.SCORE | (Changes.FINDINGS if after != before else Changes.NOTHING)


def _shadow(
    case_id: str,
    stores: Stores,
    model: ChallengerModel,
    scorecard: Scorecard,
    rule: ShadowRule | None,
    catalogue: Catalogue,
) -> Changes | None:
    """Run, store and find; None for a case that has no score by the scorecard or was decided for good."""
    case = stores.cases.get(case_id)
    score = stores.scores.get(case.id)
    if score is None or score.sha256 != scorecard.sha256 or closed(case, stores):
        return None
    facts = by_name(stores.facts.current(case.id), catalogue)
    said = model.score(_values(model, facts))
    used = {name: facts[name] for name in with_sources(model.names) if name in facts}
    shadow = shadow_of(said, score, scorecard, rule or ShadowRule.of(scorecard, ADVERSE_GRADES), used)
    return _store(case.id, stores, shadow, facts)


def _values(model: ChallengerModel, facts: Mapping[str, Fact]) -> dict[str, FactValue | None]:
    """What the challenger looks at; a ratio that no fact gives is derived, as for the scorecard."""
    return completed(model.names, {name: fact.value for name, fact in facts.items()})


def _store(case_id: str, stores: Stores, shadow: Shadow, facts: Mapping[str, Fact]) -> Changes:
    changes = Changes.NOTHING
    if stores.challengers.get(case_id) != shadow:
        stores.challengers.put(case_id, shadow)
        changes |= Changes.SCORE
    before = stores.findings.of_case(case_id)
    others = [finding for finding in before if finding.code != CODE]
    after = [*others, *challenger_findings(shadow, facts, stores.scores.get(case_id))]
    if after != before:
        stores.findings.replace(case_id, after)
        changes |= Changes.FINDINGS
    if changes:
        detail = {"challenger": shadow.score.sha256, "disagrees": shadow.disagreement.value}
        stores.events.append("caseworth", case_id, "challenger.shadowed", detail)
    return changes
