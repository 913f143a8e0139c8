"""Run a challenger in shadow: it scores what the scorecard scored, and its disagreement is a finding, no more.

Nothing it says enters the score, the policy or the decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class ShadowRun:
    """What came of many cases."""

    scored: int
    disagree: int
    unscored: int  # left alone: no score by that scorecard, or decided for good
    changes: Changes


def keep_challenger(data: bytes, model: ChallengerModel, person: str, workspace: Workspace, *, clock: Clock) -> Changes:
    """Keep a challenger's file in the workspace, under its digest; ``model`` is the one loaded from ``data``.

    Raises ``InputError`` for one that looks at what is no fact, or at a prohibited basis.
    """
    check_features(model, workspace.catalogue)
    with workspace.transaction() as stores:
        if model.sha256 in {each.sha256 for each in stores.challengers.kept()}:
            return Changes.NOTHING
        kept = KeptChallenger(model.sha256, model.name, person, clock.now().isoformat())
        stores.challengers.keep(kept, data)
        stores.events.append(person, None, "challenger.kept", {"sha256": kept.sha256, "name": kept.name})
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
    """Run the challenger on many cases, a transaction per ``BATCH``; ``Cancelled`` keeps the batches before."""
    check_features(model, workspace.catalogue)
    total = len(ids) if isinstance(ids, Sized) else None
    waiting, scored, disagree, unscored, changes = list(ids), 0, 0, 0, Changes.NOTHING
    for start in range(0, len(waiting), BATCH):
        with workspace.transaction() as stores:
            for case_id in waiting[start : start + BATCH]:
                one = _shadow(case_id, stores, model, scorecard, rule, workspace.catalogue)
                said = None if one is None else stores.challengers.get(case_id)
                scored += said is not None
                unscored += said is None
                disagree += said is not None and said.disagreement is not Disagreement.NONE
                changes |= one or Changes.NOTHING
                progress(scored + unscored, total, "challenger")
    return ShadowRun(scored, disagree, unscored, changes)


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
    others = [finding for finding in before if finding.code != "score.challenger_disagrees"]
    after = [*others, *challenger_findings(shadow, facts, stores.scores.get(case_id))]
    if after != before:
        stores.findings.replace(case_id, after)
        changes |= Changes.FINDINGS
    if changes:
        detail = {"challenger": shadow.score.sha256, "disagrees": shadow.disagreement.value}
        stores.events.append("caseworth", case_id, "challenger.shadowed", detail)
    return changes
