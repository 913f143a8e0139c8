"""The column of a policy's versions: drafts first, each with its state, who and when."""

from __future__ import annotations

from datetime import datetime

from views import format as fmt
from views.context import Context
from views.parts.version_list import Version, VersionList
from views.policy_jobs import Entry
from views.strings import tr

WIDTH = 232
TONE = {"draft": "person", "waiting": "amber", "active": "favourable", "retired": "soft"}


def moment_words(at: str, language: str) -> str:
    """``22 Nov 2026`` of a moment as it is stored; empty where there is none."""
    return fmt.short_day(datetime.fromisoformat(at).astimezone().date(), language) if at else ""


def who_words(entry: Entry, language: str) -> str:
    """Who made a version, and when."""
    if not entry.person:
        return tr("policy.shipped")
    return f"{entry.person}, {moment_words(entry.at, language)}"


class PolicyList(VersionList):
    """``chosen(key)`` when another version is chosen."""

    def __init__(self, context: Context) -> None:
        super().__init__(context, WIDTH)

    def show_entries(self, entries: list[Entry], chosen: str) -> None:
        """List them; ``chosen`` is selected where it is among them, else the one in force."""
        active = next((entry.key for entry in entries if entry.state == "active"), None)
        self.show_versions(tr("policy.versions"), [self._version(entry) for entry in entries], chosen, active)

    def entry(self) -> Entry | None:
        """The chosen one."""
        found: Entry | None = self.chosen_entry()
        return found

    def _version(self, entry: Entry) -> Version:
        state = tr(f"policy.state.{entry.state}")
        return Version(
            key=entry.key,
            entry=entry,
            title=entry.version,
            about=who_words(entry, self._context.language),
            state=state,
            tone=TONE[entry.state],
            spoken=f"{entry.policy} {entry.version}, {state}",
            tip=entry.note,
        )
