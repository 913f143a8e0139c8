"""Whether every adverse finding of weight stands in the full report: of the samples, and of cases written down."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.bootstrap import create_desk
from app.bootstrap.places import samples_folder
from app.domain.checks.casebook import CheckedCase
from app.domain.facts import Stance
from app.domain.findings import Finding, Materiality
from app.domain.report import Report
from app.usecases.case_file import read_case
from app.usecases.draft_facts import draft_from_facts
from data.checking_words import load_lexicon

HERE = Path(__file__).resolve().parent
TODAY = date(2026, 11, 20)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Adverse findings of weight, those that a report leaves out, and the sentences of all reports."""

    reports: int
    findings: int
    left_out: tuple[str, ...]
    sentences: int
    by_model: int = 0

    def line(self, where: str) -> str:
        said = self.findings - len(self.left_out)
        share = 100 * said / self.findings if self.findings else 100.0
        model = f", {self.by_model} of them the model's" if self.by_model else ""
        missing = f"; left out: {', '.join(self.left_out)}" if self.left_out else ""
        return (
            f"adverse coverage, {where}: {said} of {self.findings} = {share:.1f}% in {self.reports} reports of "
            f"{self.sentences} sentences{model}{missing}"
        )


def coverage_of_samples(model: str | None = None) -> Coverage:
    """Full reports of the sample folders in both languages, worded by the model (null: the desk's own)."""
    reports: list[tuple[Report, Sequence[Finding]]] = []
    with (
        tempfile.TemporaryDirectory() as scratch,
        create_desk(
            Path(scratch) / "workspace", person="bench", passphrase=lambda _: "bench phrase", use_keyring=False
        ) as desk,
    ):
        for folder in sorted((samples_folder() / "folders").iterdir()):
            case_id = desk.import_files([folder], None).case_ids[0]
            with desk.workspace.read() as stores:
                findings = stores.findings.of_case(case_id)
            reports += [(desk.draft(case_id, model, language=language), findings) for language in ("en", "zh")]
    weighty = [(report, finding) for report, findings in reports for finding in findings if _weighs_against(finding)]
    return Coverage(
        len(reports),
        len(weighty),
        tuple(finding.id for report, finding in weighty if not _said(report, finding.id, finding.facts[:1])),
        sum(len(report.sentences) for report, _ in reports),
        sum(sentence.author.value == "model" for report, _ in reports for sentence in report.sentences),
    )


def coverage_of_facts(folder: Path = HERE) -> Coverage:
    """Reports of every ``case.json`` below the folder: adverse findings with all their facts, and adverse facts."""
    count, sentences, wanted, left_out = 0, 0, 0, []
    for path in sorted(folder.rglob("case.json")):
        case = read_case(path.read_text(encoding="utf-8"), str(path), TODAY)
        report = draft_from_facts(case, load_lexicon())
        missing, of_case = missing_from(report, case)
        count, wanted, sentences = count + 1, wanted + of_case, sentences + len(report.sentences)
        left_out += [f"{path.parent.name} {code}" for code in missing]
    return Coverage(count, wanted, tuple(left_out), sentences)


def missing_from(report: Report, case: CheckedCase) -> tuple[list[str], int]:
    """Adverse findings and facts that the report leaves out, and how many there are."""
    findings = [finding for finding in case.findings if finding.stance is Stance.ADVERSE]
    facts = [fact for fact in case.facts if fact.stance is Stance.ADVERSE]
    missing = [finding.code for finding in findings if not _said(report, finding.code, ())]
    told = {fact for sentence in report.sentences for fact in sentence.facts}
    missing += [fact.id for fact in facts if fact.id not in told]
    missing += [f"{finding.code} {fact}" for finding in findings for fact in finding.facts if fact not in told]
    return missing, len(findings) + len(facts)


def _weighs_against(finding: Finding) -> bool:
    return finding.stance is Stance.ADVERSE and finding.materiality > Materiality.MINOR


def _said(report: Report, finding: str, facts: Sequence[str]) -> bool:
    return any(
        finding in sentence.findings and sentence.text.strip() and set(facts) <= set(sentence.facts)
        for sentence in report.sentences
    )
