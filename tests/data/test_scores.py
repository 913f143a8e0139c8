"""Scores in a real workspace: all cases at once and one by one agree, whatever their facts come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.case import Case, Decision, Outcome, Status
from app.domain.facts import Fact, FactValue, Source, SourceKind, new_fact
from app.domain.score import Score, score_inputs
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import Cancelled, InputError
from app.ports import Stores, no_progress
from app.usecases.score_case import score_all, score_case
from data.catalogue import load_catalogue
from data.repositories import scores as scores_module
from data.scorecard_files import load_scorecard
from tests import credit_data
from tests.application_rows import put_application_rows
from tests.doubles import FixedClock
from tests.scorecards import small_document

if TYPE_CHECKING:
    from data.workspace import StoredWorkspace

AddCase = Callable[..., Case]
CATALOGUE = load_catalogue()
TABLE = "7" * 64


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return load_scorecard("credit-data", CATALOGUE)


def put_rows(
    workspace: StoredWorkspace, add_case: AddCase, rows: list[dict[str, Any]], units: Mapping[str, str] | None = None
) -> list[str]:
    """A table of applications, as an import stores it; returns the ids of its cases."""
    with workspace.transaction() as stores:
        ids = [add_case(stores, reference=f"T-{number}").id for number, _ in enumerate(rows, 2)]
        cells = {int(case_id[7:]): row for case_id, row in zip(ids, rows, strict=True)}
        headings = [(name, name, (units or {}).get(name)) for name in (rows[0] if rows else ())]
        document = TABLE if units is None else "8" * 64
        put_application_rows(stores._tx, CATALOGUE, cells, document=document, headings=headings)
    return ids


def of_document(case_id: str, name: str, value: FactValue, unit: str = "EUR") -> Fact:
    return new_fact(case_id, name, value, unit, Source(SourceKind.DOCUMENT, document="d" * 64, path=name))


def of_person(case_id: str, name: str, value: FactValue, unit: str = "EUR") -> Fact:
    return new_fact(case_id, name, value, unit, Source(SourceKind.PERSON, person="Ada"))


def add_folder(stores: Stores, add_case: AddCase, values: Mapping[str, FactValue], reference: str = "F-1") -> str:
    case = add_case(stores, reference=reference)
    stores.facts.add([of_document(case.id, name, value) for name, value in values.items()])
    return case.id


def one_by_one(workspace: StoredWorkspace, card: Scorecard, ids: list[str]) -> dict[str, Score]:
    """Scores by ``score_case``, in a transaction that is taken back."""
    found = {}
    with suppress(Cancelled), workspace.transaction() as stores:
        for case_id in ids:
            found[case_id] = score_case(stores, case_id, card, CATALOGUE)
        raise Cancelled
    return found


def in_bulk(workspace: StoredWorkspace, card: Scorecard) -> dict[str, Score]:
    with workspace.transaction() as stores:
        counted = stores.scores.score_all(card.document, no_progress)
        assert counted == stores.cases.count()
    with workspace.read() as stores:
        found = {case_id: stores.scores.get(case_id) for case_id in stores.cases.ids()}
    assert None not in found.values(), "no case is left out"
    return {case_id: score for case_id, score in found.items() if score is not None}


def essence(score: Score) -> tuple[Any, ...]:
    """The score but for the ids of facts."""
    reasons = tuple(row.name for row in score.reasons)
    points = tuple((row.name, row.bin, row.points) for row in score.characteristics)
    return score.sha256, score.points, score.pd, score.grade, points, reasons


def test_a_table_scores_as_the_reference(workspace: StoredWorkspace, add_case: AddCase, card: Scorecard) -> None:
    rows = [credit_data.facts_of(line) for line in credit_data.lines()[:250]]
    ids = put_rows(workspace, add_case, rows)
    found = in_bulk(workspace, card)
    assert {case_id: essence(score) for case_id, score in found.items()} == {
        case_id: essence(score_inputs(card, row)) for case_id, row in zip(ids, rows, strict=True)
    }


def test_every_kind_of_case_scores_alike_in_bulk_and_alone(
    workspace: StoredWorkspace, add_case: AddCase, card: Scorecard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, corrected rows, rows with computed facts, folders and a case without a fact, over several statements."""
    monkeypatch.setattr(scores_module, "ROWS_A_STATEMENT", 7)
    monkeypatch.setattr(scores_module, "BATCH", 3)
    rows = [credit_data.facts_of(line) for line in credit_data.lines()[:20]]
    ids = put_rows(workspace, add_case, rows)
    with workspace.transaction() as stores:
        stores.facts.add([of_person(ids[1], "request.amount", Decimal("1999.995"))])
        stores.facts.add([of_person(ids[2], "employment.type", "parttime", "category")])
        stores.facts.add([of_person(ids[3], "history.adverse_records", True, "boolean")])
        stores.facts.add([of_document(ids[4], "income.net_monthly_documented", Decimal("350"))])
        score_case(stores, ids[5], card)  # leaves computed facts behind
        stores.facts.retire(ids[6], [fact.id for fact in stores.facts.current(ids[6]) if fact.name == "assets.total"])
        ids.append(add_folder(stores, add_case, rows[0] | {"income.net_monthly_banked": Decimal("900.10")}))
        ids.append(add_folder(stores, add_case, {}, "F-2"))
        ids.append(add_folder(stores, add_case, {"employment.seniority_years": Decimal("1e12")}, "F-3"))
        ids.append(add_folder(stores, add_case, {"employment.seniority_years": Decimal("1.995")}, "F-4"))
    alone = one_by_one(workspace, card, ids)
    found = in_bulk(workspace, card)
    assert {case_id: essence(score) for case_id, score in found.items()} == {
        case_id: essence(score) for case_id, score in alone.items()
    }
    as_imported = {case_id: essence(score_inputs(card, row)) for case_id, row in zip(ids, rows, strict=False)}
    changed = {case_id for case_id, before in as_imported.items() if essence(found[case_id]) != before}
    assert changed >= {ids[2], ids[3], ids[6]}, "corrections and retirements reach the score"


def test_amounts_in_several_currencies_make_no_ratio(
    workspace: StoredWorkspace, add_case: AddCase, card: Scorecard
) -> None:
    rows = [credit_data.facts_of(credit_data.lines()[0])]
    ids = put_rows(workspace, add_case, rows, {"request.goods_price": "SEK"})
    (score,) = in_bulk(workspace, card).values()
    bins = {row.name: row.bin for row in score.characteristics}
    assert bins["ratio.financed_pct"] == "missing"
    assert bins["ratio.free_income_cover"] != "missing"
    assert essence(score) == essence(one_by_one(workspace, card, ids)[ids[0]])


def test_one_currency_throughout_is_no_obstacle(workspace: StoredWorkspace, add_case: AddCase, card: Scorecard) -> None:
    rows = [credit_data.facts_of(credit_data.lines()[0])]
    money = [name for name in rows[0] if CATALOGUE[name].kind.value == "money"]
    put_rows(workspace, add_case, rows, dict.fromkeys(money, "SEK"))
    (score,) = in_bulk(workspace, card).values()
    assert essence(score) == essence(score_inputs(card, rows[0]))


def test_a_score_in_bulk_names_the_facts_behind_it(
    workspace: StoredWorkspace, add_case: AddCase, card: Scorecard
) -> None:
    (case_id,) = put_rows(workspace, add_case, [credit_data.facts_of(credit_data.lines()[0])])
    score = in_bulk(workspace, card)[case_id]
    with workspace.read() as stores:
        known = {fact.id: fact.name for fact in stores.facts.current(case_id)}
    named = {row.name: known[row.fact] for row in score.characteristics if row.fact is not None}
    assert named == {name: name for name in card.names if not name.startswith("ratio.")}


def test_the_head_of_the_case_shows_the_score(workspace: StoredWorkspace, add_case: AddCase, card: Scorecard) -> None:
    (case_id,) = put_rows(workspace, add_case, [credit_data.facts_of(credit_data.lines()[0])])
    score = in_bulk(workspace, card)[case_id]
    with workspace.read() as stores:
        head = stores.cases.get(case_id)
    assert (head.points, head.pd, head.grade) == (score.points, score.pd, score.grade)


def test_one_score_a_case_whichever_came_last(workspace: StoredWorkspace, add_case: AddCase, card: Scorecard) -> None:
    (case_id,) = put_rows(workspace, add_case, [credit_data.facts_of(credit_data.lines()[0])])
    with workspace.transaction() as stores:
        alone = score_case(stores, case_id, card)
        assert stores.scores.get(case_id) == alone
    with workspace.read() as stores:
        assert stores.scores.get(case_id) == alone
    assert essence(in_bulk(workspace, card)[case_id]) == essence(alone)
    with workspace.transaction() as stores:
        score_case(stores, case_id, card)
    with workspace.read() as stores:
        assert stores._tx.rows("SELECT count(*) FROM scores") == [(1,)]
        assert stores.scores.get(case_id) == alone


def decide(stores: Stores, case_id: str, outcome: Outcome, status: Status) -> None:
    decision = Decision(
        outcome=outcome,
        amount=None,
        currency="EUR",
        term_months=None,
        rate_pct=None,
        conditions=(),
        reason_text="Enough.",
        reasons=(),
        person="Ada",
        role="underwriter",
        authority="authority 5.1",
        override=None,
        decided_at=datetime(2026, 10, 28, tzinfo=UTC),
    )
    stores.decisions.put(case_id, decision)
    stores.cases.set_status(case_id, status)


def test_a_case_decided_for_good_keeps_the_score_it_was_judged_by(
    workspace: StoredWorkspace, add_case: AddCase, card: Scorecard
) -> None:
    ids = put_rows(workspace, add_case, [credit_data.facts_of(line) for line in credit_data.lines()[:5]])
    before = in_bulk(workspace, card)
    with workspace.transaction() as stores:
        decide(stores, ids[0], Outcome.APPROVE, Status.DECIDED)
        decide(stores, ids[1], Outcome.REFER, Status.DECIDED)  # still open
        decide(stores, ids[2], Outcome.REFER, Status.DECIDED)
        decide(stores, ids[2], Outcome.DECLINE, Status.SIGNED)
    other = read_scorecard(small_document())
    with workspace.transaction() as stores:
        assert stores.scores.score_all(other.document, no_progress) == 3
        assert score_case(stores, ids[0], other) == before[ids[0]]
    with workspace.read() as stores:
        after = {case_id: stores.scores.get(case_id) for case_id in ids}
    assert {case_id: score.scorecard for case_id, score in after.items() if score} == {
        case_id: card.name if case_id in (ids[0], ids[2]) else other.name for case_id in ids
    }
    assert [after[ids[0]], after[ids[2]]] == [before[ids[0]], before[ids[2]]]


def test_an_unscored_case_has_no_score(workspace: StoredWorkspace, add_case: AddCase) -> None:
    with workspace.transaction() as stores:
        case_id = add_folder(stores, add_case, {})
        assert stores.scores.get(case_id) is None


def test_a_scorecard_of_facts_no_table_holds_scores_them_missing(workspace: StoredWorkspace, add_case: AddCase) -> None:
    document = small_document()
    document["characteristics"] = document["characteristics"][:1]
    document["characteristics"][0]["name"] = "cashflow.overdraft_days"
    put_rows(workspace, add_case, [{"employment.type": "fixed"}])
    (score,) = in_bulk(workspace, read_scorecard(document)).values()
    assert score.characteristics[0].bin == "missing"


def test_an_empty_workspace_scores_nothing(workspace: StoredWorkspace, card: Scorecard) -> None:
    assert in_bulk(workspace, card) == {}


def test_inputs_are_current_facts_and_what_follows_from_them(workspace: StoredWorkspace, add_case: AddCase) -> None:
    with workspace.transaction() as stores:
        case_id = add_folder(stores, add_case, {"request.amount": Decimal(8000), "request.goods_price": Decimal(16000)})
        names = ["ratio.financed_pct", "request.amount", "assets.total"]
        assert stores.scores.inputs(case_id, names) == {
            "ratio.financed_pct": Decimal("50.00"),
            "request.amount": Decimal(8000),
            "assets.total": None,
        }


def test_cancelling_leaves_the_scores_as_they_were(
    workspace: StoredWorkspace, add_case: AddCase, card: Scorecard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores_module, "ROWS_A_STATEMENT", 5)
    put_rows(workspace, add_case, [credit_data.facts_of(line) for line in credit_data.lines()[:20]])
    before = in_bulk(workspace, card)
    steps = []

    def cancel(done: int, total: int | None, what: str) -> None:
        steps.append((done, total))
        if done >= 10:
            raise Cancelled

    other = small_document()
    with pytest.raises(Cancelled), workspace.transaction() as stores:
        stores.scores.score_all(other, cancel)
    assert steps == [(0, 20), (5, 20), (10, 20)]
    with workspace.read() as stores:
        assert {case_id: stores.scores.get(case_id) for case_id in before} == before


def test_a_fact_of_the_wrong_type_names_case_and_fact(
    workspace: StoredWorkspace, add_case: AddCase, card: Scorecard
) -> None:
    with workspace.transaction() as stores:
        case_id = add_folder(stores, add_case, {"employment.seniority_years": "twelve"})
    with pytest.raises(InputError, match=case_id) as caught, workspace.transaction() as stores:
        stores.scores.score_all(card.document, no_progress)
    assert caught.value.field == "employment.seniority_years"


def test_a_prohibited_scorecard_scores_nobody(workspace: StoredWorkspace, add_case: AddCase) -> None:
    put_rows(workspace, add_case, [credit_data.facts_of(credit_data.lines()[0])])
    document = small_document()
    document["characteristics"][0]["name"] = "applicant.age"
    with pytest.raises(InputError, match="prohibited"), workspace.transaction() as stores:
        stores.scores.score_all(document, no_progress)


def test_the_use_case_reports_and_leaves_an_event(
    workspace: StoredWorkspace, add_case: AddCase, card: Scorecard
) -> None:
    put_rows(workspace, add_case, [credit_data.facts_of(line) for line in credit_data.lines()[:3]])
    run = score_all(workspace, card, clock=FixedClock(), person="Ada")
    assert run.scored == 3
    assert run.seconds > 0
    with workspace.read() as stores:
        (event,) = stores._tx.rows("SELECT person, what, detail FROM events")
        assert stores.events.verify() is None
    assert event[:2] == ("Ada", "cases.scored")
    assert card.sha256 in event[2]
