"""Keeps the sentences of a report from beginning and ending alike, by the other words their frames allow."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from app.domain.plan import SentencePlan

_EDGES = re.compile(r"\A<[^<>]*>|<[^<>]*>(?=[.。]\Z)")  # the choices a sentence begins and ends with
_SHORTEST_WORDS, _SHORTEST_CHARACTERS = 3, 4  # of a turn of phrase that is heard when it comes again


def vary(sentences: Iterable[SentencePlan]) -> list[SentencePlan]:
    """Rule sentences that begin or end like one before them take other words of their frame, where some are left.

    Every reading of a frame is correct, so the sentence stays so.
    """
    said: set[str] = set()
    varied = []
    for sentence in sentences:
        text = _other_beginning(_other_ending(sentence.rule_text, sentence.frame, said), sentence.frame, said)
        said |= {_ending(text), *edges(text, sentence.frame)}
        varied.append(sentence if text == sentence.rule_text else replace(sentence, rule_text=text))
    return varied


def narrowed(frame: str, said: Collection[str]) -> str:
    """The frame without the beginnings and endings that earlier sentences had; a choice with none left stays whole."""

    def left(match: re.Match[str]) -> str:
        choices = match.group()[1:-1].split("|")
        new = [choice for choice in choices if _bare(choice) not in said or not _heard(choice)]
        return f"<{'|'.join(new or choices)}>"

    fewer = _EDGES.sub(left, frame)
    return fewer if "|" in fewer else frame


def edges(template: str, frame: str) -> set[str]:
    """The beginning and the ending of its frame that a worded sentence took, as ``narrowed`` wants them."""
    taken = set()
    for match in _EDGES.finditer(frame):
        for choice in match.group()[1:-1].split("|"):
            whole = template.startswith(choice) if match.start() == 0 else template[:-1].endswith(choice)
            if choice and whole:
                taken.add(_bare(choice))
    return taken


def _other_ending(text: str, frame: str, said: Collection[str]) -> str:
    choice = re.search(r"<([^<>]*)>[.。]\Z", frame)
    ending = _ending(text)
    if choice is None or ending not in said:
        return text
    others = [other for other in choice.group(1).split("|") if _bare(other) not in said and _heard(other)]
    known = [_bare(other) for other in choice.group(1).split("|")]
    if ending not in known or not others:
        return text
    return f"{text[: -len(ending) - 1]}{_bare(others[0])}{text[-1]}"


def _other_beginning(text: str, frame: str, said: Collection[str]) -> str:
    choice = re.match(r"<([^<>]*)>", frame)
    choices = choice.group(1).split("|") if choice else []
    begun = max((words for words in choices if text.startswith(words)), key=len, default="")
    others = [words for words in choices if _bare(words) not in said and _heard(words)]
    return f"{others[0]}{text[len(begun) :]}" if begun and _bare(begun) in said and _heard(begun) and others else text


def _ending(text: str) -> str:
    """The last clause, without its full stop."""
    return _bare(re.split("[,，]", text[:-1])[-1])


def _bare(words: str) -> str:
    return words.strip(" ,，")


def _heard(choice: str) -> bool:
    """Whether the words are long enough to be heard again; "a month" is not."""
    han = re.search(r"[\u4e00-\u9fff]", choice)
    return len(choice) >= _SHORTEST_CHARACTERS if han else len(choice.split()) >= _SHORTEST_WORDS
