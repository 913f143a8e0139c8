"""What the fairness dialog asks off the UI thread: a look at a table, the measurement, the file it is written to."""

from __future__ import annotations

from pathlib import Path

from app.domain.fairness import Comparison
from app.domain.watching import Light
from app.ports import Progress
from app.usecases.measure_fairness import FairnessReport, MeasureFairness
from views import format as fmt
from views.fit_jobs import ColumnLook, TableLook, proposed_bad, proposed_target
from views.models.watching import Cell, Sheet, figure, figure3, percent, spread, stored_note
from views.strings import tr

MOST_VALUES = 20  # of a column that may be protected, a decision or the outcome
NOTES = (
    *("small_group", "small_reference", "no_approval", "few_goods", "few_bads"),
    *("wide_ratio", "wide_opportunity", "wide_odds", "no_target"),
)


def look_at(path: Path, progress: Progress) -> TableLook:
    """A table's columns with their values, as the measurement reads them. For the ``documents`` lane."""
    from data.fairness_tables import FairnessFiles

    rows, columns = FairnessFiles().looks(path, MOST_VALUES, progress)
    looks = tuple(ColumnLook(each.name, each.distinct, each.missing, each.values) for each in columns)
    target = proposed_target(looks)
    return TableLook(path, rows, looks, target.name if target else "", proposed_bad(target))


def measure(command: MeasureFairness, progress: Progress) -> FairnessReport:
    """Measure in a child process. For the ``modelling`` lane."""
    from app.bootstrap.watching import fairness_in_child

    return fairness_in_child(command, progress)


def write_out(report: FairnessReport, command: MeasureFairness, path: Path) -> Path:
    """Write the figures to a file. For the ``documents`` lane."""
    from app.usecases.export_fairness import write_fairness

    return write_fairness(report, command, path)


# What is shown


def groups_sheet(report: FairnessReport) -> Sheet:
    """A group a row, under the reference of its column."""
    columns = ("group", "cases", "approved", "ratio", "four_fifths", "difference", "opportunity", "odds")
    rows: list[tuple[Cell, ...]] = []
    for column in report.columns:
        reference = column.reference
        rows.append(
            (
                Cell(f"{column.column}: {reference.value}"),
                Cell(fmt.number(reference.cases)),
                Cell(spread(reference.approval, percent)),
                Cell(tr("scores.fair.reference")),
                *[Cell("")] * 4,
            )
        )
        rows += [_group_row(column.column, one) for one in column.groups]
    return Sheet(columns, tuple(rows), wide=0)


def _group_row(column: str, one: Comparison) -> tuple[Cell, ...]:
    value = tr("scores.watch.missing") if one.group.value is None else one.group.value
    hint = "\n".join(map(note_words, one.notes))
    place = one.four_fifths
    told = Cell(fmt.NOTHING) if place is None else _placed(place)
    return (
        Cell(f"{column}: {value}", hint=hint),
        Cell(fmt.number(one.group.cases), hint=hint),
        Cell(spread(one.group.approval, percent)),
        Cell(spread(one.air, _two), hint=hint),
        told,
        *(Cell(spread(each, _signed), hint=hint) for each in (one.smd, one.equal_opportunity, one.average_odds)),
    )


def _placed(place: str) -> Cell:
    """Where the interval lies by four fifths; amber is no verdict, it is where questions begin."""
    lights = {"below": Light.AMBER, "not below": Light.GREEN, "open": Light.GREY}
    return Cell(tr(f"scores.fair.four.{place.replace(' ', '_')}"), lights[place], tr("scores.fair.four_hint"))


def candidates_sheet(report: FairnessReport) -> Sheet:
    """The scorecard and its candidates, each at the cut-off that approves as many."""
    columns = ("candidate", "auc", "approved_count", "cut_off", "least_ratio", "worst_group", "standing")
    rows = []
    hint = tr("scores.fair.standing_hint", loss=f"{report.auc_loss:g}")
    for one in report.alternatives:
        standing = [tr("scores.fair.front")] if one in report.front else []
        standing += [tr("scores.fair.best")] if one is report.best else []
        rows.append(
            (
                Cell(one.name),
                Cell(spread(one.auc, figure3)),
                Cell(fmt.number(one.approved)),
                Cell(figure(one.cut_off, 0)),
                Cell(figure(one.air, 3)),
                Cell((one.worst or fmt.NOTHING).replace("=", ": ", 1)),
                Cell(" · ".join(standing), hint=hint),
            )
        )
    return Sheet(columns, tuple(rows), wide=6)


def told(report: FairnessReport) -> list[str]:
    """The notes of the report, then those of its groups, each once with the groups it is of."""
    by_note: dict[str, list[str]] = {}
    for column in report.columns:
        for one in column.groups:
            value = tr("scores.watch.missing") if one.group.value is None else one.group.value
            for note in one.notes:
                by_note.setdefault(note, []).append(f"{column.column}: {value}")
    notes = [note_words(note) for note in report.notes]
    return notes + [f"{', '.join(groups)} – {note_words(note)}" for note, groups in by_note.items()]


def note_words(note: str) -> str:
    return stored_note(note, "scores.fair.note", NOTES)


def _two(value: float | None) -> str:
    return figure(value, 2)


def _signed(value: float | None) -> str:
    return fmt.NOTHING if value is None else f"{round(value, 2) + 0.0:+.2f}".replace("-", "\u2212")
