"""The walk through every screen that ``views.screenshots`` takes pictures of: a name, and what brings it up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QDialog

from app.bootstrap import samples_folder
from app.domain.case import Case, Outcome, Status
from app.domain.facts import Fact, SourceKind
from app.domain.mapping import MappingProposal
from app.errors import InputError
from app.ports import QueueQuery, Stores
from views.context import Context
from views.import_jobs import Outcome as Imported
from views.import_jobs import Table, survey
from views.main_window import MainWindow
from views.panels.case_screen import TABS
from views.panels.letter_dialog import kinds_for
from views.panels.policy_panel import TABS as POLICY_TABS
from views.panels.scores_panel import TABS as SCORE_TABS
from views.strings import tr

Step = tuple[str, Callable[[], object]]
NOTHING = "\u2060no case has this text\u2060"
LOOKED_AT = 50  # cases of each status among which the telling one is sought


@dataclass(frozen=True, slots=True)
class Stops:
    """What the walk needs of a workspace; each is None where there is none."""

    told: str | None  # a case with a report, documents and, if possible, a contradiction; not decided
    fresh: str | None  # a case whose report is not drafted
    decided: str | None
    table: Table | None  # a table whose columns are met for the first time


def find_stops(context: Context) -> Stops:
    """Look through the workspace for cases worth a picture."""
    with context.desk.workspace.read() as stores:
        drafted = _cases(context, Status.DRAFTED)
        others = _cases(context, None)
        told = max(drafted or others, key=lambda case: _weight(stores, case.id), default=None)
        fresh = [case for case in _cases(context, Status.SCORED) if case.policy_outcome is None]
    decided = _cases(context, Status.SIGNED) or _cases(context, Status.DECIDED)
    return Stops(
        told.id if told else None,
        fresh[0].id if fresh else None,
        decided[0].id if decided else None,
        _sample_table(context),
    )


def _cases(context: Context, status: Status | None) -> list[Case]:
    queue = context.desk.workspace.queue(QueueQuery(status=status))
    try:
        found: list[Case] = queue.page(0, LOOKED_AT)
        return found
    finally:
        queue.close()


def _weight(stores: Stores, case_id: str) -> tuple[int, int, int]:
    findings = stores.findings.of_case(case_id)
    contradicts = any(finding.relation == "contradicts" for finding in findings)
    return int(contradicts), len(stores.documents.of_case(case_id)), len(findings)


def _sample_table(context: Context) -> Table | None:
    """The real applications that ship, as if their columns were met for the first time."""
    file = samples_folder() / "credit_data.csv"
    if not file.is_file():
        return None
    found = survey(context.desk, [file], lambda *_: None).tables
    if not found:
        return None
    proposal: MappingProposal = replace(found[0].proposal, remembered=False)
    return replace(found[0], proposal=proposal)


def screens(window: MainWindow, stops: Stops) -> Iterator[Step]:
    """The main screens, in the order they are shown."""
    yield from _queue_screens(window)
    if stops.told is not None:
        yield "case", partial(window.open_case, stops.told)
        case: Any = window.panel("case")
        for tab in TABS:
            yield f"case-{tab.replace('_', '-')}", partial(case.show_tab, tab)
        case.show_tab("report")
    yield from _scores_screens(window)
    yield from _policy_screens(window)
    importing: Any = window.panel("import")
    yield "import", partial(window.show_screen, "import")
    if stops.table is not None:
        yield "import-mapping", partial(importing.show_mapping, stops.table)
        importing.mapping.left_out.emit()
    for name in ("rejects", "models", "inventory", "settings"):
        yield name, partial(window.show_screen, name)


def _scores_screens(window: MainWindow) -> Iterator[Step]:
    """The scores room on the newest scorecard that was fitted on the sample, with its table where that is there."""
    yield "scores", partial(window.show_screen, "scores")
    panel: Any = window.panel("scores")
    table = samples_folder() / "credit_data.csv"
    fitted = [entry for entry in panel.entries if entry.document["target"].get("source") == "Status"]
    if fitted:
        panel.list.choose(fitted[-1].sha256)
        if table.is_file() and panel.bins.training is None:
            panel.bins.open_table(table)
    for tab in SCORE_TABS[:-1]:
        yield f"scores-{tab}", partial(panel.show_tab, tab)
    busiest = max(panel.entries, key=lambda entry: entry.cases, default=None)
    if busiest is not None and busiest.cases:
        panel.list.choose(busiest.sha256)
        panel.show_tab("watch")
        yield "scores-watch", panel.watch.run
    panel.show_tab("points")


def _scores_dialogs(window: MainWindow) -> Iterator[Step]:
    window.show_screen("scores")
    panel: Any = window.panel("scores")
    if panel.entries:
        yield "scores-approve", panel.open_approval
        panel.dialog.reject()
    yield "scores-fit", panel.open_fit
    table = samples_folder() / "credit_data.csv"
    if table.is_file():
        yield "scores-fit-columns", partial(panel.fitting.open_table, table)
    panel.fitting.reject()
    if panel.entries and table.is_file():
        panel.open_fairness()
        yield "scores-fairness", partial(panel.measuring.open_table, table)
        panel.measuring.reject()


def _policy_screens(window: MainWindow) -> Iterator[Step]:
    """The policy room on the version in force: its price grid, then what the parts show of it."""
    yield "policy", partial(window.show_screen, "policy")
    panel: Any = window.panel("policy")
    yield "policy-pricing", partial(panel.tables.show_table, "pricing")
    yield "policy-examples", partial(panel.tables.show_side, "examples")
    panel.tables.show_side("checks")
    for tab in POLICY_TABS[1:]:
        yield f"policy-{tab}", partial(panel.show_tab, tab)
    panel.show_tab("tables")


def _policy_draft(window: MainWindow) -> Iterator[Step]:
    """A draft with a cell at fault, a change and a gap, its differences and its simulation; it is thrown away."""
    window.show_screen("policy")
    panel: Any = window.panel("policy")
    if not panel.entries:
        return
    yield "policy-draft", panel.start_draft
    if not panel.entry().editable:
        return
    tables, grid = panel.tables, panel.tables.grid

    def write(cells: dict[tuple[int, str], str]) -> None:
        grid.write({(row, grid.column_at(field)): text for (row, field), text in cells.items()}, tr("policy.step.cell"))
        tables.check()

    tables.show_table("eligibility")
    yield "policy-draft-change", partial(write, {(5, "income.net_monthly"): "< 100 * policy.unit"})
    tables.show_table("pricing")
    yield "policy-draft-gap", partial(write, {(1, "rate_pct"): "7.9", (2, "request.term_months"): "60-84"})
    yield "policy-draft-wrong", partial(write, {(4, "score.grade"): "Q"})
    yield "policy-draft-examples", partial(tables.show_side, "examples")
    tables.show_side("checks")
    yield "policy-column", tables.choose_column
    tables.column_dialog.reject()
    yield "policy-draft-changes", partial(panel.show_tab, "changes")
    tables.step_back()
    panel.show_tab("simulation")
    yield "policy-simulated", panel.simulation.run
    yield "policy-submit", panel.open_dialog
    yield "policy-submit-refused", partial(panel.dialog.refuse, InputError("version", tr("policy.not_ready")))
    panel.dialog.reject()
    panel.show_tab("tables")
    panel.drop(panel.entry())
    yield "policy-dropped", lambda: None


def _queue_screens(window: MainWindow) -> Iterator[Step]:
    queue: Any = window.panel("queue")
    window.show_screen("queue")
    yield "queue", queue.reload
    yield "queue-empty", partial(queue.stack.setCurrentWidget, queue.empty)
    yield "queue-nothing-found", partial(queue.look_for, NOTHING)
    queue.look_for("")
    yield "palette", window.open_palette
    window.palette_box.hide()


def details(window: MainWindow, stops: Stops) -> Iterator[Step]:
    """States within the screens, and every dialog."""
    if stops.told is not None:
        yield from _evidence(window, stops.told)
        yield from _reading(window, stops.told)
        yield from _report_states(window, stops.told)
        yield from _limit_states(window)
        yield from _decisions(window, stops.told)
    for name, case_id in (("case-first-opinion", stops.fresh), ("case-decided", stops.decided)):
        if case_id is not None:
            yield name, partial(window.open_case, case_id)
            yield from _letter(window, name)
    yield from _scores_dialogs(window)
    yield from _policy_draft(window)
    yield from _import_states(window)
    window.show_screen("queue")
    yield "notice", partial(window.notice.show_error, InputError("file", tr("rejects.whole_file"), file="income.csv"))
    window.notice.hide()
    yield from _start_dialogs(window)


def _evidence(window: MainWindow, case_id: str) -> Iterator[Step]:
    """One fact of each kind of source; the facts are looked up when their picture is due."""
    window.open_case(case_id)
    case: Any = window.panel("case")
    kinds: dict[str, Callable[[Fact], bool]] = {
        "page": lambda fact: fact.source.box is not None,
        "path": lambda fact: fact.source.path is not None and fact.source.box is None,
        "row": lambda fact: fact.source.row is not None,
        "computation": lambda fact: fact.source.kind is SourceKind.COMPUTATION and len(fact.source.inputs) > 1,
    }
    yield "case-again", lambda: None
    for name, fits in kinds.items():
        fact = next(filter(fits, case.view.facts), None) if case.view else None
        if fact is not None:
            yield f"evidence-{name}", partial(case.show_fact, fact.id)
    statement = next((one for one in case.view.documents if one.kind == "statement"), None) if case.view else None
    if statement is not None:
        yield "evidence-statement", partial(case.show_document, statement.sha256)


def _reading(window: MainWindow, case_id: str) -> Iterator[Step]:
    """A document with its fields, in the reading view, searched; the dialogs that capture a value and change a kind."""
    window.open_case(case_id)
    case: Any = window.panel("case")
    yield "reading-case", lambda: None
    boxed = next((fact for fact in case.view.facts if fact.source.box is not None), None) if case.view else None
    if boxed is None:
        return
    source, evidence = boxed.source, case.evidence
    yield "reading-fields", partial(case.show_document, source.document)
    yield "reading-wide", partial(case.set_reading, True)
    yield "reading-doubtful", evidence.go_doubtful
    yield "reading-rotated", evidence.viewer.page.rotate
    evidence.viewer.page.set_turn(0)
    yield "reading-search", evidence.viewer.open_find
    evidence.viewer.find_bar.leave()
    document = next(each for each in case.view.documents if each.sha256 == source.document)
    for name, act in (
        ("reading-capture", partial(case.jobs.capture, document, source.page, source.box)),
        ("reading-kind", partial(case.jobs.classify, document.sha256)),
    ):
        yield name, act
        if case.jobs.dialog is not None:
            case.jobs.dialog.reject()
    case.set_reading(False)


def _report_states(window: MainWindow, case_id: str) -> Iterator[Step]:
    case: Any = window.panel("case")
    report = case.report
    if report.rows():
        row = report.rows()[min(2, len(report.rows()) - 1)]
        yield "report-editor", row.edit
        row.close_editor()
    yield "report-drafting", partial(report.show_drafting, 7, 20)
    report.show_idle()
    case.header.setFocus()


def _limit_states(window: MainWindow) -> Iterator[Step]:
    """A wish that is no amount; it is not stored."""
    case: Any = window.panel("case")
    case.show_tab("limit")

    def refuse() -> None:
        case.limit.wish.setText("8k")
        case.limit.show_error(InputError("value", tr("policy.price.amount_wrong")))

    yield "case-limit-refused", refuse
    case.limit.wish.clear()
    case.show_tab("report")


def _decisions(window: MainWindow, case_id: str) -> Iterator[Step]:
    case: Any = window.panel("case")
    for outcome in (Outcome.APPROVE, Outcome.DECLINE, Outcome.COUNTER_OFFER, Outcome.REFER):
        yield f"decision-{outcome}", partial(case.jobs.decide, outcome.value)
        dialog = case.jobs.dialog
        if outcome is Outcome.APPROVE and dialog is not None:
            yield "decision-refused", dialog.submit
        if dialog is not None:
            dialog.reject()


def _letter(window: MainWindow, name: str) -> Iterator[Step]:
    """The letter that the case on the screen calls for; an approved case calls for none."""
    case: Any = window.panel("case")
    if case.view is not None and kinds_for(case.view):
        yield f"{name}-letter", case.letters.open_letter
        if case.letters.dialog is not None:
            case.letters.dialog.reject()


def _import_states(window: MainWindow) -> Iterator[Step]:
    window.show_screen("import")
    panel: Any = window.panel("import")
    yield "import-running", partial(panel.show_progress, 1830, 4454, "rows")
    outcome = Imported(cases=4451, rows=4451, documents=1, rejected=3, seconds=2.4)
    yield "import-result", partial(panel.show_result, outcome)
    panel.leave_result()


def _start_dialogs(window: MainWindow) -> Iterator[Step]:
    from views.crash import CrashDialog
    from views.unlock import PassphraseDialog
    from views.welcome import WelcomeDialog

    place = Path("Documents") / "Caseworth"
    makers: dict[str, Callable[[], QDialog]] = {
        "start-welcome": lambda: WelcomeDialog(place, window),
        "start-unlock": lambda: PassphraseDialog(new=False, problem=tr("start.wrong"), parent=window),
        "start-new-passphrase": lambda: PassphraseDialog(new=True, parent=window),
        "crash": lambda: CrashDialog(RuntimeError(), window),
    }
    for name, make in makers.items():
        dialog = make()
        yield name, dialog.open
        dialog.reject()
        dialog.deleteLater()
