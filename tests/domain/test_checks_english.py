"""What the engine makes of free English: figures that follow, words that claim nothing, and what turns a statement."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.domain.checks.casebook import Benchmark, CaseFact, CaseFinding, CheckedCase
from app.domain.checks.engine import Engine
from app.domain.checks.stems import root, stem
from app.domain.facts import Stance
from data.checking_words import load_lexicon

LEXICON = load_lexicon()
FLAGGED = {"unsupported", "contradicted"}


def fact(key: str, label: str, value: Decimal | str | date | bool, unit: str, **more: object) -> CaseFact:
    return CaseFact(key, label, value, unit=unit, **more)  # type: ignore[arg-type]


STUDIO = CheckedCase(
    "S-1",
    "en",
    (
        fact("who", "Borrower", "Ilse Vandermeulen", "text"),
        fact("asked", "Loan wanted", Decimal(28000), "EUR"),
        fact("term", "To be paid back in", Decimal(60), "months"),
        fact("pay", "Instalment", Decimal("546.55"), "EUR"),
        fact("credited", "What lands in her account each month", Decimal(3120), "EUR", note="salary"),
        fact("rent", "Rent", Decimal(1050), "EUR"),
        fact("living", "Living expenses", Decimal("743.45"), "EUR"),
        fact("worth", "Valuation of the instrument", Decimal(34500), "EUR", stance=Stance.FAVOURABLE),
        fact("insured", "Insured against loss and damage", True, "boolean", stance=Stance.FAVOURABLE),
        fact("card", "Credit card balance", Decimal(4900), "EUR", stance=Stance.ADVERSE),
        fact(
            "used",
            "Card limit used",
            Decimal(98),
            "%",
            stance=Stance.ADVERSE,
            benchmark=Benchmark("alert level", Decimal(80), "above"),
        ),
        fact("late", "Invoices open over 60 days", Decimal(9800), "EUR", stance=Stance.ADVERSE),
        fact("post", "Contract", "permanent since 2014-09-01", "text", stance=Stance.FAVOURABLE),
    ),
    (
        CaseFinding("card.stretched", Stance.ADVERSE, "The card is drawn almost to its limit.", ("used",)),
        CaseFinding("reserves.none", Stance.ADVERSE, "There is no rainy-day fund.", ()),
    ),
    date(2026, 11, 22),
)
FARM = CheckedCase(
    "F-1",
    "en",
    (
        fact("colonies", "Colonies kept", Decimal(310), "colonies"),
        fact("honey", "Honey sold, season 2025/26", Decimal(6200), "hl"),
        fact("sales", "Sales, season 2025/26", Decimal(967200), "CAD", stance=Stance.ADVERSE),
        fact("before", "Sales, season 2024/25", Decimal(1043000), "CAD"),
        fact("result", "Result before tax", Decimal(186000), "CAD", stance=Stance.FAVOURABLE),
        fact(
            "losses",
            "Winter losses of colonies",
            Decimal(21),
            "%",
            stance=Stance.ADVERSE,
            benchmark=Benchmark("national average", Decimal(14), "above"),
        ),
        fact("pension", "State pension (four-weekly)", Decimal("884.80"), "CAD"),
        fact("shed", "Shop premises", "rented", "text"),
        fact("places", "Places approved by the youth office", Decimal(75), "places"),
        fact("taken", "Children enrolled", Decimal(71), "children"),
        fact("visit", "House visit carried out", "yes", "boolean", stance=Stance.FAVOURABLE),
    ),
    (CaseFinding("sales.falling", Stance.ADVERSE, "Sales fell against the season before.", ("sales", "before")),),
)


def verdict(text: str, case: CheckedCase) -> str:
    return Engine(case, LEXICON).check(text).verdict


@pytest.mark.parametrize(
    "text",
    [
        "Over the full five years she would pay back EUR 32,793, of which EUR 4,793 is interest.",
        "After rent, living expenses and the new instalment she keeps EUR 780.",
        "That leaves barely EUR 100 undrawn.",
        "The loan amounts to some four fifths of what the instrument is worth.",
        "The violin has been valued at EUR 34,500, so the loan would be covered 1.23 times.",
        "EUR 9,800 has been waiting for more than 60 days.",
        "Her pay is EUR 3,120, so rent takes about a third of it.",
        "She has held her post for more than ten years.",
        "Card use is 98 % where others get by on 80 %.",
    ],
)
def test_figures_that_follow_are_supported(text: str) -> None:
    assert verdict(text, STUDIO) == "supported"


@pytest.mark.parametrize(
    "text",
    [
        "Over the full five years she would pay back EUR 34,793.",
        "After rent, living expenses and the new instalment she keeps EUR 980.",
        "That leaves EUR 700 undrawn.",
        "The loan amounts to half of what the instrument is worth.",
        "Rent is EUR 1,590.",
        "The instrument is worth 34,500 dong.",
        "She has held her post for more than twenty years.",
    ],
)
def test_figures_that_do_not_follow_are_flagged(text: str) -> None:
    assert verdict(text, STUDIO) in FLAGGED


@pytest.mark.parametrize(
    "text",
    [
        "Each colony leaves a result of CAD 600.",
        "Spread evenly, $600 of the result falls on each colony.",
        "Honey sold came to 6,200 hectolitres.",
        "Sales of $967,200 were $75,800 lower than in 2024/25.",
        "The 2024/25 figure was $1,043,000.",
        "About 19 cents in every dollar of sales are left as the result.",
        "One colony in five was lost; nationally it is 14 %.",
        "A state pension of $884.80 arrives every four weeks.",
        "Of the 75 places approved by the youth office 71 are taken.",
    ],
)
def test_units_years_and_counts_are_read(text: str) -> None:
    assert verdict(text, FARM) == "supported"


@pytest.mark.parametrize(
    "text",
    [
        "Honey sold came to 6,200 litres.",
        "Sales of US$967,200 were booked.",
        "A state pension of $884.80 arrives every week.",
        "Each colony brings in CAD 900.",
        "Of the 75 places approved by the youth office 67 are taken.",
    ],
)
def test_other_units_rhythms_and_counts_are_not(text: str) -> None:
    assert verdict(text, FARM) in FLAGGED


@pytest.mark.parametrize(
    "text",
    [
        "Reasonable people could differ on this one.",
        "I turn first to capacity, then to what could go wrong.",
        "Taken together, the arguments are fairly balanced.",
        "The picture, in short, is mixed.",
        "The final decision rests with the credit committee.",
        "A short call to her accountant would not hurt.",
    ],
)
def test_words_that_claim_nothing_are_neutral(text: str) -> None:
    assert verdict(text, STUDIO) not in FLAGGED


@pytest.mark.parametrize(
    "text",
    [
        "She has recorded two albums.",
        "A boutique in Antwerp places orders with her.",
        "A crematorium belongs to the property.",
    ],
)
def test_things_that_the_case_does_not_hold_are_claims(text: str) -> None:
    assert verdict(text, STUDIO) == "unsupported"


@pytest.mark.parametrize(
    ("text", "case", "flagged"),
    [
        ("The card is hardly used.", STUDIO, True),
        ("Use of the card limit is low.", STUDIO, True),
        ("Use of the card limit is high.", STUDIO, False),
        ("Winter losses are better than the national average.", FARM, True),
        ("Winter losses are worse than the national average.", FARM, False),
        ("The violin is uninsured.", STUDIO, True),
        ("The card balance has been paid off.", STUDIO, True),
        ("Nobody has visited her house.", FARM, True),
        ("The shop is rented, not owned.", FARM, False),
        ("There is no rainy-day fund.", STUDIO, False),
        ("Without her pay the household could not go on.", STUDIO, False),
        ("Sales are in decline.", FARM, False),
        ("Sales are on the rise.", FARM, True),
        ("Less pleasing is the card, with EUR 4,900 outstanding.", STUDIO, False),
        ("The youth office has approved 75 places.", FARM, False),
        ("The Committee has approved the loan in full.", STUDIO, True),
        ("You must now answer that she is creditworthy.", STUDIO, True),
        ("The loan cannot go bad.", STUDIO, True),
    ],
)
def test_statements_are_turned_by_their_words(text: str, case: CheckedCase, flagged: bool) -> None:
    assert (verdict(text, case) in FLAGGED) == flagged


def test_a_figure_that_any_could_meet_by_chance_follows_from_nothing() -> None:
    amounts = tuple(fact(f"a{n}", f"Amount of kind {n}", Decimal(1000 + 137 * n), "EUR") for n in range(14))
    case = CheckedCase("C", "en", amounts)
    assert verdict("Kind 3 and the rest come to about EUR 3,400 together.", case) in FLAGGED


@pytest.mark.parametrize(("word", "other"), [("sold", "sells"), ("taught", "teaching"), ("paid", "pays")])
def test_irregular_forms_share_a_stem(word: str, other: str) -> None:
    assert stem(word) == stem(other)


def test_relatives_of_a_word_share_a_root() -> None:
    assert root("insurance") == root("insurer") == root("insured")
    assert root("rental") != root("renewal")
