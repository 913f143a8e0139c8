"""Each store gives back what was put in, before the commit, after it and after the workspace was closed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.case import Case, Decision, Document, FileSign, FirstOpinion, Outcome, Reason, Status, Transaction
from app.domain.facts import Fact, Source, SourceKind, Stance, new_fact
from app.domain.findings import Finding, Materiality
from app.domain.policy import ClauseResult, Offer, PolicyResult
from app.domain.reading import Mark
from app.domain.report import ModelRun, Report
from app.domain.sentences import Author, Problem, Sentence, State
from app.errors import InputError
from app.ports import Event, Stores
from tests.application_rows import put_application_rows

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

AddCase = Callable[..., Case]
OpenFolder = Callable[..., "StoredWorkspace"]
CONTENT = b"statement of account"
DOCUMENT = Document("b" * 64, "statement.csv", "bank_statement", "text/csv", len(CONTENT), None, "412 entries")


def everywhere(open_folder: OpenFolder, put: Callable[[Stores], Any], get: Callable[[Stores], Any]) -> None:
    """``put`` returns what ``get`` must find: in the same transaction, in the next one, and after reopening."""
    workspace = open_folder()
    with workspace.transaction() as stores:
        expected = put(stores)
        assert get(stores) == expected
    with workspace.read() as stores:
        assert get(stores) == expected
    workspace.close()
    again = open_folder()
    with again.read() as stores:
        assert get(stores) == expected
    again.close()


def source_of(document: str = DOCUMENT.sha256) -> Source:
    return Source(SourceKind.DOCUMENT, document=document, page=2, box=(10.0, 20.5, 30.25, 40.0), raw="4 200,00 €")


def fact_of(
    case: Case, name: str = "income.net_monthly_documented", value: Any = Decimal("4200.00"), **given: Any
) -> Fact:
    return new_fact(case.id, name, value, "EUR", given.pop("source", source_of()), **given)


# -- cases


def test_cases_are_numbered_in_order_of_arrival(open_folder: OpenFolder, add_case: AddCase) -> None:
    workspace = open_folder()
    with workspace.transaction() as stores:
        assert add_case(stores, reference="A").id == "C-2026-000001"
        assert add_case(stores, reference="B", received_on=date(2025, 1, 2)).id == "C-2025-000002"
        assert add_case(stores, reference="C", received_on=None).id == "C-2026-000003"
    with workspace.read() as stores:
        assert list(stores.cases.ids()) == ["C-2026-000001", "C-2025-000002", "C-2026-000003"]
        assert stores.cases.count() == 3


def test_a_case_comes_back_as_it_was(open_folder: OpenFolder, add_case: AddCase) -> None:
    everywhere(open_folder, add_case, lambda stores: stores.cases.get("C-2026-000001"))


def test_a_case_with_nothing_but_a_name_comes_back(open_folder: OpenFolder, add_case: AddCase) -> None:
    everywhere(
        open_folder,
        lambda stores: add_case(
            stores, amount=None, term_months=None, received_on=None, applicant="王芳", language="zh"
        ),
        lambda stores: stores.cases.find_by_reference("A-1"),
    )


def test_a_head_can_be_mended_and_a_status_moved(open_folder: OpenFolder, add_case: AddCase) -> None:
    def put(stores: Stores) -> Case:
        mended = replace(add_case(stores), applicant="Ødegård", amount=Decimal(9500), term_months=None, currency="NOK")
        stores.cases.update_head(mended)
        stores.cases.set_status(mended.id, Status.DRAFTED)
        return replace(mended, amount=Decimal("9500.00"), status=Status.DRAFTED)

    everywhere(open_folder, put, lambda stores: stores.cases.get("C-2026-000001"))


def test_a_reference_names_a_case_only_while_it_is_unique(workspace: StoredWorkspace, add_case: AddCase) -> None:
    with workspace.transaction() as stores:
        first = add_case(stores, reference="same")
        assert stores.cases.get("same") == first
        add_case(stores, reference="same")
        assert stores.cases.find_by_reference("same") is None
        with pytest.raises(InputError, match="More than one case") as caught:
            stores.cases.get("same")
        assert caught.value.field == "case"


@pytest.mark.parametrize("wrong", ["C-2026-000009", "C-2025-000001", "nobody", "", "C-2026-1'; DROP TABLE cases"])
def test_an_unknown_case_is_refused(workspace: StoredWorkspace, add_case: AddCase, wrong: str) -> None:
    with workspace.transaction() as stores:
        add_case(stores)
        with pytest.raises(InputError, match="There is no case") as caught:
            stores.cases.get(wrong)
        assert caught.value.field == "case"


# -- documents


def test_signs_of_a_change_are_kept_with_their_places(open_folder: OpenFolder) -> None:
    digest = sha256(CONTENT).hexdigest()
    sign = FileSign("pdf.fonts", "amounts set in several fonts: 9,450.00", (Mark(2, (1.0, 2.5, 3.0, 4.0), "9,450.00"),))

    def put(stores: Stores) -> tuple[FileSign, ...]:
        stores.documents.add(None, replace(DOCUMENT, sha256=digest, signs=(sign,)), CONTENT)
        return (sign,)

    everywhere(open_folder, put, lambda stores: stores.documents.get(digest).signs)
    assert FileSign.from_json(["pdf.updated", "a later version"]) == FileSign("pdf.updated", "a later version")


def test_pictures_are_alike_by_the_bits_in_which_they_differ(workspace: StoredWorkspace) -> None:
    chance = random.Random(4)
    own = chance.getrandbits(1024)
    flips = {"one": 72, "two": 73, "three": 0, "four": 500}
    with workspace.transaction() as stores:
        for number, (name, count) in enumerate(flips.items()):
            bits = sum(1 << at for at in chance.sample(range(1024), count))
            content = name.encode()
            print_ = f"{own ^ bits:0256x}"
            document = Document(sha256(content).hexdigest(), name, "image", "image/png", number, fingerprint=print_)
            stores.documents.add(None, document, content)
        asked = replace(DOCUMENT, sha256=sha256(CONTENT).hexdigest(), fingerprint=f"{own:0256x}")
        assert len(stores.documents.alike(asked, 72)) == 2, "before the commit"
        stores.documents.add(None, asked, CONTENT)
        stores.documents.complete(replace(asked, note="read"))
    with workspace.read() as stores:
        names = [stores.documents.get(each).name for each in stores.documents.alike(asked, 72)]
        assert names == ["one", "three"], "in the order they came, without itself"
        assert stores.documents.alike(replace(asked, fingerprint=None), 72) == []


def test_a_document_belongs_to_its_cases_once(workspace: StoredWorkspace, add_case: AddCase) -> None:
    digest = sha256(CONTENT).hexdigest()
    document = replace(DOCUMENT, sha256=digest)
    with workspace.transaction() as stores:
        first, second = add_case(stores, reference="1"), add_case(stores, reference="2")
        assert stores.documents.add(first.id, document, CONTENT) is True
        assert stores.documents.add(first.id, document, CONTENT) is False
        assert stores.documents.add(second.id, document, CONTENT) is True
        stores.documents.update_note(digest, "no entries")
    with workspace.read() as stores:
        assert stores.documents.of_case(first.id) == [replace(document, note="no entries")]
        assert stores.documents.of_case(second.id) == stores.documents.of_case(first.id)
        assert stores.documents.known(digest)
        assert not stores.documents.known("0" * 64)
        assert stores.documents.content(digest) == CONTENT
        with pytest.raises(InputError, match="no document"):
            stores.documents.get("0" * 64)


def test_an_original_goes_when_its_transaction_fails(workspace: StoredWorkspace) -> None:
    digest = sha256(CONTENT).hexdigest()

    def fail() -> None:
        with workspace.transaction() as stores:
            stores.documents.add(None, replace(DOCUMENT, sha256=digest), CONTENT)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not list((workspace.path / "originals").rglob("*.bin"))
    with workspace.transaction() as stores:
        assert stores.documents.add(None, replace(DOCUMENT, sha256=digest), CONTENT) is True
        assert stores.documents.add(None, replace(DOCUMENT, sha256=digest), CONTENT) is False


# -- facts


@pytest.mark.parametrize(
    "value",
    [Decimal("4200.00"), Decimal("-0.5"), Decimal("1E+3"), 7, 0, True, False, date(2026, 2, 28), "固定工作 'x' \\", ""],
)
def test_a_fact_comes_back_as_it_was(open_folder: OpenFolder, add_case: AddCase, value: Any) -> None:
    def put(stores: Stores) -> list[Fact]:
        fact = fact_of(add_case(stores), value=value, confidence=Decimal("0.930"), confirmed_by="王芳")
        stores.facts.add([fact])
        return [fact]

    def get(stores: Stores) -> list[Fact]:
        return stores.facts.current("C-2026-000001")

    if isinstance(value, Decimal) and value == 1000:
        value = Decimal(1000)  # stored without exponent
    everywhere(open_folder, put, get)


def test_a_newer_fact_supersedes_and_the_older_stays_in_the_history(
    workspace: StoredWorkspace, add_case: AddCase
) -> None:
    with workspace.transaction() as stores:
        case = add_case(stores)
        older = fact_of(case)
        newer = fact_of(case, value=Decimal("3900.00"), supersedes=older.id)
        stores.facts.add([older])
        stores.facts.add([newer])
        assert stores.facts.current(case.id) == [newer]
        assert stores.facts.history(case.id) == [older, newer]
        assert stores.facts.get(older.id) == older
    with workspace.read() as stores:
        assert stores.facts.current(case.id) == [newer]
        assert stores.facts.get(newer.id, case.id) == newer
        with pytest.raises(InputError, match="no fact"):
            stores.facts.get("f000000000000")


def test_adding_a_fact_again_changes_nothing(workspace: StoredWorkspace, add_case: AddCase) -> None:
    with workspace.transaction() as stores:
        case = add_case(stores)
        stores.facts.add([fact_of(case, confidence=Decimal("0.5"))])
        stores.facts.add([fact_of(case), fact_of(case)])
    with workspace.transaction() as stores:
        stores.facts.add([fact_of(case)])
        assert [fact.confidence for fact in stores.facts.history(case.id)] == [Decimal("0.5")]


def test_a_retired_fact_is_not_current_until_it_is_computed_again(
    workspace: StoredWorkspace, add_case: AddCase
) -> None:
    with workspace.transaction() as stores:
        case = add_case(stores)
        fact = fact_of(case)
        stores.facts.add([fact])
        stores.facts.retire(case.id, [fact.id])
        stores.facts.retire(case.id, [fact.id])
        assert stores.facts.current(case.id) == []
    with workspace.transaction() as stores:
        assert stores.facts.current(case.id) == []
        assert stores.facts.history(case.id) == [fact]
        stores.facts.add([fact])
        assert stores.facts.current(case.id) == [fact]
    with workspace.read() as stores:
        assert stores.facts.current(case.id) == [fact]


def test_a_retired_successor_lets_the_older_fact_stand_again(workspace: StoredWorkspace, add_case: AddCase) -> None:
    with workspace.transaction() as stores:
        case = add_case(stores)
        older = fact_of(case)
        newer = fact_of(case, value=Decimal(1), supersedes=older.id)
        stores.facts.add([older, newer])
        stores.facts.retire(case.id, [newer.id])
        assert stores.facts.current(case.id) == [older]


def put_table_row(workspace: StoredWorkspace, case_no: int = 1, **values: Any) -> None:
    """One row of a table of applications, as an import stores it."""
    with workspace._database.transaction() as tx:
        headings = [("request.amount", "Amount", "SEK")]
        rows = {case_no: values}
        put_application_rows(tx, workspace.catalogue, rows, document="t" * 64, headings=headings, first_line=5)


def test_cells_of_a_table_row_are_facts(workspace: StoredWorkspace, add_case: AddCase) -> None:
    values = {
        "income.net_monthly_stated": Decimal("2500.00"),
        "request.amount": Decimal("8000.00"),
        "request.term_months": 24,
        "applicant.housing": "rent",
        "history.adverse_records": False,
    }
    with workspace.transaction() as stores:
        case = add_case(stores)
    put_table_row(workspace, **values)
    with workspace.read() as stores:
        facts = {fact.name: fact for fact in stores.facts.current(case.id)}
    assert {name: fact.value for name, fact in facts.items()} == values
    stated = facts["income.net_monthly_stated"]
    assert (stated.unit, facts["request.amount"].unit, facts["request.term_months"].unit) == ("EUR", "SEK", "months")
    assert stated.source == Source(SourceKind.ROW, document="t" * 64, row=5)
    assert facts["request.amount"].source.column == "Amount"
    assert stated == new_fact(case.id, stated.name, stated.value, "EUR", stated.source), (
        "the id follows from the content"
    )


def test_a_persons_correction_takes_the_place_of_a_cell(workspace: StoredWorkspace, add_case: AddCase) -> None:
    with workspace.transaction() as stores:
        case = add_case(stores)
    put_table_row(workspace, **{"income.net_monthly_stated": Decimal(2500), "request.term_months": 24})
    with workspace.transaction() as stores:
        cell = next(fact for fact in stores.facts.current(case.id) if fact.name == "income.net_monthly_stated")
        by_person = Source(SourceKind.PERSON, person="M. Weber")
        corrected = fact_of(case, cell.name, Decimal("2400.00"), source=by_person, supersedes=cell.id)
        stores.facts.add([corrected])
        assert [f.value for f in stores.facts.current(case.id)] == [Decimal("2400.00"), 24]
        assert cell in stores.facts.history(case.id)
        assert stores.facts.get(cell.id, case.id) == cell
    with workspace.read() as stores:
        assert corrected in stores.facts.current(case.id)
        assert cell not in stores.facts.current(case.id)


def test_a_documents_fact_stands_beside_the_cell_of_its_name(workspace: StoredWorkspace, add_case: AddCase) -> None:
    with workspace.transaction() as stores:
        case = add_case(stores)
        stores.facts.add([fact_of(case, "request.term_months", 36)])
    put_table_row(workspace, **{"request.term_months": 24})
    with workspace.read() as stores:
        assert sorted(fact.value for fact in stores.facts.current(case.id)) == [24, 36]


def test_a_case_of_a_table_shows_the_table_among_its_documents(workspace: StoredWorkspace, add_case: AddCase) -> None:
    table = Document("t" * 64, "applications.csv", "application_table", "text/csv", 3, None, "")
    with workspace.transaction() as stores:
        case = add_case(stores)
    put_table_row(workspace)
    with workspace._database.transaction() as tx:
        row = (table.sha256, table.name, table.kind, table.media_type, 3, None, "", 1.0, "[]", None, "[]", "[]")
        tx.insert("documents", [row])
    with workspace.read() as stores:
        assert stores.documents.of_case(case.id) == [table]


# -- findings, transactions, policy, report, decision


def finding_of(code: str, facts: tuple[str, ...] = ("f1", "f2")) -> Finding:
    return Finding(
        code, code, "capacity", Stance.ADVERSE, Materiality.MAJOR, facts, "affordability 4.2", "exceeds", "x"
    )


def test_findings_of_a_run_replace_those_before_in_their_order(open_folder: OpenFolder, add_case: AddCase) -> None:
    def put(stores: Stores) -> list[Finding]:
        case = add_case(stores)
        stores.findings.replace(case.id, [finding_of("old")])
        fresh = [finding_of("z"), replace(finding_of("a", ()), clause=None, stance=Stance.NEUTRAL)]
        stores.findings.replace(case.id, fresh)
        return fresh

    everywhere(open_folder, put, lambda stores: stores.findings.of_case("C-2026-000001"))


def test_two_findings_of_one_id_are_our_own_fault(workspace: StoredWorkspace, add_case: AddCase) -> None:
    with pytest.raises(ValueError, match="the same id"), workspace.transaction() as stores:
        stores.findings.replace(add_case(stores).id, [finding_of("a"), finding_of("a")])


def line(day: int, row: int, document: str = "d1", balance: Decimal | None = None) -> Transaction:
    return Transaction(date(2026, 9, day), Decimal("-12.30"), "EUR", "REWE SAGT DANKE", balance, document, row)


def test_the_lines_of_a_statement_replace_its_own_only(open_folder: OpenFolder, add_case: AddCase) -> None:
    def put(stores: Stores) -> list[Transaction]:
        case = add_case(stores)
        stores.transactions.replace(case.id, "d1", [line(3, 1), line(4, 2)])
        stores.transactions.replace(case.id, "d2", [line(1, 1, "d2", Decimal("100.00"))])
        stores.transactions.replace(case.id, "d1", [line(2, 1)])
        return [line(1, 1, "d2", Decimal("100.00")), line(2, 1)]

    everywhere(open_folder, put, lambda stores: stores.transactions.of_case("C-2026-000001"))


def test_whose_entry_it_is_and_where_it_stands_are_kept(open_folder: OpenFolder, add_case: AddCase) -> None:
    told = replace(
        line(3, 1), account="SE35", counterparty="Nordlys", other_account="DE89", page=2, box=(1.5, 2.0, 3.25, 4.0)
    )
    many = [told, *(line(4, row) for row in range(2, 600))]  # so many are stored by a frame

    def put(stores: Stores) -> list[Transaction]:
        case = add_case(stores)
        stores.transactions.replace(case.id, "d1", many)
        return many

    everywhere(open_folder, put, lambda stores: stores.transactions.of_case("C-2026-000001"))


POLICY = PolicyResult(
    policy="instalment-loan",
    version="3",
    sha256="a" * 64,
    outcome="refer",
    clauses=(ClauseResult("affordability", "affordability 4.2", "refer", ("f1",), "Debt service above 40 %"),),
    rate_pct=Decimal("7.90"),
    fits=Offer(Decimal("9000.00"), "EUR", 36, Decimal("7.90"), Decimal("281.61")),
    authority_role="senior",
)


@pytest.mark.parametrize("result", [POLICY, replace(POLICY, rate_pct=None, fits=None, authority_role=None, clauses=())])
def test_the_last_policy_result_stands(open_folder: OpenFolder, add_case: AddCase, result: PolicyResult) -> None:
    def put(stores: Stores) -> PolicyResult:
        case = add_case(stores)
        with pytest.raises(LookupError):
            stores.policies.put(case.id, POLICY)
        stores.policies.keep_policy(POLICY.sha256, {"name": "p", "nodes": [{"position": {"x": 0.5}}]})
        stores.policies.put(case.id, replace(POLICY, outcome="decline"))
        stores.policies.put(case.id, result)
        assert stores.cases.get(case.id).policy_outcome == result.outcome
        return result

    everywhere(open_folder, put, lambda stores: stores.policies.get("C-2026-000001"))
    workspace = open_folder()
    with workspace.read() as stores:
        assert stores.policies.policy(POLICY.sha256) == {"name": "p", "nodes": [{"position": {"x": 0.5}}]}
        assert stores.policies.policy("b" * 64) is None


SENTENCE = Sentence(
    key="capacity.after",
    section="capacity",
    text="Instalments would take 47 % of income.",
    template="Instalments would take {ratio.dsr_after_pct} of income.",
    author=Author.MODEL,
    state=State.FLAGGED,
    stance=Stance.ADVERSE,
    facts=("f1",),
    findings=("affordability.exceeds_limit",),
    checks={"slots": True, "figures": False},
    fallback="stance",
    rejected="It is fine.",
    problems=(Problem("unsupported_figure", "47"),),
)
MODEL = ModelRun("tiny", "c" * 64, "llama-cpp-python 0.3.36", "d" * 64, "e" * 64, seed=2**63)


@pytest.mark.parametrize("model", [MODEL, None])
def test_the_last_report_stands_and_the_others_are_its_history(
    open_folder: OpenFolder, add_case: AddCase, model: ModelRun | None
) -> None:
    def put(stores: Stores) -> Report:
        case = add_case(stores)
        rule = replace(SENTENCE, author=Author.RULE, fallback=None, rejected=None, problems=())
        stores.reports.put(case.id, Report(case.id, "en", (rule,)))
        report = Report(case.id, "zh", (SENTENCE, rule), model, 512, 3.125)
        stores.reports.put(case.id, report)
        assert len(stores.reports.history(case.id)) == 2  # type: ignore[attr-defined]
        return report

    everywhere(open_folder, put, lambda stores: stores.reports.get("C-2026-000001"))


OPINION = FirstOpinion(Outcome.REFER, "M. Weber", datetime(2026, 10, 28, 9, 30, tzinfo=UTC))
DECISION = Decision(
    outcome=Outcome.COUNTER_OFFER,
    amount=Decimal("9000.00"),
    currency="EUR",
    term_months=36,
    rate_pct=Decimal("7.90"),
    conditions=("salary assigned",),
    reason_text="Smaller amount fits",
    reasons=(Reason("C1-08", "f1", "Excessive obligations"),),
    person="M. Weber",
    role="underwriter",
    authority="authority 5.1: 15000 EUR",
    override=None,
    decided_at=datetime(2026, 10, 28, 10, 0, 0, 123456, tzinfo=UTC),
    first_opinion=OPINION,
)
BARE = replace(DECISION, amount=None, term_months=None, rate_pct=None, first_opinion=None, override="known customer")


@pytest.mark.parametrize("decision", [DECISION, BARE])
def test_the_last_decision_stands(open_folder: OpenFolder, add_case: AddCase, decision: Decision) -> None:
    def put(stores: Stores) -> Decision:
        case = add_case(stores)
        stores.decisions.put(case.id, replace(decision, outcome=Outcome.REFER))
        stores.decisions.put(case.id, decision)
        return decision

    everywhere(open_folder, put, lambda stores: stores.decisions.get("C-2026-000001"))


def test_a_first_opinion_is_kept(open_folder: OpenFolder, add_case: AddCase) -> None:
    def put(stores: Stores) -> FirstOpinion:
        stores.decisions.put_opinion(add_case(stores).id, OPINION)
        return OPINION

    everywhere(open_folder, put, lambda stores: stores.decisions.opinion("C-2026-000001"))


def test_a_case_without_any_of_it_has_none(workspace: StoredWorkspace, add_case: AddCase) -> None:
    with workspace.transaction() as stores:
        case = add_case(stores)
    with workspace.read() as stores:
        assert stores.policies.get(case.id) is None
        assert stores.reports.get(case.id) is None
        assert stores.decisions.get(case.id) is None
        assert stores.decisions.opinion(case.id) is None
        assert stores.findings.of_case(case.id) == []
        assert stores.transactions.of_case(case.id) == []
        assert stores.facts.current(case.id) == []
        assert stores.documents.of_case(case.id) == []


# -- events and settings


def test_the_chain_holds_over_transactions_and_sessions(open_folder: OpenFolder, add_case: AddCase) -> None:
    def put(stores: Stores) -> list[Event]:
        case = add_case(stores)
        stores.events.append("M. Weber", None, "workspace.opened", {})
        first = stores.events.append("M. Weber", case.id, "fact.corrected", {"old": "1.00", "名": ["x", None, True, 3]})
        second = stores.events.append("王芳", case.id, "decision.recorded", {"outcome": "refer"})
        assert second.previous == first.digest
        assert (first.seq, second.seq) == (2, 3)
        return [first, second]

    everywhere(open_folder, put, lambda stores: stores.events.of_case("C-2026-000001"))
    with open_folder().transaction() as stores:
        assert stores.events.append("M. Weber", None, "workspace.opened", {}).seq == 4
        assert stores.events.verify() is None


def test_an_empty_chain_holds(workspace: StoredWorkspace) -> None:
    with workspace.read() as stores:
        assert stores.events.verify() is None


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE events SET detail = '{\"n\":7}' WHERE seq = 3", 3),
        ("UPDATE events SET person = 'somebody' WHERE seq = 1", 1),
        ("UPDATE events SET case_id = 'C-2026-000001' WHERE seq = 2", 2),
        ("DELETE FROM events WHERE seq = 2", 2),
        ("UPDATE events SET seq = 9 - seq", 1),
        ("UPDATE events SET digest = previous WHERE seq = 4", 4),
        ("UPDATE events SET \"at\" = '2020-01-01T00:00:00+00:00' WHERE seq = 5", 5),
    ],
)
def test_tampering_is_found_at_its_place(workspace: StoredWorkspace, tampering: str, broken: int) -> None:
    with workspace.transaction() as stores:
        for number in range(5):
            stores.events.append("M. Weber", None, "settings.changed", {"n": number})
        assert stores.events.verify() is None
    with workspace._database.transaction() as tx:
        tx.execute(tampering)
    with workspace.read() as stores:
        assert stores.events.verify() == broken


def test_settings_are_kept_by_key(open_folder: OpenFolder) -> None:
    def put(stores: Stores) -> tuple[str, str]:
        stores.settings.put("theme", "light")
        stores.settings.put("theme", "dark")
        return ("dark", "en")

    everywhere(open_folder, put, lambda stores: (stores.settings.get("theme"), stores.settings.get("language", "en")))
