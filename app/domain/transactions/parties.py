"""With whom an entry was: one name for all the ways in which statements write a counterparty."""

from __future__ import annotations

import re

from app.domain.case import Transaction
from app.domain.transactions.rules import Rules
from app.domain.transactions.words import LEGAL_FORMS, MONTHS, plain

_BEHIND_STAR = re.compile(r"^(?:paypal|pp|sq|sumup|zettle|izettle|sp|tst|stripe|klarna|google|apple)\s*\*\s*", re.I)
_REFERENCE = re.compile(r"^[#*]?(?=.*\d)[\w./:+\-*#]+$")  # a word with a digit in it
_LONGEST = 48  # characters
_MOST_WORDS = 5
_KEPT_FORMS = frozenset({"the", "and", "group", "sample", "bank", "banken", "international"})


def party_of(entry: Transaction, rules: Rules) -> str:
    """The counterparty's name as the statement gives it, tidied; else what the text says beside references."""
    return party_name(entry.counterparty or entry.text, rules, given=bool(entry.counterparty))


def party_name(text: str, rules: Rules, *, given: bool = False) -> str:
    """A name of at most five words; ``given`` means the text is a name already."""
    folded = plain(text)
    known = next((name for words, name in rules.parties.items() if f"{words} " in f"{folded} "), None)
    if known is not None:
        return known
    first = text if given else text.split(" · ")[0]
    first = _BEHIND_STAR.sub("", first.strip())
    words = [word.strip(",;:()[]\"'") for word in re.split(r"[\s/|]+", first)]
    kept = [word for word in words if word and not _noise(word, rules, given=given)]
    while len(kept) > 1 and plain(kept[-1]).strip(".") in LEGAL_FORMS - _KEPT_FORMS:
        kept.pop()
    return _shown(kept[:_MOST_WORDS]) or _shown(words[:_MOST_WORDS])


def _noise(word: str, rules: Rules, *, given: bool) -> bool:
    if given:
        return False
    folded = plain(word).strip(".*-_")
    return not folded or folded in rules.noise or folded in MONTHS or _REFERENCE.match(folded) is not None


def _shown(words: list[str]) -> str:
    """Words in capitals with only their first kept large; mixed ones as they were."""
    out = " ".join(word.capitalize() if word.isupper() and len(word) > 3 else word for word in words)
    return out[:_LONGEST].strip()
