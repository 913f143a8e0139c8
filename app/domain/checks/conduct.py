"""What no sentence of a report may do: promise, decide, lean on a prohibited basis, instruct its reader."""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.domain.checks.index import CaseIndex
from app.domain.checks.reading import Reading
from app.domain.sentences import Problem

KINDS = {"overclaim": "overclaiming", "decision": "decision", "instruction": "markup", "basis": "prohibited_basis"}
_DENIED = {
    "en": re.compile(
        r"\b(?:not|no|never|cannot|nor|neither|without|nothing|none|hardly|far from|does not|is not|"
        r"can not)\b[\w ]{0,12}$|n't\b[\w ]{0,12}$",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"(?:不|未|没有|并非|不能|无法|难以|不得|尚未|不可|不应|不宜|并不|不作|不构成)[\u4e00-\u9fff]{0,3}$"
    ),
}
_ADVISED = {
    "en": re.compile(
        r"\b(?:recommend\w*|suggest\w*|propos\w*|if|whether|should|could|may|might|before|unless|"
        r"until|not yet|remains? (?:with|for)|rests? with|up to|decid\w+ (?:by|on|whether)|"
        r"decision (?:of|by)|subject to|once|in (?:our|my) view|would)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        "(?:由|待|经)$|建议|如|若|是否|可考虑|拟|尚待|由.{0,10}(?:决定|审批)|之前|前提|待|有待|取决于|应由|须由|需由|请.{0,14}(?:出具|提供|补充|签署|提交)"
    ),
}


def judge_conduct(reading: Reading, index: CaseIndex) -> Iterator[Problem]:
    """Each word that promises, decides, instructs or names a prohibited basis."""
    text, language, lexicon = reading.text, reading.language, index.lexicon
    for name, kind in KINDS.items():
        if name == "basis" and lexicon.rule(language, "basis_free").search(text):
            continue
        for match in lexicon.rule(language, name).finditer(text):
            if _may_stand(name, text, match, language, index):
                continue
            yield Problem(kind, match.group().strip())
            break


_PERSONAL = re.compile(
    r"pregnan|maternity|paternity|marital|marri|divorc|widow|spouse|wife|husband|religi|nationality|citizen|ethnic|race|"
    r"\bage\b|aged|birth|sex|gender|disab|\bill|origin|immigra|怀孕|婚|宗教|民族|国籍|年龄|性别|残疾|病",
    re.IGNORECASE,
)


def _in_a_name(text: str, match: re.Match[str], index: CaseIndex) -> bool:
    """Whether the word and the next one stand together in a label: "youth office"."""
    after = re.match(r" [\w-]+", text[match.end() :])
    phrase = f"{match.group().strip()}{after.group()}".lower() if after else ""
    return bool(phrase) and any(phrase in label and phrase != label for label in index.labels)


_OF_OTHERS = re.compile(
    r"(?: \w+){0,2} (?:rests?|lies?|remains?|belongs?|is (?:for|up to|reserved|made by|taken by|a matter)|"
    r"will be (?:made|taken) by)\b"
)


def _may_stand(name: str, text: str, match: re.Match[str], language: str, index: CaseIndex) -> bool:
    """Whether the words are denied, only advised, or the case's own name of a thing."""
    word = match.group().strip().lower()
    before = text[: match.start()]
    if (
        name in ("overclaim", "decision")
        and _DENIED[language].search(before[-24:])
        and not re.match(r"no |zero|without|never|绝|毫无|没有|不", word)
    ):
        return True
    if name == "decision":
        return _decision_stands(text, match, language, index)
    if name == "basis":
        if any(word in value.lower() and value.lower() in text.lower() for value in index.texts):
            return True
        return not _PERSONAL.search(word) and _in_a_name(text, match, index)
    if name == "overclaim" and "guarantee" in word and "c:guarantor" in index.vocabulary:
        after = text[match.end() :]
        return bool(re.match(r"\s*by\b", after)) or not re.search(r"guaranteed|that|to\b", word)
    if name == "overclaim":
        return word in index.corpus and len(word) > 3 and not re.search("risk|风险", word)
    return False


def _decision_stands(text: str, match: re.Match[str], language: str, index: CaseIndex) -> bool:
    """Whether words of decision are asked, advised, left to others, or the case's own name of a thing."""
    word, before = match.group().strip().lower(), text[: match.start()]
    if _OF_OTHERS.match(text[match.end() :]):
        return True
    if text.strip().endswith(("?", "？")):
        return True
    if _ADVISED[language].search(before[-60:]) and not re.search(
        r"waiv|overrid|overrul|ignor|bypass|skip|disregard|exception|set aside|regardless|"
        r"irrespective|relax|lift|no further|without|authority|"
        r"豁免|破例|放宽|突破|无视|忽略|绕|例外|免|权限|放行|已|现|不必",
        word,
    ):
        return True
    if " " in word and any(word in label for label in index.labels):
        return True  # "tax set aside"
    parts = re.findall(r"[\u4e00-\u9fff]{2}", word)
    return (word in index.corpus and len(word) > 12) or (bool(parts) and all(part in index.corpus for part in parts))
