"""English words without their endings: what one word's forms have in common, and what its relatives have."""

from __future__ import annotations

import re
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+)?")
_KEPT_WORDS = """
rating this its his was has is as us thus plus less business bus gas always previous various during nothing something
anything everything being king bring string thing spring interest need speed feed indeed exceed proceed succeed hundred
building bed red shed status basis analysis housing training
"""
_FORMS = """
become became, begin began begun, bring brought, build built, buy bought, catch caught, choose chose chosen, come came,
drive drove driven, forget forgot forgotten, get got gotten, give gave given, go went gone, grow grew grown,
hide hid hidden, hold held, keep kept, know knew known, lead led, lend lent, lose lost, make made, mean meant, meet met,
overcome overcame, pay paid, repay repaid, run ran, say said, seek sought, sell sold, send sent, shrink shrank shrunk,
sing sang sung, speak spoke spoken, spend spent, stand stood, steal stole stolen, swim swam swum, take took taken,
teach taught, tell told, think thought, throw threw thrown, understand understood, undertake undertook undertaken,
wear wore worn, weave wove woven, win won, withdraw withdrew withdrawn, withhold withheld, write wrote written,
overspend overspent, outgrow outgrew, child children, man men, woman women, person people
"""
_AS_IT_STANDS = frozenset(_KEPT_WORDS.split())
_IRREGULAR = {form: base for base, *forms in (line.split() for line in _FORMS.split(",")) for form in forms}


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A word without its English ending, in lower case: instalments, instalment; verifies, verified, verify."""
    word = re.sub(r"['’](?:s|re|ve|ll|d)?$", "", word.lower())
    word = _IRREGULAR.get(word, word)
    if word in _AS_IT_STANDS or len(word) < 4 or not word.isascii():
        return word
    if word.endswith(("ies", "ied")):
        word = word[:-3] + "y"
    elif word.endswith("ings") and len(word) > 6:
        word = _undouble(word[:-4])
    elif word.endswith("ing") and len(word) > 5:
        word = _undouble(word[:-3])
    elif word.endswith("ed") and len(word) > 4:
        word = _undouble(word[:-2])
    elif word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 3 else word


def _undouble(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz" else word


def stems(text: str) -> list[str]:
    return [stem(word) for word in _WORD.findall(text)]


_SUFFIX = re.compile(
    r"(?:i?sation|i?zation|ation|ition|tion|sion|ion|ment|ness|ance?|ence?|ancy|ency|ship|hood|house|work|able|ible|"
    r"ably|ibly|ively|ive|ful|less|ously|ous|ally|ical|ially|ial|al|ity|ist|ism|ery|ory|ary|ant|ent|er|or|ee|ly|y)$"
)
_LEAST_ROOT = 4


@lru_cache(maxsize=65536)
def root(word: str) -> str:
    """What a word shares with its relatives: brewery, brewer, brewing; insurance, insurer, insured."""
    short = stem(word)
    while (cut := _SUFFIX.sub("", short)) != short and len(cut) >= _LEAST_ROOT:
        short = cut.removesuffix("at").removesuffix("e") if len(cut) > _LEAST_ROOT + 1 else cut
    return short
