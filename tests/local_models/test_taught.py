"""What the adapter is asked for: which sentences, with which notes, under which grammar."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from app.domain.facts import Stance
from app.domain.plan import SentencePlan, Slot
from app.wording_ports import WordingRequest
from local_models.drafting import TaughtStyle
from local_models.grammar import Ways, named_grammar
from local_models.wording.material import material

STYLE = TaughtStyle()
LABELS = {"ratio": "share of income", "limit": "policy limit"}
KINDS = {"ratio": "percent", "limit": "percent"}


def plan(relation: str = "exceeds", *names: str, **more: object) -> SentencePlan:
    slots = tuple(Slot(name, f"f-{name}") for name in names or ("ratio", "limit"))
    base = SentencePlan(
        key="affordability",
        section="capacity",
        relation=relation,
        stance=Stance.ADVERSE,
        slots=slots,
        findings=("f",),
        clause=None,
        rule_text="",
        subject="instalments against the limit",
    )
    return replace(base, **more)  # type: ignore[arg-type]


def asked(sentence: SentencePlan, language: str = "en", **kinds: str) -> WordingRequest | None:
    return STYLE.request(sentence, LABELS, language, KINDS | kinds)


def rule(grammar: str, name: str) -> str:
    found = re.search(rf"^{name} ::= (.*)$", grammar, re.MULTILINE)
    assert found is not None
    return found.group(1)


def test_a_comparison_is_asked_of_the_adapter_with_names_and_kinds_and_no_value() -> None:
    request = asked(plan(frame="<Instalments|They> take {ratio}, above the limit of {limit}.", taught=True))
    assert request is not None
    assert (request.adapted, request.together) == (True, True)
    assert "[A] percent: share of income; [B] percent: policy limit" in request.prompt
    assert "against" in request.prompt
    assert request.prompt[: request.shared] == "<|im_start|>user\n"


@pytest.mark.parametrize(("relation", "names"), [("is", ("ratio",)), ("exceeds", ("ratio", "limit"))])
def test_a_phrase_with_a_frame_stays_with_it_unless_it_says_otherwise(relation: str, names: tuple[str, ...]) -> None:
    framed = asked(plan(relation, *names, frame="<It|The share> is {ratio}."))
    assert framed is not None
    assert not framed.adapted
    bare = asked(plan(relation, *names))
    assert bare is not None
    assert bare.adapted


@pytest.mark.parametrize(
    "sentence",
    [
        plan("absent", "ratio"),
        plan("is", "ratio", "limit"),
        plan("is", "ratio", section="policy"),
        plan("is", "ratio", section="recommendation"),
    ],
)
def test_what_says_more_than_its_values_keeps_the_rule(sentence: SentencePlan) -> None:
    assert asked(sentence) is None


def test_only_the_language_of_the_adapter_and_values_of_known_kinds_are_asked_for() -> None:
    assert asked(plan(), "zh") is None
    assert asked(plan(), ratio="") is None
    assert asked(plan(), ratio="things") is None


def test_names_stand_word_for_word_beside_their_marks() -> None:
    request = asked(plan())
    assert request is not None
    root = rule(request.grammar, "root")
    assert '"share of income" inside "[A]"' in root
    assert '("The share of income" | "Share of income") tomark "[A]"' in root
    assert '"[B]" toname "policy limit"' in root
    assert '" exceeds the "' not in rule(request.grammar, "tomark")


def test_words_of_the_other_side_and_the_other_direction_are_not_there() -> None:
    adverse, favourable = (material().ways("exceeds", side, "percent") for side in ("adverse", "favourable"))
    assert any("concern" in tail for tail in adverse.tails)
    assert not any(re.search("concern|risk|weak|against", tail) for tail in favourable.tails)
    assert not any(re.search("good|strong|support|favour", tail) for tail in adverse.tails)
    assert not {"concern", "risk", "weak", "below", "less"} & favourable.words
    assert not {"good", "strong", "supports", "below", "under"} & adverse.words
    assert "above" in adverse.words & favourable.words


def test_each_turn_offers_other_ways_to_take_the_side_and_a_neutral_sentence_none() -> None:
    offered = [material().ways("is", "adverse", "money", turn=turn).tails for turn in range(3)]
    assert all(offered)
    assert len({tail for tails in offered for tail in tails}) == sum(map(len, offered))
    assert material().ways("is", "neutral", "money").tails == ()


def test_a_name_that_takes_several_takes_are() -> None:
    several = material().ways("is", "neutral", "money", plural=True)
    assert " are " in several.to_mark
    assert " is " not in several.to_mark
    assert " is " in material().ways("is", "neutral", "money").to_mark


def test_every_turn_and_word_is_one_the_lessons_have() -> None:
    said = re.sub(r"<([^|>]*)\|[^>]*>", r"\1", " ".join(material().words())).lower()
    for relation in ("is", "exceeds", "below", "equals"):
        ways = material().ways(relation, "neutral", "money")
        assert ways.to_mark
        assert all(way.strip(" ,") in said for way in ways.to_mark)
        assert all(word in said for word in ways.words)


def test_a_mark_without_a_turn_to_its_name_comes_after_it() -> None:
    grammar = named_grammar([("income", "[A]")], Ways(frozenset({"the"}), (" is ",), (" of ",), ()))
    assert '"[A]" toname' not in grammar
    assert 'tomark "[A]"' in grammar
