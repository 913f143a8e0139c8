"""How a model is asked for one sentence: prompts, grammars, and the way back from its marks to slots.

The model reads what a finding is about, its stance, its relation and the labels of its slots. It never reads a value,
a name or any text of a document: a slot stands in the prompt as ``[A]``, ``[B]``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence

from app.domain.facts import Stance
from app.domain.naming import can_be_named, is_plural
from app.domain.plan import SentencePlan
from app.domain.rendering import slot_names
from app.wording_ports import NO_KINDS, DraftingStyle, WordingRequest
from local_models.catalogue import TAUGHT
from local_models.grammar import frame_grammar, frame_readings, free_grammar, longest_reading, named_grammar
from local_models.wording.material import material, notes_of

Talk = Callable[[str, Sequence[tuple[str, str]]], tuple[str, str] | None]
"""``talk(system, examples)``: what stands before and after a question; null where the template cannot be used."""

TAUGHT_LANGUAGES = ("en",)  # of the adapter
TAUGHT_TURN = "<|im_start|>user\n"  # what stands before the notes
_SLOTS = {"is": 1, "exceeds": 2, "below": 2, "equals": 2}  # of a taught sentence, by its relation
_MORE_THAN_VALUES = ("policy", "score", "documents", "recommendation")  # sections of findings
_MANNERS = {True: ("plain", "reasoned", "figure", "judged"), False: ("plain", "figure")}  # by whether it takes a side
_MARK = re.compile(r"\[([A-Z])\]")
_SYSTEM = {
    "en": (
        "You write one plain sentence of a credit report from notes. Keep every mark such as [A] as it is, write no "
        "number of your own, add nothing that the notes do not say, and stay on the side the notes give."
    ),
    "zh": "你根据要点写信贷报告中的一句话。保留每个标记（如[A]），不写任何数字，不添加要点以外的内容，立场与要点一致。",
}
_FRAME_SYSTEM = {"en": "A credit report in plain words.", "zh": "信贷报告，用语平实。"}
_WORDS = {
    "en": {"adverse": "against", "favourable": "in favour", "neutral": "neutral"},
    "zh": {"adverse": "不利", "favourable": "有利", "neutral": "中性"},
}
_EXAMPLES = {
    "en": (
        ("rent on the statements | side: neutral | relation: is | [A] = rent seen", "The statements show rent of [A]."),
        (
            "share of the price financed | side: against | relation: exceeds | [A] = share financed; [B] = limit",
            "The loan would finance [A] of the price, which exceeds the limit of [B].",
        ),
        (
            "savings against the amount | side: in favour | relation: exceeds | [A] = savings; [B] = requested amount",
            "Savings of [A] are above the requested amount of [B].",
        ),
    ),
    "zh": (
        ("流水中的房租 | 立场：中性 | 关系：is | [A] = 房租", "流水显示每月房租为[A]。"),
        (
            "融资比例 | 立场：不利 | 关系：exceeds | [A] = 融资比例；[B] = 上限",
            "本笔贷款的融资比例为[A]，超过上限[B]。",
        ),
        ("存款与申请金额 | 立场：有利 | 关系：exceeds | [A] = 存款；[B] = 申请金额", "存款为[A]，高于申请金额[B]。"),
    ),
}


def style_named(name: str) -> DraftingStyle:
    """The drafting style of that name: ``frames``, ``taught`` or ``free``."""
    styles: dict[str, Callable[[], DraftingStyle]] = {"frames": FrameStyle, TAUGHT: TaughtStyle}
    return styles.get(name, FreeStyle)()


class FreeStyle:
    """The model words the sentence itself; the grammar fixes slots, length and the absence of numbers."""

    name = "free"

    def __init__(self, talk: Talk | None = None) -> None:
        """``talk`` says how the model's own chat template frames a question; without it ChatML marks do."""
        self._talk = talk

    def request(
        self, sentence: SentencePlan, labels: Mapping[str, str], language: str, kinds: Mapping[str, str] = NO_KINDS
    ) -> WordingRequest | None:
        marks = slot_marks(sentence)
        grammar = free_grammar([f"[{mark}]" for mark in marks.values()], language)
        notes = _notes(sentence, labels, language)
        frame = self._talk and self._talk(_SYSTEM[language], _EXAMPLES[language])
        if frame:
            return WordingRequest(f"{frame[0]}{notes}{frame[1]}", grammar, 120, len(frame[0]), together=True)
        shared = _shared_prompt(language)
        return WordingRequest(f"{shared}{_turn(notes)}", grammar, 120, len(shared), together=True)

    def template(self, answer: str, sentence: SentencePlan) -> str:
        return from_marks(answer, sentence)


class FrameStyle:
    """The model chooses among the words of the rule sentence's frame; a sentence without choices is not asked for.

    The frame holds all that is to be said, so the prompt is short: evaluating it would take longer than the answer.
    """

    name = "frames"

    def request(
        self, sentence: SentencePlan, labels: Mapping[str, str], language: str, kinds: Mapping[str, str] = NO_KINDS
    ) -> WordingRequest | None:
        frame = to_marks(sentence.frame, sentence)
        if frame_readings(frame) < 2:
            return None
        # A token covers at least one byte, so the longest reading bounds the answer whatever the model's vocabulary.
        limit = longest_reading(frame) * (3 if language == "zh" else 1) + 8
        shared = shared_frame_prompt(language)
        prompt = f"{shared}{_brief(sentence.subject, _WORDS[language][sentence.stance.value])}\n"
        return WordingRequest(prompt, frame_grammar(frame), min(limit, 400), len(shared))

    def template(self, answer: str, sentence: SentencePlan) -> str:
        return from_marks(answer, sentence)


class TaughtStyle:
    """What its phrase lets it, and what has no frame, the model words from the notes its adapter was taught with.

    The grammar holds each name word for word, each slot once beside its name, and otherwise only words that the lessons
    say this relation and this side with: the model orders them. Everything else it words in frames; what has none, or
    says more than its values do, keeps the rule.
    """

    name = TAUGHT

    def __init__(self) -> None:
        self._frames = FrameStyle()

    def request(
        self, sentence: SentencePlan, labels: Mapping[str, str], language: str, kinds: Mapping[str, str] = NO_KINDS
    ) -> WordingRequest | None:
        framed = self._frames.request(sentence, labels, language)
        if language not in TAUGHT_LANGUAGES or (framed is not None and not sentence.taught):
            return framed
        return _taught(sentence, labels, kinds) or framed

    def template(self, answer: str, sentence: SentencePlan) -> str:
        return from_marks(answer, sentence)


def _taught(sentence: SentencePlan, labels: Mapping[str, str], kinds: Mapping[str, str]) -> WordingRequest | None:
    """Null where the relation does not fit the slots, or a name is none that a sentence can be made around."""
    if sentence.findings and sentence.section in _MORE_THAN_VALUES:
        return None
    marks = slot_marks(sentence)
    named = [(labels.get(name, ""), kinds.get(name, "")) for name in marks]
    if len(dict(named)) != _SLOTS.get(sentence.relation) or not all(map(_sayable, named)):
        return None
    if len(named) > 1 and any(kind == "things" for _, kind in named):
        return None  # whether one or several is not told
    (first, kind), stance = named[0], sentence.stance.value
    ways = material().ways(sentence.relation, stance, kind, plural=is_plural(first), turn=_turn_of(sentence) >> 8)
    shown = [("" if kind == "things" else name, mark) for (name, kind), mark in zip(named, marks.values(), strict=True)]
    grammar = named_grammar([(name, f"[{mark}]") for name, mark in shown], ways)
    notes = notes_of(sentence.subject, stance, sentence.relation, _manner(sentence), named)
    prompt = _turn(notes)
    return WordingRequest(prompt, grammar, 110, len(TAUGHT_TURN), together=True, adapted=True)


def _sayable(named: tuple[str, str]) -> bool:
    name, kind = named
    return bool(kind) and (kind == "things" or can_be_named(name))


def _manner(sentence: SentencePlan) -> str:
    """How the sentence is to be said; it hangs on its key, so that those of a report differ."""
    manners = _MANNERS[sentence.stance is not Stance.NEUTRAL]
    return manners[_turn_of(sentence) % len(manners)]


def _turn_of(sentence: SentencePlan) -> int:
    return int.from_bytes(hashlib.sha256(sentence.key.encode()).digest()[:2], "big")


def prompts_digest(style: str, language: str) -> str:
    """SHA-256 over what a model is told before each sentence in that style and language."""
    if style == TAUGHT:
        shared = f"{shared_frame_prompt(language)}\x1e{TAUGHT_TURN}"
    else:
        shared = shared_frame_prompt(language) if style == "frames" else _shared_prompt(language)
    return hashlib.sha256(shared.encode()).hexdigest()


def shared_frame_prompt(language: str) -> str:
    """What stands before every frame of a language: an instruction, and an example of each side."""
    examples = "".join(f"{_brief(*_head(notes))}\n{text}\n" for notes, text in _EXAMPLES[language])
    return f"{_FRAME_SYSTEM[language]}\n{examples}"


def _brief(subject: str, side: str) -> str:
    return f"{subject} | {side}"


def _head(notes: str) -> tuple[str, str]:
    """Subject and side of an example's notes."""
    subject, side, *_ = notes.split(" | ")
    return subject, re.split("[:：] ?", side)[1]


def slot_marks(sentence: SentencePlan) -> dict[str, str]:
    """Slot name to its letter, in the order of the plan."""
    names = dict.fromkeys(slot.name for slot in sentence.slots)
    return {name: chr(ord("A") + index) for index, name in enumerate(names)}


def to_marks(template: str, sentence: SentencePlan) -> str:
    """``{ratio.dsr_after_pct}`` becomes ``[A]``: names of facts hold digits, marks do not."""
    marks = slot_marks(sentence)
    for name in slot_names(template):
        template = template.replace(f"{{{name}}}", f"[{marks[name]}]")
    return template


def from_marks(answer: str, sentence: SentencePlan) -> str:
    """Inverse of ``to_marks``; a mark the plan does not have stays as it is, for the checks to find."""
    names = {mark: name for name, mark in slot_marks(sentence).items()}
    text = answer.strip().replace("{", "(").replace("}", ")")
    return _MARK.sub(lambda m: f"{{{names[m.group(1)]}}}" if m.group(1) in names else m.group(0), text)


def _turn(notes: str, answer: str | None = None) -> str:
    """One turn of the talk, left open for the answer when there is none."""
    opened = f"<|im_start|>user\n{notes}<|im_end|>\n<|im_start|>assistant\n"
    return opened if answer is None else f"{opened}{answer}<|im_end|>\n"


def _shared_prompt(language: str) -> str:
    turns = (_turn(notes, text) for notes, text in _EXAMPLES[language])
    return f"<|im_start|>system\n{_SYSTEM[language]}<|im_end|>\n{''.join(turns)}"


def _notes(sentence: SentencePlan, labels: Mapping[str, str], language: str) -> str:
    slots = ("；" if language == "zh" else "; ").join(
        f"[{mark}] = {labels.get(name, name)}" for name, mark in slot_marks(sentence).items()
    )
    side = _WORDS[language][sentence.stance.value]
    words = ("立场：", "关系：") if language == "zh" else ("side: ", "relation: ")
    notes = f"{sentence.subject} | {words[0]}{side} | {words[1]}{sentence.relation}"
    return f"{notes} | {slots}" if slots else notes
