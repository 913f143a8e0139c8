"""``demo``: a workspace with the six sample folders and 4,454 real applications, taken to signed packages.

The persons of the folders are invented, so the demo's passphrase may lie beside it in a file.
"""

from __future__ import annotations

import os
import secrets
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app import __version__, bootstrap
from app.bootstrap import Desk
from app.cli.desk import has_display, show_window
from app.cli.output import terminal_progress
from app.domain.case import Outcome
from app.errors import EnvironmentFault, WorkbenchError

READY = "demo.ready"
DECIDED = {
    "good": (Outcome.APPROVE, "Income documented, affordability and history in order."),
    "over-indebted": (Outcome.DECLINE, "Instalments would exceed the limit; payments are late at the bureau."),
    "contradicting-income": (Outcome.COUNTER_OFFER, "The documented income carries the smaller amount."),
}


def demo(given: Namespace) -> int:
    """Build what is missing, then show it."""
    home = given.workspace or bootstrap.data_folder() / "demo"
    workspace, packages, screens = home / "workspace", home / "packages", home / "screens"
    say = _teller(given)
    os.environ.setdefault("CASEWORTH_PASSPHRASE_FILE", str(_passphrase_file(home)))
    with _demo_desk(workspace) as desk:
        if desk.setting(READY) != __version__:
            _build(desk, packages, say, with_model=not given.no_model)
        verified = _verify(packages, desk, say)
    headless = given.headless or not has_display()
    if headless:
        status = show_window(workspace, screens, brief=True)
        if status:
            return status
    summary = {"workspace": str(workspace), "packages": verified, "screens": str(screens) if headless else None}
    _close(given, summary)
    bad = [package["file"] for package in verified if not package["valid"]]
    if bad:
        raise WorkbenchError(f"These packages do not verify: {', '.join(bad)}.")
    return 0 if headless else show_window(workspace, None)


def _teller(given: Namespace) -> Any:
    """Steps go to stderr, so that with ``--json`` stdout holds one object alone."""
    started = time.monotonic()
    return lambda text: print(f"{time.monotonic() - started:7.1f} s  {text}", file=sys.stderr, flush=True)


def _passphrase_file(home: Path) -> Path:
    path = home / "passphrase.txt"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(18) + "\n")
    return path


@contextmanager
def _demo_desk(workspace: Path) -> Iterator[Desk]:
    if (workspace / "workspace.json").exists():
        opened = bootstrap.open_desk(workspace)
    else:
        opened = bootstrap.create_desk(workspace, person="Demo Underwriter", role="underwriter", use_keyring=False)
    with opened as desk:
        yield desk


def _build(desk: Desk, packages: Path, say: Any, *, with_model: bool) -> None:
    samples = bootstrap.samples_folder()
    progress = terminal_progress()
    folders = sorted(path for path in (samples / "folders").iterdir() if path.is_dir())
    result = desk.import_files(folders, None, progress)
    say(f"imported {result.cases} applicant folders, {result.documents} documents")
    table = desk.import_files([samples / "credit_data.csv"], samples / "credit_data.toml", progress)
    say(f"imported {table.rows:,} real applications, {table.rejected} rows rejected")
    run = desk.score_all(desk.scorecard(None), progress)
    say(f"scored {run.scored:,} cases in {run.seconds:.2f} s")
    _fit(desk, samples / "credit_data.csv", say)
    _draft(desk, [path.name for path in folders], say, with_model=with_model)
    say(f"drafted {desk.draft_missing(progress):,} reports by rule")
    _sign(desk, packages, say)
    desk.keep_setting(READY, __version__)


def _fit(desk: Desk, table: Path, say: Any) -> None:
    """A scorecard of the demo's own, as a draft, so that the scores room has one whose bins can be changed."""
    from app.bootstrap.fitting import fit_scorecard
    from app.domain.fitting import FitOptions

    options = FitOptions(
        name="demo", author="Demo Analyst", target="Status", bad_value="bad", exclude=("rownames",), seed=20261121
    )
    if any(entry.name == options.name for entry in desk.register.entries()):
        return
    try:
        run = fit_scorecard(table, options, progress=terminal_progress())
    except EnvironmentFault as fault:
        say(f"fitted no scorecard: {fault}")
        return
    desk.register.add(run.scorecard.document)
    gini = run.fitted.report["gini"]["value"]
    say(f"fitted a scorecard on {run.fitted.report['rows']:,} applications, Gini {gini:.3f}, {run.seconds:.1f} s")


def _draft(desk: Desk, names: list[str], say: Any, *, with_model: bool) -> None:
    with desk.model(None if with_model else "none") as model:
        for name in names:
            case_id = desk.case_id(name)
            if desk.decided(case_id):
                continue
            report = desk.draft(case_id, model)
            worded = sum(sentence.author.value == "model" for sentence in report.sentences)
            say(f"drafted {name}: {len(report.sentences)} sentences, {worded} by the model, {report.seconds:.1f} s")


def _sign(desk: Desk, packages: Path, say: Any) -> None:
    from app.usecases.record_decision import RecordDecision

    packages.mkdir(parents=True, exist_ok=True)
    for name, (outcome, reason) in DECIDED.items():
        case_id = desk.case_id(name)
        decision = desk.decided(case_id) or desk.decide(
            RecordDecision(case_id=case_id, outcome=outcome, reason_text=reason)
        )
        desk.export(case_id, packages / f"{name}.cwz")
        say(f"decided {name}: {decision.outcome.value}; signed package written")


def _verify(packages: Path, desk: Desk, say: Any) -> list[dict[str, Any]]:
    own_key = packages / "signer.pem"
    own_key.write_bytes(desk.signer.public_key_pem())
    found = []
    for path in sorted(packages.glob("*.cwz")):
        result = bootstrap.verify_file(path, [own_key])
        say(f"verified {path.name}: {'valid' if result.valid else 'NOT VALID'}")
        found.append({"file": str(path), "valid": result.valid})
    return found


def _close(given: Namespace, summary: dict[str, Any]) -> None:
    from app.cli.output import emit

    lines = [f"workspace  {summary['workspace']}"]
    lines += [
        f"package    {package['file']}  {'valid' if package['valid'] else 'NOT VALID'}"
        for package in summary["packages"]
    ]
    if summary["screens"]:
        lines.append(f"screens    {summary['screens']}")
    emit(given, summary, lines)
