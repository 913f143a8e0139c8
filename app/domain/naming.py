"""Labels as the names of things in an English sentence: which can be, and whether they are one thing or several."""

from __future__ import annotations

import re

from app.domain.lexicon import MARKUP, PROHIBITED

LONGEST_NAME = 60  # characters
_NO_NOUN = re.compile(
    r"\b(?:since|until|by|on|at|from|for|with|to|of|in|is|are|has|was|ends?|expires?|starts?|begins?|falls?|runs?|works?|usually|normally|typically)$"
    r"|^(?:is|are|has|have|was|to|paid|works?|lives?|insured|what|who|where|when|how|left|applied|employed|born)\b|[:?？]$",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r" (?:of|in|on|at|per|a|to|from|under|over|with|after|before|by|for|each|this|left|seen|received|held)\b|[,(/:]"
)
_PLURAL = re.compile(r"[a-z]{2}(?<![sui])s$| and ", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 '’&%/().-]*")


def is_noun(label: str) -> bool:
    """Whether a sentence may say "the ..." of it: "works for" and "to be paid back in" are no nouns."""
    return not _NO_NOUN.search(label)


def is_plural(label: str) -> bool:
    """Whether it takes "are"."""
    return bool(_PLURAL.search(_HEAD.split(label, maxsplit=1)[0].strip()))


def can_be_named(label: str) -> bool:
    """Whether a model may read the label and set it into a sentence: a short noun in plain signs.

    One that speaks to the model, holds marks of its own or names a prohibited basis may not.
    """
    plain = _PLAIN.fullmatch(label) is not None and len(label) <= LONGEST_NAME
    return plain and is_noun(label) and not MARKUP.search(label) and not PROHIBITED["en"].search(label)


def in_sentence(label: str) -> str:
    """The label in the middle of a sentence: a small letter where it begins with a capital one alone."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
