"""``scorecard fit``: a scorecard from a table with known outcomes."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.bootstrap import login_name, scoring
from app.bootstrap.fitting import FitFiles, fit_scorecard, with_files
from app.cli.output import emit, terminal_progress
from app.cli.session import open_desk
from app.domain.fitting import FitOptions
from app.errors import EnvironmentFault, InputError
from app.usecases.fit_scorecard import FitRun

MOST_SEED = 2**32 - 1


def fit(given: Namespace) -> None:
    """Fit, then keep the scorecard in the workspace or write it to a file."""
    if given.name is None:
        run = _fitted(given, given.out.stem, given.author or login_name())
        _write(given.out, scoring.scorecard_text(run.scorecard))
    else:
        with open_desk(given) as desk:
            run = _fitted(given, given.name, given.author or desk.person)
            desk.register.add(run.scorecard.document)
    challenger = _challenger(given, run) if given.challenger else None
    data = run.to_json() | {"out": str(given.out) if given.out else None, "challenger": challenger}
    emit(given, data, _lines(run, given))


def _fitted(given: Namespace, name: str, author: str) -> FitRun:
    files = FitFiles(given.monotone, given.bins)
    return fit_scorecard(
        given.table, _options(given, name, author), files, missing=given.missing, progress=terminal_progress()
    )


def _options(given: Namespace, name: str, author: str) -> FitOptions:
    _check(given)
    return FitOptions(
        name=name,
        author=author,
        version=given.scorecard_version,
        target=given.target,
        bad_value=given.bad,
        exclude=tuple(dict.fromkeys(given.exclude)),
        reasons=_reasons(given.keep),
        holdout=given.holdout,
        seed=given.seed,
        base_points=given.base_points,
        base_odds=given.base_odds,
        pdo=given.pdo,
        decided_on=given.decided_on,
    )


def _check(given: Namespace) -> None:
    """Refuse numbers no fit can use."""
    rules = (
        ("holdout", 0 <= given.holdout <= 0.9, "a share from 0 to 0.9"),
        ("seed", 0 <= given.seed <= MOST_SEED, f"a whole number from 0 to {MOST_SEED}"),
        ("pdo", 0 < given.pdo <= 1000, "above 0, at most 1000"),
        ("base-odds", 0 < given.base_odds <= 1e6, "odds good:bad above 0"),
        ("base-points", 0 <= given.base_points <= 10_000, "a whole number from 0 to 10000"),
    )
    for name, holds, expected in rules:
        if not holds:
            value = getattr(given, name.replace("-", "_"))
            raise InputError(name, f"--{name} is {value}.", remedy=f"Give {expected}.")
    if given.target in given.exclude:
        raise InputError("exclude", f"{given.target} is the target.", remedy="Exclude other columns.")


def _reasons(keep: list[str]) -> Mapping[str, str]:
    found = {}
    for entry in keep:
        column, sign, reason = entry.partition("=")
        if not sign or not reason.strip():
            raise InputError("keep", f"--keep {entry} gives no reason.", remedy="Write --keep 'COLUMN=why it is kept'.")
        found[column] = reason.strip()
    return found


def _challenger(given: Namespace, run: FitRun) -> dict[str, Any]:
    """Fitted on the same rows and columns, compared on the same hold-out."""
    from app.bootstrap.challengers import fit_challenger

    options = with_files(_options(given, run.scorecard.name, ""), FitFiles(given.monotone, given.bins))
    return fit_challenger(given.challenger, run, options, progress=terminal_progress())


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as exc:
        message = f"{out} cannot be written: {exc.strerror or exc}."
        raise EnvironmentFault(message, remedy="Check the folder and its rights.") from exc


def _lines(run: FitRun, given: Namespace) -> list[str]:
    report, card = run.fitted.report, run.scorecard
    figures = ", ".join(
        f"{name} {report[key]['value']:.4f} ({report[key]['low']:.4f} to {report[key]['high']:.4f})"
        for name, key in (("AUC", "auc"), ("Gini", "gini"), ("KS", "ks"), ("Brier", "brier"))
        if report[key] is not None
    )
    where = str(given.out) if given.out else "the workspace's register, as a draft"
    done = [
        ("left out" if guard.excluded else "kept" if guard.reason else "look at", guard) for guard in run.fitted.guards
    ]
    named = [f"{what}: {guard.column or 'target'}: {guard.why}" for what, guard in done]
    return [
        f"{card.name} {card.version}, {len(card.characteristics)} characteristics, in {where}",
        f"{report['rows']:,} rows ({report['good']:,} good, {report['bad']:,} bad), {run.seconds:.1f} s",
        f"{report['sample']}: {figures}",
        *named,
    ]
