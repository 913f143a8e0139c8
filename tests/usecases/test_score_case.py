"""Scoring a case: which facts are used, what is computed first, what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.domain.facts import Fact, FactValue, Source, SourceKind, new_fact
from app.domain.score import score_inputs
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.errors import Cancelled, InputError
from app.ports import Stores
from app.usecases.score_case import ScoreRun, score_all, score_case
from tests.doubles import FixedClock, MemoryStores, MemoryWorkspace, load_catalogue
from tests.scorecards import a_bin, a_characteristic, a_document, small_document

CATALOGUE = load_catalogue()
CARD = read_scorecard(small_document())


def of_document(case_id: str, name: str, value: FactValue, *, confidence: str = "1", path: str = "$") -> Fact:
    source = Source(SourceKind.DOCUMENT, document="d" * 64, path=path)
    return new_fact(case_id, name, value, "years", source, confidence=Decimal(confidence))


def add_case(stores: Stores, **facts: FactValue) -> str:
    """A case with facts; ``__`` in a name stands for the dot."""
    case = stores.cases.add(
        reference="A-1",
        applicant="",
        product="instalment-loan",
        amount=None,
        currency="EUR",
        term_months=None,
        received_on=date(2026, 10, 28),
    )
    stores.facts.add([of_document(case.id, name.replace("__", "."), value) for name, value in facts.items()])
    return case.id


def ratio_card() -> Scorecard:
    bins = [a_bin(9, **{"from": None, "to": "80"}), a_bin(3, **{"from": "80", "to": None}), a_bin(1, missing=True)]
    return read_scorecard(a_document([a_characteristic("ratio.amount_to_income", "numeric", bins)]))


def test_the_score_names_the_facts_it_used_and_is_stored() -> None:
    workspace = MemoryWorkspace()
    with workspace.transaction() as stores:
        case_id = add_case(stores, employment__type="fixed", history__adverse_records=False)
        ids = {fact.name: fact.id for fact in stores.facts.current(case_id)}
        score = score_case(stores, case_id, CARD)
    assert [row.fact for row in score.characteristics] == [
        None,
        ids["employment.type"],
        ids["history.adverse_records"],
    ]
    assert score.points == 20 + 40 + 45
    with workspace.read() as stores:
        assert stores.scores.get(case_id) == score
        assert stores.cases.get(case_id).points == score.points


def test_facts_of_other_names_stay_out() -> None:
    with MemoryWorkspace().transaction() as stores:
        case_id = add_case(stores, employment__type="fixed", applicant__age=Decimal(30))
        bare = add_case(stores, employment__type="fixed")
        assert score_case(stores, case_id, CARD).points == score_case(stores, bare, CARD).points


def test_a_ratio_is_computed_and_kept_as_a_fact() -> None:
    with MemoryWorkspace().transaction() as stores:
        case_id = add_case(stores, request__amount=Decimal(8000), income__net_monthly_stated=Decimal(1290))
        score = score_case(stores, case_id, ratio_card())
        (row,) = score.characteristics
        assert row.fact is not None
        fact = stores.facts.get(row.fact)
        assert (fact.name, fact.value) == ("ratio.amount_to_income", Decimal("6.20"))
        assert {stores.facts.get(each).name for each in fact.source.inputs} == {"request.amount", "income.net_monthly"}
        assert all(each in {known.id for known in stores.facts.current(case_id)} for each in fact.source.inputs)


def test_scoring_twice_adds_no_facts_and_gives_the_same_score() -> None:
    with MemoryWorkspace().transaction() as stores:
        case_id = add_case(stores, request__amount=Decimal(8000), income__net_monthly_stated=Decimal(1290))
        first = score_case(stores, case_id, ratio_card())
        before = stores.facts.history(case_id)
        assert score_case(stores, case_id, ratio_card()) == first
        assert stores.facts.history(case_id) == before


@pytest.mark.parametrize("surest", ["0.9", "0.6"])
def test_of_two_readings_the_surer_counts(surest: str) -> None:
    with MemoryWorkspace().transaction() as stores:
        case_id = add_case(stores)
        name = "employment.seniority_years"
        stores.facts.add(
            [
                of_document(case_id, name, Decimal(1), confidence=surest, path="$.a"),
                of_document(case_id, name, Decimal(20), confidence="0.7", path="$.b"),
            ]
        )
        wanted = Decimal(1) if surest == "0.9" else Decimal(20)
        assert score_case(stores, case_id, CARD, CATALOGUE).points == score_inputs(CARD, {name: wanted}).points


def test_an_unknown_case_is_refused() -> None:
    with MemoryWorkspace().transaction() as stores, pytest.raises(InputError, match="C-2026-000009"):
        score_case(stores, "C-2026-000009", CARD)


def test_a_reference_will_do_for_the_id() -> None:
    with MemoryWorkspace().transaction() as stores:
        case_id = add_case(stores, employment__type="fixed")
        assert score_case(stores, "A-1", CARD) == stores.scores.get(case_id)


def test_a_fact_of_the_wrong_type_is_refused_and_nothing_stored() -> None:
    workspace = MemoryWorkspace()
    with workspace.transaction() as stores:
        case_id = add_case(stores, employment__seniority_years="twelve")
    with workspace.transaction() as stores, pytest.raises(InputError):
        score_case(stores, case_id, CARD)
    with workspace.read() as stores:
        assert stores.scores.get(case_id) is None


def score_each(document: Mapping[str, Any], stores: MemoryStores) -> int:
    ids = list(stores.cases.ids())
    for case_id in ids:
        score_case(stores, case_id, read_scorecard(document))
    return len(ids)


def test_all_cases_are_scored_in_one_transaction_with_an_event() -> None:
    workspace = MemoryWorkspace(scorer=score_each)
    with workspace.transaction() as stores:
        ids = [add_case(stores, employment__type="fixed"), add_case(stores)]
    before = workspace.transactions_committed
    run = score_all(workspace, CARD, clock=FixedClock(), person="Ada")
    assert run.scored == 2
    assert workspace.transactions_committed == before + 1
    with workspace.transaction() as stores:
        assert all(stores.scores.get(case_id) is not None for case_id in ids)
        added = stores.events.append("Ada", None, "test", {})
        assert added.seq == 2, "one event before this"


def test_cancelling_leaves_nothing() -> None:
    def cancel(document: Mapping[str, Any], stores: MemoryStores) -> int:
        score_each(document, stores)
        raise Cancelled

    workspace = MemoryWorkspace(scorer=cancel)
    with workspace.transaction() as stores:
        case_id = add_case(stores)
    with pytest.raises(Cancelled):
        score_all(workspace, CARD, clock=FixedClock())
    with workspace.read() as stores:
        assert stores.scores.get(case_id) is None


def test_what_a_run_reports() -> None:
    assert ScoreRun(4454, 0.25).to_json() == {"scored": 4454, "seconds": "0.250"}
