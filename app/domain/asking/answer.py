"""Answers: a sentence made of facts by code, or a passage in quotation marks; each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.domain.asking.fact_answers import RankedFact
from app.domain.asking.passage_answers import RankedPassage
from app.domain.asking.question import AskWords, Question, Want
from app.domain.facts import Fact, Kind
from app.domain.layout import Box
from app.domain.rendering import Prose, format_number

MOST = 3  # facts or passages of one answer


class Method(StrEnum):
    FACT = "fact"
    PASSAGE = "passage"
    PROHIBITED = "prohibited"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact, or a passage of a document, with its place."""

    kind: str  # "fact" or "passage"
    text: str  # the value as it is shown, or the passage as it stands
    fact: str | None = None  # id
    name: str | None = None  # of the fact
    label: str | None = None
    source: str | None = None  # kind of the fact's source: "document", "computation", ...
    document: str | None = None  # SHA-256
    file: str | None = None
    page: int | None = None
    box: Box | None = None
    row: int | None = None
    addresses_model: bool = False  # it speaks to a model; it is a quotation and nothing else

    def to_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in self.__slots__}
        told["box"] = None if self.box is None else [round(edge, 2) for edge in self.box]
        return told


@dataclass(frozen=True, slots=True)
class Unsearched:
    """A document whose text could not be searched."""

    document: str  # SHA-256
    file: str
    why: str
    code: str = ""  # "words" that were not recognised, "pages" behind the last that is searched; else ``why`` alone

    def to_json(self) -> dict[str, str]:
        return {"document": self.document, "file": self.file, "why": self.why}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the file says to a question."""

    question: str
    language: str
    method: Method
    answer: str
    evidence: tuple[Evidence, ...] = ()
    retrieval: str | None = None  # "lexical", or "lexical+" and the name of the model; null: documents were not needed
    unsearched: tuple[Unsearched, ...] = ()
    problem: str = ""  # why meaning did not count although a model is installed

    @property
    def found(self) -> bool:
        return self.method in (Method.FACT, Method.PASSAGE)

    def to_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "language": self.language,
            "found": self.found,
            "method": self.method.value,
            "answer": self.answer,
            "evidence": [each.to_json() for each in self.evidence],
            "retrieval": self.retrieval,
            "unsearched": [each.to_json() for each in self.unsearched],
            "problem": self.problem,
        }


_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "none": "The file does not say.",
        "prohibited": "This is not answered. The question is about {basis}, and no credit decision may rest on that.",
        "fact": "{label}: {value}.",
        "also": "Also in the file: {facts}.",
        "pair": "{label}: {value}",
        "join": "; ",
        "yes": "Yes. ",
        "no": "No. ",
        "any": "Yes. ",
        "not_any": "No. ",
        "quote": "{place}: “{text}”",
        "place": "{file}, page {page}",
        "place_row": "{file}, line {row}",
        "model": " This passage speaks to a model. It is shown as it stands, and nothing follows it.",
    },
    "zh": {
        "none": "材料中没有说明。",
        "prohibited": "此问题不予回答。它涉及{basis}，任何信贷决定都不得以此为依据。",
        "fact": "{label}：{value}。",
        "also": "材料中另有：{facts}。",
        "pair": "{label}：{value}",
        "join": "；",
        "yes": "是。",
        "no": "不是。",
        "any": "有。",
        "not_any": "没有。",
        "quote": "{place}：“{text}”",
        "place": "{file}，第{page}页",
        "place_row": "{file}，第{row}行",
        "model": "这段文字是写给模型的。此处照录原文，不作为指令。",
    },
}
_BASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "age": "age",
        "sex": "sex",
        "marital_status": "marital status or family",
        "national_origin": "national origin or race",
        "religion": "religion",
        "health": "health",
        "": "a prohibited basis",
    },
    "zh": {
        "age": "年龄",
        "sex": "性别",
        "marital_status": "婚姻家庭状况",
        "national_origin": "国籍、民族或种族",
        "religion": "宗教信仰",
        "health": "健康状况",
        "": "禁止使用的依据",
    },
}


def nothing_said(question: Question) -> Answer:
    return Answer(question.text, question.language, Method.NONE, _WORDS[question.language]["none"])


def not_answered(question: Question) -> Answer:
    """The question asks for a prohibited basis."""
    basis = _BASES[question.language].get(question.basis or "", _BASES[question.language][""])
    text = _WORDS[question.language]["prohibited"].format(basis=basis)
    return Answer(question.text, question.language, Method.PROHIBITED, text)


def from_facts(
    question: Question, ranked: Sequence[RankedFact], words: AskWords, prose: Prose, files: Mapping[str, str]
) -> Answer:
    """The best fact in a sentence, and others of its topic that say something else; ``ranked`` holds one at least."""
    texts = _WORDS[question.language]
    chosen, opening = _chosen(question, ranked, words)
    head = texts["fact"].format(label=label_of(chosen[0], prose), value=_value(chosen[0], prose))
    others = texts["join"].join(
        texts["pair"].format(label=label_of(each, prose), value=_value(each, prose)) for each in chosen[1:]
    )
    text = (texts[opening] if opening else "") + head
    text += (" " if question.language == "en" else "") + texts["also"].format(facts=others) if others else ""
    evidence = tuple(_fact_evidence(fact, prose, files) for fact in chosen)
    return Answer(question.text, question.language, Method.FACT, text, evidence)


def _chosen(question: Question, ranked: Sequence[RankedFact], words: AskWords) -> tuple[list[Fact], str]:
    """The facts to tell, the one that answers first, and the word to begin with."""
    best = ranked[0]
    topic = words.topics.get(best.topic)
    same = [each.fact for each in ranked if each.topic == best.topic] if best.topic else [best.fact]
    if question.want is Want.WHETHER and topic is not None and topic.zero_is_no:
        there = [fact for fact in same if _is_there(fact)]
        if there:
            return there[:MOST], _word(question, there=True)
        return same[:MOST], _word(question, there=False)
    opening = ""
    if question.want is Want.WHETHER and isinstance(best.fact.value, bool):
        opening = "yes" if best.fact.value else "no"
    rest = [fact for fact in same[1:] if _differs(fact, best.fact)]
    return [best.fact, *_distinct(rest)][:MOST], opening


def _is_there(fact: Fact) -> bool:
    return fact.value is True or (isinstance(fact.value, int | Decimal) and fact.value > 0)


def _word(question: Question, *, there: bool) -> str:
    if question.reversed:
        return "no" if there else "yes"
    return "any" if there else "not_any"


def _differs(fact: Fact, best: Fact) -> bool:
    """Another value of the same unit is worth telling; another unit is another thing."""
    return fact.unit == best.unit and fact.value != best.value and not isinstance(fact.value, bool)


def _distinct(facts: Sequence[Fact]) -> list[Fact]:
    return list({str(fact.value): fact for fact in reversed(facts)}.values())[::-1]


def label_of(fact: Fact, prose: Prose) -> str:
    """Its label in the answer's language."""
    definition = prose.catalogue.get(fact.name)
    return definition.label.get(prose.language, fact.name) if definition else fact.name


def _value(fact: Fact, prose: Prose) -> str:
    """A count without the noun that its label has already."""
    if prose.kind(fact) is Kind.COUNT and not isinstance(fact.value, bool | str | date):
        return format_number(Decimal(fact.value))
    return prose.value(fact)


def _fact_evidence(fact: Fact, prose: Prose, files: Mapping[str, str]) -> Evidence:
    source = fact.source
    return Evidence(
        "fact",
        _value(fact, prose),
        fact.id,
        fact.name,
        label_of(fact, prose),
        source.kind.value,
        source.document,
        files.get(source.document or ""),
        source.page,
        source.box,
        source.row,
    )


def from_passages(
    question: Question, ranked: Sequence[RankedPassage], files: Mapping[str, str], speaks: Sequence[bool]
) -> Answer:
    """The best passage in quotation marks; ``speaks`` tells of each passage whether it speaks to a model."""
    texts = _WORDS[question.language]
    evidence = tuple(
        Evidence(
            "passage",
            each.passage.text,
            document=each.passage.document,
            file=files.get(each.passage.document),
            page=each.passage.page,
            box=each.passage.box,
            row=each.passage.row,
            addresses_model=to_model,
        )
        for each, to_model in zip(ranked[:MOST], speaks, strict=False)
    )
    best = evidence[0]
    place = texts["place" if best.page else "place_row"].format(file=best.file, page=best.page, row=best.row)
    text = texts["quote"].format(place=place, text=best.text) + (texts["model"] if best.addresses_model else "")
    return Answer(question.text, question.language, Method.PASSAGE, text, evidence)
