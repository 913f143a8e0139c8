"""Computed facts: what stays, what is new, what is stale, and which of several facts is used."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.domain.derivation import Derivation, by_name
from app.domain.facts import Fact, Source, SourceKind, new_fact
from app.domain.ratios import RATIO_BY_NAME
from tests.underwriting import CATALOGUE

FORM = Source(SourceKind.DOCUMENT, document="f" * 64)


def read(name: str, value: str, source: Source = FORM, unit: str = "EUR", **keywords: object) -> Fact:
    return new_fact("C-1", name, Decimal(value), unit, source, **keywords)  # type: ignore[arg-type]


def derivation(*current: Fact, past: tuple[str, ...] = ()) -> Derivation:
    return Derivation("C-1", "EUR", CATALOGUE, current, past)


INCOME = read("income.net_monthly_stated", "3000.00")


def used(facts: Derivation) -> Fact:
    return facts.put_money("income.net_monthly", facts["income.net_monthly_stated"].value, "stated", [INCOME.name])


def test_a_new_fact_names_its_inputs_by_id() -> None:
    facts = derivation(INCOME)
    made = used(facts)
    assert made.source.inputs == (INCOME.id,)
    assert (facts.new, facts.stale) == ([made], ())


def test_what_comes_out_the_same_is_kept() -> None:
    made = used(derivation(INCOME))
    again = derivation(INCOME, made)
    assert used(again) is made
    assert (again.new, again.stale) == ([], ())


def test_a_confirmed_fact_is_kept_with_its_confirmation() -> None:
    made = used(derivation(INCOME))
    confirmed = replace(made, id="f-confirmed", confirmed_by="U", supersedes=made.id)
    again = derivation(INCOME, confirmed)
    assert used(again) is confirmed
    assert again.new == []


def test_what_comes_out_otherwise_supersedes() -> None:
    made = used(derivation(INCOME))
    other = read("income.net_monthly_stated", "2000.00")
    again = derivation(other, made)
    newer = used(again)
    assert (newer.value, newer.supersedes) == (Decimal("2000.00"), made.id)
    assert again.stale == ()


def test_what_no_longer_comes_out_is_stale() -> None:
    made = used(derivation(INCOME))
    assert derivation(INCOME, made).stale == (made.id,)


def test_a_value_that_comes_back_gets_another_id_than_in_the_history() -> None:
    made = used(derivation(INCOME))
    back = derivation(INCOME, past=(made.id,))
    again = used(back)
    assert again.id != made.id
    assert again.supersedes == made.id
    twice = used(derivation(INCOME, past=(made.id, again.id)))
    assert twice.id not in (made.id, again.id)


def test_a_persons_fact_is_never_computed_over() -> None:
    word = read("income.net_monthly", "1.00", Source(SourceKind.PERSON, person="U"))
    facts = derivation(INCOME, word)
    assert used(facts) is word
    assert facts.new == []


def test_a_document_cannot_state_what_is_computed() -> None:
    claimed, ratio = read("income.net_monthly", "9999.00"), read("ratio.dsr_after_pct", "1.00", unit="percent")
    facts = derivation(INCOME, claimed, ratio)
    assert "ratio.dsr_after_pct" not in facts
    made = used(facts)
    assert made.value == Decimal("3000.00")
    assert by_name([claimed, made], CATALOGUE)["income.net_monthly"] is made


def test_the_fact_to_use_is_a_persons_then_confirmed_then_surer_then_cautious() -> None:
    plain_high = read("income.net_monthly_documented", "3000.00")
    plain_low = read("income.net_monthly_documented", "2500.00")
    unsure = read("income.net_monthly_documented", "1000.00", confidence=Decimal("0.8"))
    confirmed = read("income.net_monthly_documented", "2800.00", confirmed_by="U")
    person = read("income.net_monthly_documented", "2900.00", Source(SourceKind.PERSON, person="U"))
    ranked = [person, confirmed, plain_low, plain_high, unsure]
    for start in range(len(ranked)):
        assert by_name(reversed(ranked[start:]), CATALOGUE)[person.name] is ranked[start]


def test_of_debts_the_larger_is_the_cautious_one() -> None:
    low, high = read("debt.instalments_stated", "100.00"), read("debt.instalments_stated", "200.00")
    assert by_name([low, high], CATALOGUE)["debt.instalments_stated"] is high


def test_ratios_need_all_inputs_in_one_currency() -> None:
    amount, price = read("request.amount", "8000.00"), read("request.goods_price", "10000.00")
    ratio = RATIO_BY_NAME["ratio.financed_pct"]
    assert derivation(amount).put_ratio(ratio) is None
    assert derivation(amount, read("request.goods_price", "10000.00", unit="SEK")).put_ratio(ratio) is None
    made = derivation(amount, price).put_ratio(ratio)
    assert made is not None
    assert (made.value, made.unit) == (Decimal("80.00"), "percent")


def test_money_in_another_currency_is_no_amount() -> None:
    facts = derivation(read("assets.total", "5.00", unit="SEK"))
    assert facts.amount("assets.total") is None
    assert facts.amount("debt.outstanding") is None


def test_confidence_is_that_of_the_weakest_input() -> None:
    unsure = replace(INCOME, confidence=Decimal("0.7"))
    assert used(derivation(unsure)).confidence == Decimal("0.7")
