"""Say which challenger runs in shadow beside a scorecard, or that none does any more."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.challenger import ChallengerUse, KeptChallenger
from app.domain.changes import Changes
from app.domain.scorecard import Scorecard, canonical_json
from app.errors import InputError
from app.ports import Clock, Stores, Workspace

SETTING = "challenger.in_shadow"
"""Holds every use, as JSON by ``key_of`` the scorecard."""

SHORTEST = 8
"""Signs of a SHA-256 that name a challenger."""


@dataclass(frozen=True, slots=True)
class UseChallenger:
    """Which challenger, None for none, is to run beside which scorecard, and who says so."""

    challenger: KeptChallenger | None
    scorecard: Scorecard
    person: str


def use_challenger(cmd: UseChallenger, workspace: Workspace, *, clock: Clock) -> Changes:
    """Put a challenger in shadow, or take it out; one that is in shadow already stays as it is.

    What one said before stays on a case until the case is opened or scored again. Raises ``InputError`` where none is
    to be taken out.
    """
    card = cmd.scorecard
    whole = f"{card.name} {card.version}"
    with workspace.transaction() as stores:
        uses = dict(uses_of(stores))
        before = uses.pop(key_of(card), None)
        if cmd.challenger is None:
            if before is None:
                raise InputError("challenger", f"No challenger runs beside {whole}.")
            what, sha256 = "challenger.withdrawn", before.challenger
        else:
            what, sha256 = "challenger.used", cmd.challenger.sha256
            if before is not None and before.challenger == sha256:
                return Changes.NOTHING
            uses[key_of(card)] = ChallengerUse(sha256, whole, cmd.person, clock.now().isoformat())
        stores.settings.put(SETTING, canonical_json({key: use.to_json() for key, use in uses.items()}))
        detail = {"sha256": sha256, "scorecard": card.name, "version": card.version, "scorecard_sha256": card.sha256}
        stores.events.append(cmd.person, None, what, detail)
    return Changes.SETTINGS


def in_shadow(card: Scorecard, stores: Stores) -> ChallengerUse | None:
    """The challenger that runs beside the scorecard."""
    return uses_of(stores).get(key_of(card))


def uses_of(stores: Stores) -> Mapping[str, ChallengerUse]:
    """Every use, by ``key_of`` its scorecard."""
    held = json.loads(stores.settings.get(SETTING) or "{}")
    return {key: ChallengerUse(**use) for key, use in held.items()}


def key_of(card: Scorecard) -> str:
    """What a scorecard is known by here: the digest of its document, whichever way its reasons are ranked."""
    bare = {name: value for name, value in card.document.items() if name != "reasons_method"}
    return hashlib.sha256(canonical_json(bare).encode()).hexdigest()


def challenger_named(wanted: str, kept: list[KeptChallenger]) -> KeptChallenger:
    """The one of that name, the newest of several, or of that beginning of a SHA-256. Raises ``InputError``."""
    named = [each for each in kept if each.name == wanted]
    found = named or [each for each in kept if len(wanted) >= SHORTEST and each.sha256.startswith(wanted.lower())]
    if not found:
        names = ", ".join(dict.fromkeys(each.name for each in kept)) or "none"
        raise InputError("challenger", f"The workspace keeps no challenger {wanted!r}.", remedy=f"It keeps: {names}.")
    return found[-1]
