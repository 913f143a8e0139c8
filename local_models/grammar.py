"""GBNF grammars of one sentence: slots exactly once, no digit and no number word outside them, bounded length."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations, product

from app.domain.lexicon import CHINESE_NUMERALS, NUMBER_WORDS

_CHOICE = re.compile(r"<([^<>]*)>")
_ANY_ORDER = 3  # up to this many slots may stand in any order; more keep the plan's
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Ways:
    """What may stand around names and marks: single words, and turns from a name to its mark and back."""

    words: frozenset[str]  # lower case
    to_mark: tuple[str, ...]  # " comes to ", " of ", after a name that opens the sentence
    inside: tuple[str, ...]  # the same after any other name
    to_name: tuple[str, ...]  # " for the ", " as "
    tails: tuple[str, ...] = ()  # what may end the sentence, ", which is a concern"


def literal(text: str) -> str:
    """A GBNF string literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def frame_grammar(frame: str) -> str:
    """Grammar of a frame: its fixed words, and for each ``<a|b>`` one of the choices."""
    parts: list[str] = []
    at = 0
    for match in _CHOICE.finditer(frame):
        parts += [literal(frame[at : match.start()])] if match.start() > at else []
        parts.append("(" + " | ".join(literal(choice) for choice in match.group(1).split("|")) + ")")
        at = match.end()
    parts += [literal(frame[at:])] if at < len(frame) else []
    return f"root ::= {' '.join(parts)}\n"


def frame_readings(frame: str) -> int:
    """In how many ways the frame can be read."""
    readings = 1
    for choices in _CHOICE.findall(frame):
        readings *= choices.count("|") + 1
    return readings


def longest_reading(frame: str) -> int:
    """Characters of the frame's longest reading."""
    return len(_CHOICE.sub(lambda match: max(match.group(1).split("|"), key=len), frame))


def free_grammar(marks: Sequence[str], language: str) -> str:
    """Grammar of any one sentence with each mark once; the words are free but for digits and number words."""
    orders = permutations(marks) if len(marks) <= _ANY_ORDER else [tuple(marks)]
    build = _english if language == "en" else _chinese
    return build(list(orders))


def named_grammar(things: Sequence[tuple[str, str]], ways: Ways) -> str:
    """Grammar of one English sentence that names each thing word for word and puts its mark beside the name.

    A thing is a name and a mark, either of which may be empty. What stands between the two is one of ``ways``'s own
    turns, what ends the sentence one of its tails or nothing, everything else is made of its words.
    """
    orders = permutations(things) if len(things) <= 2 else [tuple(things)]
    beside = {thing: _beside(thing, ways) for thing in things}
    readings = dict.fromkeys(reading for order in orders for reading in product(*(beside[thing] for thing in order)))
    return (
        f'root ::= ({" | ".join(map(_read, readings))}) "."\n'
        f"opening ::= {_choice(sorted({word.capitalize() for word in ways.words}))}\n"
        'head ::= opening " " (word " "){0,6}\n'
        f"tomark ::= {_choice(ways.to_mark)}\n"
        f"inside ::= {_choice(ways.inside)}\n"
        f"toname ::= {_choice(ways.to_name)}\n"
        'far ::= ","? (" " word ","?){1,6} " "\n'
        f"tail ::= {_choice(('', *ways.tails))}\n" + _word_rules(ways.words)
    )


def _choice(texts: Iterable[str]) -> str:
    return " | ".join(map(literal, texts)) or '""'


def _beside(thing: tuple[str, str], ways: Ways) -> list[tuple[str, ...]]:
    """The orders in which a name and its mark may stand: those there is a turn for."""
    name, mark = thing
    if not (name and mark):
        return [(name or mark,)]
    orders: list[tuple[str, ...]] = []
    orders += [(name, mark)] if ways.to_mark and ways.inside else []
    orders += [(mark, name)] if ways.to_name else []
    return orders


def _read(reading: Sequence[Sequence[str]]) -> str:
    """A way through the sentence: free words before, between and after the things; a name may open it."""
    (first, *rest), *others = reading
    parts = [f"head {literal(first)}", *(f"{_turn(part)} {literal(part)}" for part in rest)]
    start = " ".join(parts)
    if not first.startswith("["):
        opened = f"({literal(f'The {first}')} | {literal(first[:1].upper() + first[1:])})"
        parts = [opened, *(f"tomark {literal(part)}" for part in rest)]
        start = f"({start} | {' '.join(parts)})"
    for one, *beside in others:
        start += " ".join([f" far {literal(one)}", *(f"{_turn(part)} {literal(part)}" for part in beside)])
    return f"{start} tail"


def _turn(part: str) -> str:
    return "inside" if part.startswith("[") else "toname"


def _word_rules(words: Collection[str]) -> str:
    """Rules for one of the words, as the branches of their trie; ``word`` is the start."""
    prefixes = sorted({word[:end] for word in words for end in range(len(word) + 1)}, key=lambda p: (len(p), p))
    names = {prefix: f"v{number}" if prefix else "word" for number, prefix in enumerate(prefixes)}
    rules = []
    for prefix in prefixes:
        ways = [f"{literal(one[-1])} {names[one]}" for one in prefixes if one and one[:-1] == prefix]
        ways += ['""'] if prefix in words else []
        rules.append(f"{names[prefix]} ::= {' | '.join(ways)}")
    return "\n".join(rules) + "\n"


def _english(orders: Sequence[Sequence[str]]) -> str:
    return (
        f'root ::= ({_readings(orders)}) "."\n'
        'head ::= opening " "\n'
        'opening ::= [A-Z] [a-z]{0,11} (","? " " w0){0,8}\n'
        'gap ::= ","? (" " w0 ","?){0,9} " "\n'
        'tail ::= (","? " " w0){0,12}\n' + number_free_word_rules()
    )


def _chinese(orders: Sequence[Sequence[str]]) -> str:
    return (
        f'root ::= ({_readings(orders)}) "。"\n'
        "head ::= opening\n"
        "opening ::= han{1,24}\n"
        "gap ::= (han | [，、]){1,20}\n"
        "tail ::= (han | [，、]){0,20}\n"
        f"han ::= [{_ranges_without(CHINESE_NUMERALS)}]\n"
    )


def _readings(orders: Sequence[Sequence[str]]) -> str:
    """Ways to order the marks between a head and a tail; a sentence without marks is an opening and a tail."""
    if not orders or not orders[0]:
        return "opening tail"
    return " | ".join(f"head {' gap '.join(literal(mark) for mark in order)} tail" for order in orders)


def _ranges_without(excluded: Iterable[str]) -> str:
    """The common Han characters as character-class ranges, without ``excluded``."""
    ranges, start = [], 0x4E00
    for code in [*sorted({ord(c) for c in excluded if 0x4E00 <= ord(c) <= 0x9FA5}), 0x9FA6]:
        if code > start:
            ranges.append(f"{chr(start)}-{chr(code - 1)}")
        start = code + 1
    return "".join(ranges)


def number_free_word_rules() -> str:
    """Rules for a lower-case word that is no number word: the complement of their trie, as right-linear rules.

    ``w0`` is the start; a state that spells a whole number word may go on but not end.
    """
    prefixes = sorted({word[:end] for word in NUMBER_WORDS for end in range(len(word) + 1)}, key=lambda p: (len(p), p))
    index = {prefix: number for number, prefix in enumerate(prefixes)}
    rules = ["wx ::= [a-z'-]*"]
    for prefix in prefixes:
        ways = [f"{literal(c)} w{index[prefix + c]}" for c in _LETTERS if prefix + c in index]
        others = "".join(c for c in _LETTERS if prefix + c not in index)
        ways.append(f"[{others}{chr(39) + '-' if prefix else ''}] wx")
        if prefix and prefix not in NUMBER_WORDS:
            ways.append('""')
        rules.append(f"w{index[prefix]} ::= {' | '.join(ways)}")
    return "\n".join(rules) + "\n"
