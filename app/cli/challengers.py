"""``challenger add | list | use | shadow``, and ``changes``."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from app.cli.output import emit, table, terminal_progress
from app.cli.session import open_desk

if TYPE_CHECKING:
    from app.bootstrap.challengers import ListedChallenger
    from app.usecases.find_changes import Change, Outlook, Target


def add(given: Namespace) -> None:
    """Take a file into the workspace, under its digest."""
    with open_desk(given) as desk:
        added = desk.challengers.add(given.path)
    kept = added.kept
    line = (
        f"{kept.name} ({kept.sha256[:12]}), added by {kept.person}; it runs once it is chosen: caseworth challenger use"
    )
    emit(given, added.to_json(), [line])


def list_(given: Namespace) -> None:
    """Every challenger, with what its file says of its fit."""
    with open_desk(given) as desk:
        listed = desk.challengers.listed()
    rows = [_row(each) for each in listed]
    emit(given, {"challengers": [each.to_json() for each in listed]}, table(rows) if rows else ["No challenger."])


def _row(each: ListedChallenger) -> tuple[str, ...]:
    kept, training = each.kept, each.training
    fitted = f"{training['rows']:,} rows, {training['bad']:,} bad" if training else "damaged: add its file again"
    uses = "; ".join(
        f"in shadow beside {use.scorecard} since {use.since[:10]} by {use.person}" for use in each.uses.values()
    )
    return (kept.name, kept.sha256[:12], f"added {kept.kept_at[:10]} by {kept.person}", fitted, uses)


def use(given: Namespace) -> None:
    """Say which one runs beside a scorecard from now on."""
    with open_desk(given) as desk:
        card = desk.scorecard(given.scorecard)
        desk.challengers.use(None if given.none else given.challenger, card)
        running = desk.challengers.in_shadow(card)
    data: dict[str, Any] = {"scorecard": card.name, "version": card.version, "scorecard_sha256": card.sha256}
    whole = f"{card.name} {card.version}"
    if running is None:
        emit(given, {**data, "challenger": None}, [f"no challenger runs beside {whole} any more"])
        return
    kept, since = running
    told = {"name": kept.name, "sha256": kept.sha256, "person": since.person, "since": since.since}
    line = f"{kept.name} ({kept.sha256[:12]}) runs in shadow beside {whole}"
    emit(given, {**data, "challenger": told}, [line])


def shadow(given: Namespace) -> None:
    """Run it now, on one case or on all."""
    started = time.perf_counter()
    with open_desk(given) as desk:
        if given.all:
            with desk.workspace.read() as stores:
                ids = list(stores.cases.ids())
            run = desk.challengers.shadow(ids, progress=terminal_progress())
        else:
            run = desk.challengers.shadow_one(desk.case_id(given.case))
    seconds = round(time.perf_counter() - started, 3)
    lines = [f"{run.scored:,} cases in shadow, {run.disagree:,} disagree, {run.unscored:,} left alone, {seconds:.1f} s"]
    if run.problem is not None:
        lines.append(f"the first that could not be read: {run.problem}")
    emit(given, run.to_json() | {"seconds": seconds}, lines)


def changes(given: Namespace) -> None:
    """The nearest changes that reach policy, or the next grade."""
    from app.usecases.find_changes import find_changes

    with open_desk(given) as desk:
        case_id = desk.case_id(given.case)
        desk.assess_if_stale(case_id)
        found = find_changes(case_id, desk.workspace, desk.engine, policy=desk.policy)
    emit(given, {"case": case_id, **found.to_json()}, list(_lines(case_id, found)))


def _lines(case_id: str, found: Outlook) -> Iterator[str]:
    fits = "fits policy" if found.fits else "does not fit policy"
    asked = found.requested
    terms = (
        "no amount or term" if asked is None else f"{asked.amount:,.2f} {found.currency}, {asked.term_months} months"
    )
    yield f"{case_id}: {terms}: {found.points} points, grade {found.grade}, {fits}"
    if found.best:
        yield f"grade {found.grade} is the best there is"
    for target in found.targets:
        yield _heading(target)
        for change in target.changes:
            yield f"  {_change(change, found)}"


def _heading(target: Target) -> str:
    wanted = "to fit policy" if target.grade is None else f"to reach grade {target.grade}"
    return f"{wanted}:" if target.changes else f"{wanted}: no amount, term or debts paid off would do"


def _change(change: Change, found: Outlook) -> str:
    proposal, price = change.proposal, change.price
    parts = []
    if proposal.less:
        parts.append(f"{proposal.amount:,.2f} {found.currency}")
    if proposal.months:
        parts.append(f"{proposal.term_months} months")
    parts += [f"{debt.id or 'all debts'} paid off ({debt.outstanding:,.2f})" for debt in change.debts]
    effect = [f"{proposal.score.points} points, grade {proposal.score.grade}"]
    if price is not None:
        effect.append(f"{price.rate_pct} %, {price.instalment:,.2f} a month")
    effect.append("fits policy" if change.fits else "outside policy")
    return f"{', '.join(parts)}: {', '.join(effect)}"
