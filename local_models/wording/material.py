"""Lessons of the wording model: notes of a sentence plan, and a sentence with its slots that says them.

Everything is drawn from ``material.toml`` by a seed: the same seed gives the same lessons. What stands under ``held``
there is never in a lesson; plans made of it measure the model.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from local_models.grammar import Ways

MATERIAL = Path(__file__).with_name("material.toml")
MANNERS = ("plain", "reasoned", "figure", "contrast", "judged")
SIDES = {"adverse": "against", "favourable": "in favour", "neutral": "neutral"}
_TIMES = {"months", "years", "days"}
_OWN_WORDS = {"things", "date", "text", "times"}  # kinds that are said in words of their own alone
_AGREE = re.compile(r"<([^<>|]*)\|([^<>|]*)>")
_TO_MARK = re.compile(r"(?:\{L\}([^{}\[\]]*)\[A\])|(?:\{M\}([^{}\[\]]*)\[B\])")
_TO_NAME = re.compile(r"(?:\[A\]([^{}\[\]]*)\{L\})|(?:\[B\]([^{}\[\]]*)\{M\})")


@dataclass(frozen=True, slots=True)
class Named:
    """A thing an assessment speaks of."""

    name: str
    kind: str  # how its value is printed
    plural: bool = False


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one sentence has to say, as the model reads it, and one way to say it."""

    subject: str
    stance: str  # adverse | favourable | neutral
    relation: str
    manner: str
    slots: tuple[Named, ...]
    sentence: str = ""  # with marks [A], [B]

    @property
    def notes(self) -> str:
        return notes_of(self.subject, self.stance, self.relation, self.manner, [(n.name, n.kind) for n in self.slots])


def notes_of(subject: str, stance: str, relation: str, manner: str, slots: Sequence[tuple[str, str]]) -> str:
    """The line the model reads of a plan; ``slots`` are names and kinds in the plan's order, no value among them."""
    marks = "; ".join(f"[{chr(ord('A') + at)}] {kind}: {name}" for at, (name, kind) in enumerate(slots))
    return " | ".join(filter(None, (subject, SIDES[stance], manner, relation, marks)))


class Material:
    """The authored words, and the lessons that can be drawn from them."""

    def __init__(self, path: Path = MATERIAL) -> None:
        self._data: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))

    def lessons(self, count: int, seed: int, part: str = "train") -> Iterator[Lesson]:
        """``count`` different lessons of the ``train`` or the ``held`` part, evenly over the relations."""
        draw = random.Random(seed)  # noqa: S311 - lessons, no secrets
        seen: set[tuple[str, str]] = set()
        makers = (
            *(self._value,) * 5, *(self._pair,) * 6, self._agree, self._agree, *(self._change,) * 2,
            *(self._missing,) * 2, self._met, *(self._listed,) * 2,
        )  # fmt: skip
        while len(seen) < count:
            lesson = draw.choice(makers)(draw, self._data[part])
            key = (lesson.notes, lesson.sentence if part == "train" else "")
            if key not in seen:
                seen.add(key)
                yield lesson

    def ways(self, relation: str, stance: str, kind: str, *, plural: bool = False, turn: int = 0) -> Ways:
        """What the sentences say it with that have this relation, side and kind of value; no other side's words.

        ``plural`` is whether the first name takes "are". Each ``turn`` offers another third of the ways to take the
        side, so that not all sentences take it alike.

        The manner that names the benchmark first is left out: its words are those of the other direction.
        """
        texts = [
            text
            for pool in self._pools(relation, kind)
            for manner, own in pool.items()
            if manner != "contrast"
            for text in own
        ]
        openings, tails = (self._data["side"][part][stance][turn % 3 :: 3] for part in ("opening", "tail"))
        read = [_AGREE.sub(lambda m: m.group(2 if plural else 1), text) for text in texts]
        bare_value = (
            relation == "is"
        )  # "a concern is that the rent of ...", "the figure for rent of ..." would have no verb
        read = [text for text in read if not (bare_value and re.search(r"that \{L\}|for \{L\} (?:is|are)", text))]
        bare = [re.sub(r"\{\w+\}|\[[AB]\]", " ", text).lower() for text in (*read, *openings)]
        words = {word for text in bare for word in re.findall(r"[a-z]+", text)} | {"the", "and"}
        turns = {
            opens: [turn for text in read if text.startswith("{L}") is opens for turn in _TO_MARK.findall(text)]
            for opens in (True, False)
        }
        first = [turn for turn, _ in turns[True] if turn.strip()]
        inside = [way for turn, other in turns[False] for way in (turn, other)] + [other for _, other in turns[True]]
        to_name = [way for text in read for pair in _TO_NAME.findall(text) for way in pair if way.strip()]
        return Ways(
            words=frozenset(words - {"that"} if bare_value else words),
            to_mark=tuple(dict.fromkeys(first)),
            inside=tuple(dict.fromkeys(filter(str.strip, inside))),
            to_name=tuple(dict.fromkeys(f"{way}{the}" for way in to_name for the in ("the ", ""))),
            tails=tuple(f", {tail}" for tail in tails),
        )

    def _pools(self, relation: str, kind: str) -> list[Mapping[str, Sequence[str]]]:
        """The parts of the material that say a relation, of values of a kind."""
        say = self._data["say"]
        if relation == "is":
            own = "time" if kind in _TIMES else kind
            return [say.get(own, {}), *([] if own in _OWN_WORDS else [say["value"]])]
        return [say["equals"], say["agrees"]] if relation == "equals" else [say[relation]]

    def words(self) -> list[str]:
        """Every sentence part of the material, for those who need to know its words."""
        return [text for manners in self._data["say"].values() for texts in manners.values() for text in texts] + [
            text for texts in self._data["side"].values() for each in texts.values() for text in each
        ]

    def _value(self, draw: random.Random, part: Mapping[str, Any]) -> Lesson:
        (thing,) = _things(draw.choice(part["single"]), 1)
        stance = draw.choice(tuple(SIDES))
        pools = self._pools("is", thing.kind)
        return self._said(draw, (thing,), stance, "is", pools, draw.choice((thing.name, thing.name, _topic(draw))))

    def _pair(self, draw: random.Random, part: Mapping[str, Any]) -> Lesson:
        things = _things(draw.choice(part["pair"]), 2)
        stance = draw.choice(tuple(SIDES))
        relation = draw.choices(("exceeds", "below", "equals"), (5, 5, 1))[0]
        subject = draw.choice((f"{things[0].name} against {things[1].name}", things[0].name, _topic(draw)))
        return self._said(draw, things, stance, relation, [self._data["say"][relation]], subject)

    def _agree(self, draw: random.Random, part: Mapping[str, Any]) -> Lesson:
        first, second, kind = _cells(draw.choice(part["agree"]))
        things = [Named(first, kind), Named(second, kind)]
        draw.shuffle(things)
        relation, stance = draw.choice((("contradicts", "adverse"), ("equals", "favourable")))
        subject = draw.choice((f"{things[0].name} and {things[1].name}", f"{things[0].name} against {things[1].name}"))
        say = self._data["say"]["contradicts" if relation == "contradicts" else "agrees"]
        return self._said(draw, tuple(things), stance, relation, [say], subject)

    def _change(self, draw: random.Random, part: Mapping[str, Any]) -> Lesson:
        (thing,) = _things(draw.choice(part["change"]), 1)
        relation, stance = draw.choice(("rises", "falls")), draw.choice(tuple(SIDES))
        slots = (Named(f"{thing.name} before", thing.kind), Named(f"{thing.name} now", thing.kind))
        return self._said(draw, (thing,), stance, relation, [self._data["say"][relation]], thing.name, slots)

    def _missing(self, draw: random.Random, part: Mapping[str, Any]) -> Lesson:
        name, number = _cells(draw.choice(part["missing"]))
        stance = draw.choice(tuple(SIDES))
        thing = Named(name, "", number == "p")
        return self._said(draw, (thing,), stance, "absent", [self._data["say"]["absent"]], name, ())

    def _met(self, draw: random.Random, part: Mapping[str, Any]) -> Lesson:
        rule, who = _cells(draw.choice(part["met"]))
        stance = draw.choice(("adverse", "favourable"))
        relation = "met" if stance == "favourable" else "unmet"
        things = (Named(rule.removeprefix("the "), ""), Named(who.removeprefix("the "), ""))
        return self._said(draw, things, stance, relation, [self._data["say"][relation]], f"{who} against {rule}", ())

    def _listed(self, draw: random.Random, part: Mapping[str, Any]) -> Lesson:
        things = [_things(row, 1)[0] for row in draw.sample(part["single"], draw.choice((2, 2, 3, 3, 4)))]
        stance = draw.choice(("adverse", "favourable", "neutral"))
        items = [_item(thing, chr(ord("A") + at), draw) for at, thing in enumerate(things)]
        listed = f"{', '.join(items[:-1])} and {items[-1]}"
        say = {
            manner: [text.replace("{list}", listed) for text in texts]
            for manner, texts in self._data["say"]["listed"].items()
        }
        return self._said(draw, tuple(things), stance, "is", [say], _topic(draw))

    def _said(
        self,
        draw: random.Random,
        things: Sequence[Named],
        stance: str,
        relation: str,
        pools: Sequence[Mapping[str, Sequence[str]]],
        subject: str,
        slots: Sequence[Named] | None = None,
    ) -> Lesson:
        manners = [m for m in MANNERS if self._can(m, stance, pools)]
        manner = draw.choice(manners)
        source = "plain" if manner == "reasoned" else manner
        text = draw.choice([text for pool in pools for text in pool.get(source, ())])
        if manner == "reasoned" or (manner == "figure" and stance != "neutral"):
            text = f"{text}, {draw.choice(self._data['side']['tail'][stance])}"
        if "{O}" in text:
            text = text.replace("{O}", draw.choice(self._data["side"]["opening"][stance]))
        text = _AGREE.sub(lambda m: m.group(2 if things[0].plural else 1), text)
        for mark, thing in zip("LM", things, strict=False):
            text = text.replace(f"{{{mark}}}", _the(thing, draw)).replace(f"{{{mark.lower()}}}", thing.name)
        sentence = f"{text[0].upper()}{text[1:]}."
        return Lesson(subject, stance, relation, manner, tuple(things if slots is None else slots), sentence)

    def _can(self, manner: str, stance: str, pools: Sequence[Mapping[str, Sequence[str]]]) -> bool:
        if manner == "reasoned":
            return stance != "neutral" and any("plain" in pool for pool in pools)
        return any(manner in pool for pool in pools)


@cache
def material() -> Material:
    """The material that ships, read once."""
    return Material()


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.split("|")]


def _things(row: str, names: int) -> tuple[Named, ...]:
    *called, kind, number = _cells(row)
    return tuple(Named(name, kind, number == "p" and at == 0) for at, name in enumerate(called[:names]))


def _the(thing: Named, draw: random.Random) -> str:
    return thing.name if thing.plural and draw.random() < 0.6 else f"the {thing.name}"


def _item(thing: Named, mark: str, draw: random.Random) -> str:
    if thing.kind == "things":
        return f"[{mark}]"
    joint = "given as" if thing.kind == "text" else "at" if thing.kind == "times" else "of"
    return f"{_the(thing, draw)} {joint} [{mark}]"


def _topic(draw: random.Random) -> str:
    return draw.choice(
        ("income", "affordability", "cash flow", "credit history", "employment", "collateral", "the score", "policy",
         "documents", "stability", "spending", "existing debt", "the request", "assets")
    )  # fmt: skip
