"""The words of all kinds of documents as one index: labels of fields, cues of kinds, found in one pass over a page."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from app.domain.document_kinds import DocumentKind
from app.domain.label_words import LabelWords
from app.domain.layout import Layout
from app.domain.strips import Strip, overlap, strips_of
from app.domain.title_words import TitleWords
from app.domain.wording import Folded, Found, Phrases, fold, has_han

_SHORT = 4  # letters that may head a number
_OPENING = re.compile(r"[\s\W\d_]{0,6}(?:[a-zA-Z]{1,2}\.?(?:\d{1,2}(?:\.\d)?[a-z]?)?[.):]?\s)?")
_CURRENCY = (
    r"\s(?:EUR|USD|GBP|CHF|SEK|NOK|DKK|CNY|RMB|SGD|AUD|CAD|INR|MYR|HKD|RM|S\$|A\$|[€£$¥]|[Kk]r\.?|[Ee]uros?)"
    r"(?=\s?[:：\t]|$)"
)
_UNIT = rf"(?:\s?[(（\[](?!\d{{3,}}[)）\]])[^)）\]\t]{{0,24}}[)）\]]|{_CURRENCY})?"
_COLON = re.compile(rf"(?:\s?#|[.*)）\]°º])?{_UNIT}\s?[#.*]?\s?[:：=]\t?\s?")
_END = re.compile(rf"(?:\s?#|[.*)）\]°º])?{_UNIT}\s?[.*…_-]*(?:\t|$)")
_SLASHED = re.compile(r"\s?/[^\t\d:：]*(?:\t|$)")  # the same label in another language
_TELLS = re.compile(
    r"\s(?:is|was|are|were|of|totals|amounts to|stands at|ist|sind|beträgt|beläuft sich auf|betrug|lautet"
    r"|est(?: de)?|était de|s['’]élève à|s['’]élevait à|es(?: de)?|asciende a|era de|è(?: di| pari a)?|ammonta a|pari a"
    r"|bedraagt|bedroeg|uppgår till|är|var|é(?: de)?|ascende a)"
    r"\s(?=(?:[A-Z]{3}\s|[A-Z]{0,2}[€£$¥]\s?|Rs\.?\s?|RM\s?)?-?\d)"
)  # a sentence that gives the value
_HAN_TELLS = re.compile(r"\s?(?:合计|共计|总计|共|达|约|计)?\s?(?:人民币)?\s?(?=[¥￥]?\s?\d)")
_DOTS = re.compile(r"\s?[.…·_]{3,}\s?")
_HAN_IS = re.compile(r"\s?(?:[（(][^）)]{1,10}[）)])?\s?[为是]\s?")
_BETWEEN_LANGUAGES = re.compile(r"\s?[/|·•–-]?\s?[(（\[]?")
_BOTH = re.compile(r"\s?[/|(（·•]\s?|\s")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase is to the kinds: fields it labels, kinds it speaks for."""

    phrase: str
    labels: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)  # kind -> (field, its rank there)
    cues: Mapping[str, float] = field(default_factory=dict)  # kind -> weight


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase on a strip, places in its text."""

    start: int
    end: int
    after: int  # where a value may begin: behind colon, unit or dots
    meaning: Meaning
    begins: bool  # nothing but signs stands before it in its cell
    colon: bool
    closes: bool  # the cell or line ends behind it
    exact: bool = True
    tells: bool = False  # a verb and a figure follow: "your monthly payment is £210"

    @property
    def stands(self) -> bool:
        """Whether it stands as a label does."""
        return (self.begins and (self.colon or self.closes)) or self.colon

    @property
    def strength(self) -> float:
        """How much it looks like the label of what follows."""
        if self.begins:
            return (
                1.0
                if self.colon
                else 0.96
                if self.closes
                else 0.9
                if self.tells and self.meaning.phrase.isascii()
                else 0.84
            )
        if self.tells and len(self.meaning.phrase) > _SHORT:
            return 0.72
        return 0.8 if self.colon else 0.66 if self.closes else 0.5


class KindWords:
    """Labels and cues of kinds, ready to be found."""

    def __init__(self, kinds: Mapping[str, DocumentKind]) -> None:
        self.kinds = dict(kinds)
        labels: dict[str, dict[str, list[tuple[str, int]]]] = {}
        cues: dict[str, dict[str, float]] = {}
        names: dict[str, str] = {}
        for kind in kinds.values():
            for spec in kind.fields:
                for rank, label in enumerate(spec.labels):
                    name = fold(label)
                    names.setdefault(name, label)
                    labels.setdefault(name, {}).setdefault(kind.id, []).append((spec.name, rank))
            for cue, weight in kind.cues.items():
                name = fold(cue)
                names.setdefault(name, cue)
                cues.setdefault(name, {})[kind.id] = weight
        self.phrases: Phrases[Meaning] = Phrases(
            (written, Meaning(name, labels.get(name, {}), cues.get(name, {}))) for name, written in names.items()
        )
        self.spread = {name: len(of) for name, of in labels.items()}

    @cached_property
    def title_words(self) -> TitleWords:
        """What the titles are made of, for headings that are none."""
        return TitleWords(self.kinds)

    @cached_property
    def label_words(self) -> LabelWords:
        """What the labels are made of, for phrases that are none."""
        return LabelWords(self.kinds)


@dataclass(frozen=True)
class Paper:
    """A layout with what its lines say to the kinds."""

    layout: Layout
    strips: tuple[Strip, ...]
    hits: tuple[tuple[Hit, ...], ...]  # of each strip, from left to right, none within another
    words: KindWords

    @cached_property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.strips)

    @cached_property
    def han(self) -> bool:
        """Whether it is mostly Chinese."""
        signs = sum("\u3400" <= sign <= "\u9fff" for sign in self.text)
        return signs > 0.15 * max(sum(sign.isalpha() for sign in self.text), 1)

    def following(self, at: int) -> Sequence[int]:
        """Numbers of the strips of the same page behind one."""
        page = self.strips[at].page.number
        last = at
        while last + 1 < len(self.strips) and self.strips[last + 1].page.number == page:
            last += 1
        return range(at + 1, last + 1)


def paper_of(layout: Layout, words: KindWords) -> Paper:
    """The one pass over a document that recognition and extraction share."""
    strips = strips_of(layout, words.phrases.speller)
    return Paper(layout, strips, _with_stacked(strips, [_hits(strip, words) for strip in strips], words), words)


def _with_stacked(
    strips: Sequence[Strip], hits: Sequence[tuple[Hit, ...]], words: KindWords
) -> tuple[tuple[Hit, ...], ...]:
    """With headings that are broken over two lines, as of their last line."""
    out = list(hits)
    for upper, lower in pairwise(strips):
        if not _is_broken_heading(upper, lower):
            continue
        for start, end in lower.columns:
            over = next((c for c in upper.columns if overlap(upper.box(*c), lower.box(start, end)) > 0.5), None)
            name = fold(f"{upper.text[slice(*over)]} {lower.text[start:end]}") if over else ""
            meaning = words.phrases.exactly(name)
            if meaning is not None and meaning.labels:
                kept = [hit for hit in out[lower.number] if hit.end <= start or end <= hit.start]
                whole = Hit(start, end, end, meaning, begins=True, colon=False, closes=True)
                out[lower.number] = tuple(sorted((*kept, whole), key=lambda hit: hit.start))
    return tuple(out)


def _is_broken_heading(upper: Strip, lower: Strip) -> bool:
    """Whether two lines without figures stand close enough to be one row of headings."""
    gap = lower.top - upper.bottom
    return (
        upper.page is lower.page
        and -0.3 * lower.height < gap < 0.7 * lower.height
        and len(upper.columns) > 1
        and not any(sign.isdigit() or sign in ":：" for sign in upper.text + lower.text)
    )


def _hits(strip: Strip, words: KindWords) -> tuple[Hit, ...]:
    every = [each for each in words.phrases.find(strip.folded) if not _in_number(strip, each)]
    found = _apart(_in_cells(strip, words, every))
    if strip.page.method == "ocr":
        found = _apart([*found, *_whole_cells(strip, words, found)])
    return _in_two_languages(strip, [_hit(strip, each) for each in found])


def _in_number(strip: Strip, found: Found[Meaning]) -> bool:
    """Whether a short word is the letters that a number begins with: "RE325871", "INV-640682"."""
    phrase, end = found.item.phrase, strip.folded.places[found.end - 1] + 1
    short = len(phrase) <= _SHORT and phrase.isascii() and phrase.isalpha()
    return short and re.match(r"-?\d{2}", strip.text[end : end + 3]) is not None


def _in_two_languages(strip: Strip, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """A label right behind one of the same field in another language begins its cell as that one does: "姓名 Name"."""
    out: list[Hit] = []
    for hit in hits:
        before = out[-1] if out else None
        if before is not None and before.begins and not hit.begins and _same_field(before, hit):
            between = strip.text[before.end : hit.start]
            hit = replace(hit, begins=bool(_BETWEEN_LANGUAGES.fullmatch(between)))
        out.append(hit)
    return tuple(out)


def _same_field(one: Hit, other: Hit) -> bool:
    """Whether both label one field, in every kind that knows both."""
    both = one.meaning.labels.keys() & other.meaning.labels.keys()
    shared = (
        {name for name, _ in one.meaning.labels[kind]} & {name for name, _ in other.meaning.labels[kind]}
        for kind in both
    )
    return bool(both) and all(shared)


def _in_cells(strip: Strip, words: KindWords, found: Sequence[Found[Meaning]]) -> list[Found[Meaning]]:
    """A label that runs over a wide gap is two: "Apellidos    Nombre"; titles and Chinese are set wide."""
    kept = [each for each in found if not _runs_over(strip, each)]
    if len(kept) == len(found):
        return kept
    places = strip.folded.places
    for first, last in strip.cells:
        start, end = (sum(place < edge for place in places[:-1]) for edge in (first, last))
        bounds = frozenset(bound - start for bound in strip.folded.bounds if start <= bound <= end)
        cell = Folded(strip.folded.text[start:end], places[start : end + 1], bounds)
        kept += [Found(each.start + start, each.end + start, each.item) for each in words.phrases.find(cell)]
    return kept


def _runs_over(strip: Strip, found: Found[Meaning]) -> bool:
    places = strip.folded.places
    wide = "\t" in strip.text[places[found.start] : places[found.end - 1]]
    return wide and bool(found.item.labels) and not found.item.cues and not has_han(found.item.phrase)


def _apart(found: Sequence[Found[Meaning]]) -> list[Found[Meaning]]:
    """Of phrases that overlap the longer; of equals the first."""
    kept: list[Found[Meaning]] = []
    for each in sorted(found, key=lambda f: (f.start - f.end, f.start)):
        if all(each.end <= other.start or other.end <= each.start for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda f: f.start)


def _whole_cells(strip: Strip, words: KindWords, found: Sequence[Found[Meaning]]) -> list[Found[Meaning]]:
    """Cells, up to their colon, that are a phrase but for one sign."""
    out = []
    places = strip.folded.places
    for start, end in strip.cells:
        colon = re.search(r"[:：]", strip.text[start:end])
        last = start + colon.start() if colon else end
        inside = [at for at, place in enumerate(places[:-1]) if start <= place < last]
        if not inside or any(f.start <= inside[0] < f.end for f in found):
            continue
        meaning = words.phrases.whole(strip.folded.text[inside[0] : inside[-1] + 1])
        if meaning is not None:
            out.append(Found(inside[0], inside[-1] + 1, meaning, exact=False))
    return out


def _hit(strip: Strip, found: Found[Meaning]) -> Hit:
    places, text = strip.folded.places, strip.text
    start = places[found.start]
    end = places[found.end - 1] + 1 if found.end - 1 < len(places) else len(text)
    cell = text.rfind("\t", 0, start) + 1
    before = text[cell:start]
    begins = bool(_OPENING.fullmatch(before)) or bool(
        re.search(r"[;；|]\s?$|^(?:\W{0,2}\d{1,2}[a-c]?[.)]\s?)?[^\d:：]*/\s?$", before)
    )
    colon, closing = _COLON.match(text, end), _END.match(text, end) or _SLASHED.match(text, end)
    tells = (_HAN_TELLS if has_han(found.item.phrase) else _TELLS).match(text, end)
    column = next((last for first, last in strip.columns if first < end <= last), len(text))
    slashed = closing is not None and closing.end() > column + 1 and closing.re is _SLASHED
    closing = None if slashed else closing  # the next columns are no other language
    dots = _DOTS.match(text, end)
    after = (
        colon.end()
        if colon
        else closing.end()
        if closing
        else dots.end()
        if dots
        else tells.end()
        if tells
        else column
        if slashed
        else end
    )
    if not (colon or closing or dots or tells) and (unit := re.compile(_UNIT + r"\s?").match(text, end)):
        after = unit.end()
    if has_han(found.item.phrase) and not colon and (is_ := _HAN_IS.match(text, end)):
        colon, after = is_, is_.end()
    if has_han(found.item.phrase) and not begins:
        begins = before[-1:].isspace() or before[-1:] in "：:"
    return Hit(start, end, after, found.item, begins, bool(colon or dots), bool(closing), found.exact, bool(tells))
