"""What every view is given: the desk it works at, and the window's common services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from views.refresh import Refresh
from views.settings import Settings
from views.tasks import Tasks
from views.theme import Theme


@dataclass
class Context:
    """One a window, shared by its views; ``language`` and ``theme`` change in place, announced by ``refresh``."""

    desk: Any  # app.bootstrap.Desk
    tasks: Tasks
    refresh: Refresh
    settings: Settings
    language: str  # "en" | "zh"
    theme: Theme
