"""``scorecard score``, ``sql``, ``pmml`` and ``import``. Only a scorecard of the workspace's register needs it open."""

from __future__ import annotations

import math
from argparse import Namespace
from pathlib import Path

from app.bootstrap import scoring
from app.cli.output import emit, terminal_progress
from app.cli.session import open_desk, workspace_path
from app.domain.scorecard import ReasonsMethod, Scaling, Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import EnvironmentFault, InputError
from app.usecases.score_table import ScoreTable


def score(given: Namespace) -> None:
    """Score a table of any columns by their names."""
    command = ScoreTable(
        table=given.table,
        out=given.out,
        reasons=ReasonsMethod(given.reasons) if given.reasons else None,
        identifier=None if given.no_identifier else given.identifier or "",
        reason_points=given.reason_points,
    )
    card = _card(given)
    run = scoring.score_table(command, card, missing=given.missing, progress=terminal_progress())
    after = f" after {run.identifier}" if run.identifier else ""
    line = f"{run.scored:,} rows scored in {run.seconds:.2f} s by {card.name} {card.version}, in {run.out}{after}"
    emit(given, run.to_json(), [line])


def sql(given: Namespace) -> None:
    """The scorecard as one SQL statement."""
    card = _card(given)
    text = scoring.scorecard_sql(card, given.dialect, table=given.table, keys=tuple(given.identifier))
    if given.out:
        _write(given.out, text)
    data = {"scorecard": card.name, "version": card.version, "sha256": card.sha256, "dialect": given.dialect}
    data |= {"table": given.table, "sql": text, "out": str(given.out) if given.out else None}
    emit(given, data, [f"written to {given.out}"] if given.out else [text.rstrip("\n")])


def pmml(given: Namespace) -> None:
    """The scorecard as PMML 4.4."""
    card = _card(given)
    _write(given.out, scoring.scorecard_pmml(card))
    data = {"scorecard": card.name, "version": card.version, "sha256": card.sha256, "out": str(given.out)}
    emit(given, data, [f"written to {given.out}"])


def import_(given: Namespace) -> None:
    """A PMML 4.4 scorecard as a scorecard file."""
    card = scoring.import_pmml(given.path, _scaling(given))
    _write(given.out, scoring.scorecard_text(card))
    data = {"scorecard": card.name, "version": card.version, "sha256": card.sha256, "out": str(given.out)}
    names = {"characteristics": list(card.names)}
    emit(
        given, data | names, [f"{card.name} {card.version}, {len(card.names)} characteristics, written to {given.out}"]
    )


def _card(given: Namespace) -> Scorecard:
    """The scorecard of a file; by name one of the workspace's register, or where there is none of the known folders."""
    if given.name.endswith(".json") or not (workspace_path(given) / "workspace.json").exists():
        return scoring.find_scorecard(given.name)
    with open_desk(given) as desk:
        return read_scorecard(desk.register.find(given.name).document)


def _scaling(given: Namespace) -> Scaling | None:
    """The points' meaning, where it is given whole; in part it is refused."""
    parts = (given.pdo, given.base_points, given.base_odds)
    if parts == (None, None, None):
        return None
    if None in parts or min(given.pdo, given.base_odds) <= 0 or not math.isfinite(sum(parts)):
        message = "--base-points, --base-odds and --pdo belong together, odds and pdo above zero."
        raise InputError("scaling", message, remedy="Give all three, such as 600, 30 and 20.")
    return Scaling(pdo=given.pdo, base_points=given.base_points, base_odds=given.base_odds)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as exc:
        message = f"{out} cannot be written: {exc.strerror or exc}."
        raise EnvironmentFault(message, remedy="Check the folder and its rights.") from exc
