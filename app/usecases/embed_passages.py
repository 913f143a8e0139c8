"""Have a local model tell what the passages of a case mean, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.asking_ports import Embedder
from app.domain.asking.passages import Passage
from app.ports import Progress, Workspace, no_progress

TOGETHER = 16  # passages put to the model and kept at once: what is stopped loses no more


def embed_passages(
    passages: Sequence[Passage], workspace: Workspace, embedder: Embedder, progress: Progress = no_progress
) -> int:
    """Tell and keep the meanings that are not known yet; returns how many. What was told stays when it is stopped.

    Raises ``Cancelled``, and ``EnvironmentFault`` when the model fails.
    """
    documents = {passage.document for passage in passages}
    with workspace.read() as stores:
        known = stores.meanings.known(documents, embedder.sha256)
    missing = {(each.document, each.digest): each.words for each in passages}
    for key in known:
        missing.pop(key, None)
    done = 0
    for document, words in _portions(missing):
        progress(done, len(missing), "meaning")
        told = embedder.embed(list(words.values()))
        with workspace.transaction() as stores:
            stores.meanings.keep(document, embedder.sha256, dict(zip(words, told, strict=True)))
        done += len(words)
    return done


def _portions(missing: dict[tuple[str, str], str]) -> Iterator[tuple[str, dict[str, str]]]:
    """A document, and some of its passages by their digests."""
    of: dict[str, dict[str, str]] = {}
    for (document, digest), words in missing.items():
        of.setdefault(document, {})[digest] = words
    for document, held in of.items():
        listed = list(held.items())
        for at in range(0, len(listed), TOGETHER):
            yield document, dict(listed[at : at + TOGETHER])
