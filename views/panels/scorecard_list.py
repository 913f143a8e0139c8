"""The column of scorecards: name and version, how well it ranks, and how far it has come."""

from __future__ import annotations

from app.domain.register import ScorecardEntry, State
from views import format as fmt
from views.context import Context
from views.parts.version_list import Version, VersionList
from views.strings import tr

WIDTH = 268
TONE = {"use": "favourable", "draft": "amber", "waiting": "amber", "approved": "accent"}


def state_key(entry: ScorecardEntry, context: Context) -> str:
    """``use``, ``draft``, ``waiting`` or ``approved``; one in use without approval is told as a draft in use."""
    state = entry.state(context.desk.clock.now().date())
    if entry.in_use:
        return "use" if state is State.APPROVED else "use_draft"
    return state.value


def state_words(entry: ScorecardEntry, context: Context) -> str:
    return tr(f"scores.state.{state_key(entry, context)}")


class ScorecardList(VersionList):
    """``chosen(sha256)`` when another scorecard is chosen."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, WIDTH)

    def show_entries(self, entries: list[ScorecardEntry], chosen: str) -> None:
        """List them; ``chosen`` is selected where it is among them, else the one in use."""
        used = next((entry.sha256 for entry in entries if entry.in_use), None)
        self.show_versions(tr("scores.title"), [self._version(entry) for entry in entries], chosen, used)

    def entry(self) -> ScorecardEntry | None:
        """The chosen one."""
        found: ScorecardEntry | None = self.chosen_entry()
        return found

    def _version(self, entry: ScorecardEntry) -> Version:
        title, state = entry.title(self._context.language), state_words(entry, self._context)
        gini = entry.document["fit"]["performance"]["gini"]["value"]
        cases = " · " + tr("scores.cases_short", count=fmt.number(entry.cases)) if entry.cases else ""
        return Version(
            key=entry.sha256,
            entry=entry,
            title=title,
            about=f"{entry.name} {entry.version} · Gini {float(gini):.3f}",
            state=state + cases,
            tone=TONE.get(state_key(entry, self._context), "amber"),
            spoken=f"{title}, {state}",
        )
