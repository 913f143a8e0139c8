"""Answer a question about a case from its facts, else from a passage of its documents, else not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.asking_ports import Embedder, PassageIndex
from app.domain.asking.answer import Answer, Unsearched, from_facts, from_passages, not_answered, nothing_said
from app.domain.asking.fact_answers import rank_facts
from app.domain.asking.passage_answers import RankedPassage, fused, rank_passages, terms_asked
from app.domain.asking.passages import Passage
from app.domain.asking.question import AskWords, Question, Want, understand
from app.domain.case import Document
from app.domain.checks.lexicon import Lexicon
from app.domain.phrases import LANGUAGES, PhraseBook
from app.domain.rendering import Prose
from app.errors import EnvironmentFault, InputError
from app.ports import Workspace

MOST_FOUND = 40  # passages that are looked at closely


@dataclass(frozen=True, slots=True)
class AskCase:
    """``language`` of the answer; null: the question's own."""

    case_id: str
    question: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Searched:
    """The passages of a case in an index, in its order."""

    passages: Sequence[Passage]
    index: PassageIndex
    unsearched: tuple[Unsearched, ...] = ()
    embedder: Embedder | None = None


@dataclass(frozen=True, slots=True)
class AskWith:
    """The words that questions are understood by and answers made of."""

    words: AskWords
    lexicon: Lexicon
    phrases: PhraseBook


Search = Callable[[Sequence[Document]], Searched]
"""Makes the passages of a case's documents ready."""


def ask_case(command: AskCase, workspace: Workspace, search: Search, given: AskWith) -> Answer:
    """Answer the question; ``search`` is called where the facts do not answer it in full.

    Raises ``InputError`` for a blank question and for a case that is not there.
    """
    if not command.question.strip():
        raise InputError("question", "There is no question.", remedy="Ask in words: what does she earn a month?")
    if command.language not in (None, *LANGUAGES):
        raise InputError("language", f"There are no answers in {command.language!r}.", remedy="Choose en or zh.")
    with workspace.read() as stores:
        case = stores.cases.get(command.case_id)
        facts = stores.facts.current(case.id)
        documents = stores.documents.of_case(case.id)
    files = {document.sha256: document.name for document in documents}
    question = understand(command.question, given.words, command.language, (case.applicant, case.reference, case.id))
    if question.basis is not None:
        return not_answered(question)
    if not question.topics and not question.left:  # no word says what it is about
        return nothing_said(question)
    ranked = [] if question.want is Want.WHY else rank_facts(question, facts, given.words, workspace.catalogue)
    prose = Prose(workspace.catalogue, given.phrases, question.language)
    if ranked:
        return from_facts(question, ranked, given.words, prose, files)
    searched = search(documents)
    near, problem = _near(question, searched, workspace)
    quoted = _passages(question, searched, near, given)
    if quoted:
        speaks = [speaks_to_model(each.passage.text, given.lexicon) for each in quoted]
        answer = from_passages(question, quoted, files, speaks)
    else:
        answer = nothing_said(question)
    name = f"lexical+{searched.embedder.name}" if searched.embedder and near else "lexical"
    return replace(answer, retrieval=name, unsearched=searched.unsearched, problem=problem)


def _near(question: Question, searched: Searched, workspace: Workspace) -> tuple[dict[int, float], str]:
    """Numbers of the passages nearest in meaning, the nearest first, with how far each stands out; and what failed."""
    if searched.embedder is None:
        return {}, ""
    try:
        (meaning,) = searched.embedder.embed([question.text], question=True)
    except EnvironmentFault as fault:
        return {}, fault.message
    documents = {passage.document for passage in searched.passages}
    with workspace.read() as stores:
        found = stores.meanings.near(documents, searched.embedder.sha256, meaning, MOST_FOUND)
    numbers: dict[tuple[str, str], list[int]] = {}
    for number, passage in enumerate(searched.passages):
        numbers.setdefault((passage.document, passage.digest), []).append(number)
    return {no: each.standing for each in found for no in numbers.get((each.document, each.passage), ())}, ""


def _passages(question: Question, searched: Searched, near: Mapping[int, float], given: AskWith) -> list[RankedPassage]:
    """Passages that say what is asked for; one that states a prohibited basis is none."""
    found = dict(searched.index.search(terms_asked(question, given.words), MOST_FOUND))
    scores = fused(list(found), list(near)) if near else found
    held = [
        (searched.passages[no], score, near.get(no, 0.0))
        for no, score in scores.items()
        if not states_basis(searched.passages[no].text, given.lexicon)
    ]
    return rank_passages(question, held, given.words)


def states_basis(text: str, lexicon: Lexicon) -> bool:
    """Whether a passage states a prohibited basis, in either language."""
    return any(lexicon.rule(language, "basis").search(text) for language in LANGUAGES)


def speaks_to_model(text: str, lexicon: Lexicon) -> bool:
    """Whether a passage gives orders to a model, in either language; an address of a web page is none."""
    hits = (hit.group() for each in LANGUAGES for hit in lexicon.rule(each, "instruction").finditer(text))
    return any(not hit.lower().startswith(("http", "www")) for hit in hits)
