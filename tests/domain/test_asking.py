"""Questions in plain words: what they want, which facts and which passages answer them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.asking.fact_answers import rank_facts
from app.domain.asking.passage_answers import coverage, rank_passages, terms_asked
from app.domain.asking.passages import Passage, passages_of_lines, passages_of_page, passages_of_rows
from app.domain.asking.question import Want, understand
from app.domain.asking.terms import terms_of
from app.domain.facts import Source, SourceKind, new_fact
from app.domain.layout import Page, Word
from data.asking_words import load_ask_words
from data.catalogue import load_catalogue

WORDS = load_ask_words()


@pytest.mark.parametrize(
    ("text", "want", "topic"),
    [
        ("What does she earn per month?", Want.WHAT, "income"),
        ("每月工资多少", Want.MUCH, "income"),
        ("When does the identity card expire?", Want.WHEN, "expiry"),
        ("Any late payments?", Want.WHETHER, "late"),
        ("有没有逾期记录？", Want.WHETHER, "late"),
        ("How many enquiries were there?", Want.COUNT, "enquiries"),
        ("Who is the employer?", Want.WHO, "employer"),
        ("申请人在哪里工作？", Want.WHERE, "employer"),
    ],
)
def test_a_question_tells_what_it_wants_and_what_it_is_about(text: str, want: Want, topic: str) -> None:
    question = understand(text, WORDS)
    assert question.want is want
    assert question.topics == (topic,)
    assert not question.left


@pytest.mark.parametrize("text", ["How old is she?", "Is she married?", "申请人是哪国人？", "他多大了？"])
def test_a_prohibited_basis_is_told(text: str) -> None:
    assert understand(text, WORDS).basis is not None


@pytest.mark.parametrize("text", ["How old is the oldest account?", "Is there health insurance?", "账龄多大？"])
def test_words_of_a_basis_may_mean_another_thing(text: str) -> None:
    assert understand(text, WORDS).basis is None


def test_the_applicants_name_goes_without_saying() -> None:
    asked = "What does Ada Byron earn at Orion?"
    assert set(understand(asked, WORDS, known=("Ada Byron",)).left) == {"orion"}


def test_figures_are_compared_however_they_are_written() -> None:
    assert terms_of("3,450.00 EUR") == terms_of("3450 eur")
    assert terms_of("实发工资") == ["实发", "发工", "工资"]


def test_a_question_in_a_talk_goes_with_its_answer() -> None:
    lines = ["Officer: Any other loans?", "Applicant: One, with Vest.", "Officer: Thank you."]
    assert [each.text for each in passages_of_lines("d", lines)] == [" ".join(lines[:2]), lines[2]]


def test_an_object_of_json_is_one_passage_under_its_key() -> None:
    lines = ["{", '  "accounts": [', "    {", '      "lender": "Vest",', '      "type": "card"', "    },", "  ]", "}"]
    (found,) = passages_of_lines("d", lines)
    assert found.text == '"lender": "Vest", "type": "card"'
    assert found.row == 4
    assert "account" in found.terms


def test_rows_of_a_table_are_found_by_their_headings() -> None:
    (found,) = passages_of_rows("d", ("Lender", "Balance"), [("Vest", "12")], (7,))
    assert (found.text, found.row) == ("Vest · 12", 7)
    assert "lender" in found.terms


def _line(text: str, top: float) -> list[Word]:
    return [Word(word, (40.0 * at, top, 40.0 * at + 38, top + 10), 1) for at, word in enumerate(text.split())]


def test_lines_of_a_page_keep_their_boxes_and_broken_sentences_are_joined() -> None:
    words = (
        _line("The tenancy that was agreed upon ends", 10) + _line("in spring of the year.", 22) + _line("Total 12", 80)
    )
    first, second = passages_of_page("d", Page(1, 600, 800, tuple(words)))
    assert first.text == "The tenancy that was agreed upon ends in spring of the year."
    assert first.box == (0.0, 10.0, 278.0, 32.0)
    assert second.text == "Total 12"


def test_a_passage_must_say_all_that_is_asked_for() -> None:
    passage = Passage("d", "Applicant: I moved to part-time work in September.")
    assert coverage(understand("When did she move to part-time work?", WORDS), passage, WORDS) == 1
    wanted = understand("When did she move to Lisbon for part-time work?", WORDS)
    assert not rank_passages(wanted, [(passage, 1.0, 0.0)], WORDS)


def test_a_time_is_not_answered_by_a_passage_without_one() -> None:
    question = understand("When will the employer send the letter?", WORDS)
    told = Passage("d", "The employer will send a letter in March.")
    untold = Passage("d", "The employer will send a letter.")
    assert [each.passage for each in rank_passages(question, [(untold, 9.0, 0.0), (told, 1.0, 0.0)], WORDS)] == [told]


def test_a_chinese_question_looks_for_english_words_too() -> None:
    assert {"mortgag", "房贷"} <= set(terms_asked(understand("有没有房贷？", WORDS), WORDS))


def test_a_fact_does_not_answer_for_a_name_it_does_not_know() -> None:
    catalogue = load_catalogue()
    source = Source(SourceKind.PERSON, person="A. Lind")
    employer = new_fact("C-1", "employment.employer", "Orion AB", "text", source)
    seniority = new_fact("C-1", "employment.seniority_years", Decimal("8.5"), "years", source)

    def told(text: str) -> list[str]:
        ranked = rank_facts(understand(text, WORDS), [employer, seniority], WORDS, catalogue)
        return [each.fact.name for each in ranked][:1]

    assert told("Does she work at Orion?") == ["employment.employer"]
    assert told("Does she work at Siemens?") == []
    assert told("How long has she worked there?") == ["employment.seniority_years"]


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("How long has she been living at this place?", ("address_time",)),
        ("她在这个小区住了有多久？", ("address_time",)),
        ("How long has she been with her employer?", ("seniority",)),
        ("How long is the employer known?", ("seniority",)),
        ("Who is the employer?", ("employer",)),
        ("工资是哪一天发的？", ("pay_date",)),
        ("How many times did debits bounce?", ("returned",)),
    ],
)
def test_phrases_may_have_gaps_and_a_topic_turns_with_what_is_wanted(text: str, topics: tuple[str, ...]) -> None:
    assert understand(text, WORDS).topics == topics


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("What is the mileage of the used car?", "mileag"),
        ("What notice period does she have at Orion?", "period"),
        ("Which school do her children attend?", "school"),
        ("What is the interest rate?", None),
        ("What amount does she ask for?", None),
        ("Does she have a boat?", None),
    ],
)
def test_what_is_asked_for_by_its_own_name_is_found(text: str, head: str | None) -> None:
    assert understand(text, WORDS).head == head


def test_a_passage_that_lacks_the_thing_asked_for_or_repeats_the_question_is_none() -> None:
    echo = Passage("d", "Orion Logistics AB")
    told = Passage("d", "Orion Logistics AB, notice period three months")
    wanted = understand("What notice period does she have at Orion Logistics?", WORDS)
    assert [each.passage for each in rank_passages(wanted, [(echo, 9.0, 9.0), (told, 1.0, 0.0)], WORDS)] == [told]


def test_what_is_asked_of_somebody_else_is_not_answered_of_the_applicant() -> None:
    catalogue = load_catalogue()
    debt = new_fact("C-1", "debt.outstanding", Decimal("5200"), "EUR", Source(SourceKind.PERSON, person="A. Lind"))
    assert rank_facts(understand("How much debt does she have?", WORDS), [debt], WORDS, catalogue)
    assert not rank_facts(understand("How much debt does her brother have?", WORDS), [debt], WORDS, catalogue)
    assert not rank_facts(understand("她父母的债务有多少？", WORDS), [debt], WORDS, catalogue)


def test_a_plain_sign_within_a_strange_word_is_part_of_it() -> None:
    assert sum(understand("她在支付宝花呗上欠多少？", WORDS).left.values()) >= 1


def test_meaning_stands_for_half_of_the_words_but_for_no_name() -> None:
    passage = Passage("d", "The vessel lies in the harbour of Lisbon.")
    near = understand("Where does the ship lie in Lisbon harbour?", WORDS)
    assert rank_passages(near, [(passage, 1.0, 5.0)], WORDS)
    assert not rank_passages(near, [(passage, 1.0, 1.0)], WORDS)
    other = understand("Where does the ship lie in Porto harbour?", WORDS)
    assert not rank_passages(other, [(passage, 1.0, 5.0)], WORDS)
