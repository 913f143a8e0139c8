"""A decided case in a workspace kept in memory, and everything that sealing it needs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import rfc8785

from app.adapters.rendering import TypstRenderer
from app.adapters.signing_keys import PersonSigner, create_signer
from app.domain.case import Decision, Document, FirstOpinion, Outcome, Reason
from app.domain.facts import Fact, Source, SourceKind, Stance, new_fact
from app.domain.findings import Finding, Materiality
from app.domain.policy import ClauseResult, Offer, PolicyResult
from app.domain.report import ModelRun, Report
from app.domain.score import CharacteristicPoints, Score
from app.domain.sentences import Author, Sentence, State
from app.ports import Stores, Workspace
from app.usecases.export_package import ExportPackage, ExportResult, export_package
from tests.doubles import FixedClock, MemoryWorkspace

FONTS = Path(__file__).resolve().parent.parent / "data" / "fonts"
DATA_KEY = bytes(range(32))
PERSON, ROLE = "Anna Bergström", "underwriter"
DECIDED_AT = datetime(2026, 10, 28, 9, 30, tzinfo=UTC)
SEALED_AT = datetime(2026, 10, 28, 10, 0, tzinfo=UTC)
SCORECARDS: Mapping[str, Mapping[str, Any]] = {
    "instalment-loan": {
        "name": "instalment-loan",
        "version": "1.0",
        "scaling": {"pdo": 20, "slope": 0.0346573590279973},
    }
}
POLICY: Mapping[str, Any] = {"name": "instalment-loan", "nodes": [], "edges": []}
POLICY_SHA256 = hashlib.sha256(rfc8785.dumps(POLICY)).hexdigest()

_FORM, _PAYSLIP = (hashlib.sha256(content).hexdigest() for content in (b"form", b"payslip"))
_CHARACTERISTICS = (
    ("employment.seniority_years", "[2, 6)", 42, 58, 110, "C1-07"),
    ("history.adverse_records", "false", 61, 52, 61, "C1-02"),
    ("applicant.housing", "rent / private", 24, 44, 66, "CW-01"),
    ("ratio.dsr_after_pct", "[45, ∞)", 18, 55, 92, "C1-04"),
    ("request.term_months", "[30, 48)", 47, 47, 80, "C1-08"),
    ("ratio.assets_to_amount", "missing", 38, 41, 75, "CW-02"),
)
_TEXTS: Mapping[str, tuple[tuple[str, str, str, Author, Stance], ...]] = {
    "en": (
        (
            "request",
            "The applicant asks for {request.amount} over {request.term_months}.",
            "",
            Author.RULE,
            Stance.NEUTRAL,
        ),
        (
            "capacity",
            (
                "Documented net income is {income.net_monthly_documented} a month, against {income.net_monthly_stated} "
                "stated on the form, which weakens the application."
            ),
            "income.contradiction",
            Author.MODEL,
            Stance.ADVERSE,
        ),
        (
            "capacity",
            (
                "After this loan, instalments would take {ratio.dsr_after_pct} of net income and exceed the policy "
                "limit of {limit.dsr_pct} (affordability 4.2)."
            ),
            "affordability.exceeds_limit",
            Author.MODEL,
            Stance.ADVERSE,
        ),
        (
            "history",
            "Credit enquiries in the last 3 months: {history.enquiries_3m}. Adverse.",
            "history.enquiries_high",
            Author.RULE,
            Stance.ADVERSE,
        ),
        (
            "mitigants",
            (
                "The applicant explained the income gap by a move to part-time work in September; the employer's "
                "letter confirms it."
            ),
            "",
            Author.PERSON,
            Stance.NEUTRAL,
        ),
        (
            "mitigants",
            "A loan of {offer.amount} over the same term would bring instalments to {offer.dsr_pct} of net income.",
            "offer.fits",
            Author.RULE,
            Stance.FAVOURABLE,
        ),
    ),
    "zh": (
        ("request", "申请人申请{request.amount}，期限{request.term_months}。", "", Author.RULE, Stance.NEUTRAL),
        (
            "capacity",
            "有凭证的月净收入为{income.net_monthly_documented}，而申请表所填为{income.net_monthly_stated}，不利于本申请。",
            "income.contradiction",
            Author.MODEL,
            Stance.ADVERSE,
        ),
        (
            "capacity",
            "放款后，月供将占净收入的{ratio.dsr_after_pct}，超过政策上限{limit.dsr_pct}（affordability 4.2）。",
            "affordability.exceeds_limit",
            Author.MODEL,
            Stance.ADVERSE,
        ),
        (
            "history",
            "近3个月征信查询次数：{history.enquiries_3m}。不利。",
            "history.enquiries_high",
            Author.RULE,
            Stance.ADVERSE,
        ),
        (
            "mitigants",
            "申请人说明收入差异系今年秋季转为兼职所致，雇主来函予以证实。",
            "",
            Author.PERSON,
            Stance.NEUTRAL,
        ),
        (
            "mitigants",
            "若贷款{offer.amount}、期限不变，月供将降至净收入的{offer.dsr_pct}。",
            "offer.fits",
            Author.RULE,
            Stance.FAVOURABLE,
        ),
    ),
}


def decided_workspace(
    language: str = "en", *, applicant: str = "Sample applicant 418", sentences: int | None = None
) -> tuple[MemoryWorkspace, str]:
    """A workspace with one decided case; ``sentences`` cuts its report short."""
    workspace = MemoryWorkspace(clock=FixedClock(SEALED_AT))
    with workspace.transaction() as stores:
        case_id = add_decided_case(stores, language, applicant, sentences)
    return workspace, case_id


def add_decided_case(
    stores: Stores, language: str = "en", applicant: str = "Sample applicant 418", sentences: int | None = None
) -> str:
    """Put the decided case into any workspace; returns its id."""
    case = stores.cases.add(
        reference="good",
        applicant=applicant,
        product="instalment-loan",
        amount=Decimal("12000.00"),
        currency="EUR",
        term_months=36,
        received_on=date(2026, 10, 26),
        language=language,
    )
    _fill(stores, case.id, language, sentences)
    return case.id


def _fill(stores: Stores, case_id: str, language: str, sentences: int | None) -> None:
    facts = {fact.name: fact for fact in _facts(case_id)}
    form = Document(_FORM, "application.json", "application_form", "application/json", 4, note="18 facts")
    stores.documents.add(case_id, form, b"form")
    stores.documents.add(case_id, Document(_PAYSLIP, "payslip.pdf", "payslip", "application/pdf", 7, 1), b"payslip")
    stores.facts.add(list(facts.values()))
    stores.findings.replace(case_id, _findings(facts))
    stores.scores.put(case_id, _score(facts))
    stores.policies.keep_policy(POLICY_SHA256, POLICY)
    stores.policies.put(case_id, _policy(facts, language))
    stores.reports.put(case_id, _report(case_id, language, facts, sentences))
    stores.events.append(PERSON, case_id, "document.imported", {"document": _FORM})
    stores.events.append("Björn Ek", None, "settings.changed", {"key": "theme"})
    stores.decisions.put(case_id, _decision(facts, language))
    stores.events.append(PERSON, case_id, "decision.recorded", {"outcome": "counter-offer"})


def _facts(case_id: str) -> list[Fact]:
    form = Source(SourceKind.DOCUMENT, document=_FORM)
    birth = new_fact(case_id, "applicant.date_of_birth", date(1990, 4, 1), "date", replace(form, path="$.born"))
    stated = new_fact(case_id, "income.net_monthly_stated", Decimal("3100.00"), "EUR", replace(form, path="$.income"))
    slip = Source(SourceKind.DOCUMENT, document=_PAYSLIP, page=1, box=(40, 210, 300, 224), raw="2 450,00")
    documented = new_fact(
        case_id, "income.net_monthly_documented", Decimal("2450.00"), "EUR", slip, confidence=Decimal("0.99")
    )
    used = Source(SourceKind.COMPUTATION, method="income used", inputs=(documented.id, birth.id))
    income = new_fact(case_id, "income.net_monthly", Decimal("2450.00"), "EUR", used)
    ratio = Source(SourceKind.COMPUTATION, method="dsr", inputs=(income.id,))
    limit = Source(SourceKind.REFERENCE, method="policy: affordability 4.2")
    person = Source(SourceKind.PERSON, person=PERSON)
    plain: list[tuple[str, Any, str, Source]] = [
        ("applicant.name", "Sample applicant 418", "text", replace(form, path="$.applicant.name")),
        ("request.amount", Decimal("12000.00"), "EUR", replace(form, path="$.request.amount")),
        ("request.term_months", 36, "months", replace(form, path="$.request.term_months")),
        ("ratio.dsr_after_pct", Decimal("47.00"), "percent", ratio),
        ("limit.dsr_pct", Decimal("40.00"), "percent", limit),
        ("history.enquiries_3m", 5, "count", Source(SourceKind.COMPUTATION, method="enquiries in window")),
        ("offer.amount", Decimal("8500.00"), "EUR", replace(ratio, method="largest amount that fits")),
        ("offer.dsr_pct", Decimal("38.00"), "percent", ratio),
        (
            "employment.seniority_years",
            Decimal("4.00"),
            "years",
            Source(SourceKind.ROW, document=_FORM, row=7, column="Seniority"),
        ),
        ("history.adverse_records", False, "boolean", person),
        ("applicant.housing", "rent", "category", replace(form, path="$.applicant.housing")),
    ]
    return [birth, stated, documented, income, *(new_fact(case_id, n, v, u, s) for n, v, u, s in plain)]


def _findings(facts: Mapping[str, Fact]) -> list[Finding]:
    def finding(code: str, section: str, stance: Stance, *names: str) -> Finding:
        return Finding(code, code, section, stance, Materiality.NOTABLE, tuple(facts[name].id for name in names))

    return [
        finding(
            "income.contradiction",
            "capacity",
            Stance.ADVERSE,
            "income.net_monthly_stated",
            "income.net_monthly_documented",
        ),
        finding("affordability.exceeds_limit", "capacity", Stance.ADVERSE, "ratio.dsr_after_pct", "limit.dsr_pct"),
        finding("history.enquiries_high", "history", Stance.ADVERSE, "history.enquiries_3m"),
        finding("offer.fits", "mitigants", Stance.FAVOURABLE, "offer.amount", "offer.dsr_pct"),
    ]


def _score(facts: Mapping[str, Fact]) -> Score:
    rows = tuple(
        CharacteristicPoints(name, facts[name].id if name in facts else None, band, points, neutral, most, code)
        for name, band, points, neutral, most, code in _CHARACTERISTICS
    )
    digest = hashlib.sha256(rfc8785.dumps(SCORECARDS["instalment-loan"])).hexdigest()
    reasons = tuple(sorted((row for row in rows if row.lost), key=lambda row: -row.lost))
    return Score("instalment-loan", "1.0", digest, 612, Decimal("0.081000"), "C", rows, reasons, 420, 780)


def _policy(facts: Mapping[str, Fact], language: str) -> PolicyResult:
    texts = (
        ("Instalments after the loan take more than 40 % of net income.", "The applicant is of age and resident.")
        if language == "en"
        else ("放款后月供超过净收入的 40%。", "申请人已成年且为居民。")
    )
    clauses = (
        ClauseResult("affordability", "affordability 4.2", "refer", (facts["ratio.dsr_after_pct"].id,), texts[0]),
        ClauseResult("eligibility", "eligibility 1.1", "pass", (), texts[1]),
    )
    offer = Offer(Decimal("8500.00"), "EUR", 36, Decimal("9.9"), Decimal("273.87"))
    return PolicyResult("instalment-loan", "1.0", POLICY_SHA256, "refer", clauses, Decimal("9.9"), offer, "underwriter")


def _report(case_id: str, language: str, facts: Mapping[str, Fact], sentences: int | None) -> Report:
    from app.domain.phrases import PhraseBook
    from app.domain.rendering import Prose, slot_names
    from tests.doubles import load_catalogue

    prose = Prose(load_catalogue(), PhraseBook({}), language)
    made = []
    for number, (section, template, finding, author, stance) in enumerate(_TEXTS[language][:sentences]):
        slots = tuple(facts[name].id for name in slot_names(template))
        findings = (finding,) if finding else ()
        state = State.ADOPTED if author is Author.PERSON else State.ACCEPTED
        text = prose.fill(template, facts)
        made.append(
            Sentence(
                f"{section}.{number}", section, text, template, author, state, stance, slots, findings, {"slots": True}
            )
        )
    made[-1] = (
        replace(made[-1], state=State.FALLEN_BACK, fallback="stance", rejected="It fits.")
        if sentences is None
        else made[-1]
    )
    run = ModelRun("SmolLM2-135M-Instruct", "d" * 64, "llama-cpp-python 0.3.36", "e" * 64, "f" * 64, 7)
    return Report(case_id, language, tuple(made), run, 210, 3.4)


def _decision(facts: Mapping[str, Fact], language: str) -> Decision:
    english = language == "en"
    reason = "Instalments too high for the documented income" if english else "月供相对有凭证的收入过高"
    return Decision(
        outcome=Outcome.COUNTER_OFFER,
        amount=Decimal("8500.00"),
        currency="EUR",
        term_months=36,
        rate_pct=Decimal("9.9"),
        conditions=("Payslips of two further months",) if english else ("补交另外两个月的工资单",),
        reason_text="The smaller loan fits the income that the payslip shows."
        if english
        else "较小的贷款与工资单所示收入相称。",
        reasons=(
            Reason("C1-04", facts["ratio.dsr_after_pct"].id, reason),
            Reason(
                "C1-09",
                facts["history.enquiries_3m"].id,
                "Number of recent enquiries" if english else "近期征信查询次数",
            ),
        ),
        person=PERSON,
        role=ROLE,
        authority="authority 5.1: 15000 EUR",
        override=None,
        decided_at=DECIDED_AT,
        first_opinion=FirstOpinion(Outcome.REFER, PERSON, datetime(2026, 10, 28, 8, 42, tzinfo=UTC)),
    )


def new_signer(folder: Path, person: str = PERSON) -> PersonSigner:
    """Keys made for this test run; the certificate starts before the decision."""
    return create_signer(folder, DATA_KEY, person, ROLE, at=datetime(2026, 1, 1, tzinfo=UTC))


class PlainRenderer:
    """Sets the case id on an empty page: a real PDF that signs fast."""

    def __init__(self) -> None:
        self.seen: list[Mapping[str, Any]] = []

    def report_pdf(self, data: Mapping[str, Any]) -> bytes:
        import typst

        self.seen.append(data)
        compiler = typst.Compiler(b"#sys.inputs.case", root=str(FONTS), sys_inputs={"case": data["case"]["id"]})
        pdf = compiler.compile(format="pdf", timestamp=SEALED_AT)
        assert isinstance(pdf, bytes)
        return pdf


def export(
    workspace: Workspace, case_id: str, out: Path, signer: PersonSigner, renderer: Any = None, **changes: Any
) -> ExportResult:
    """``export_package`` with the fixture's scorecards and clock."""
    given: dict[str, Any] = {"scorecards": SCORECARDS, "clock": FixedClock(SEALED_AT)} | changes
    return export_package(ExportPackage(case_id, out), workspace, signer, renderer or TypstRenderer(FONTS), **given)
