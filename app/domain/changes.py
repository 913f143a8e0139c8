"""What a write changed, so that each visible view reloads on its own flag."""

from __future__ import annotations

from enum import Flag, auto


class Changes(Flag):
    NOTHING = 0
    CASES = auto()  # the queue
    DOCUMENTS = auto()
    FACTS = auto()
    FINDINGS = auto()
    SCORE = auto()
    POLICY = auto()
    REPORT = auto()
    DECISION = auto()
    REJECTS = auto()
    SETTINGS = auto()
    EVERYTHING = CASES | DOCUMENTS | FACTS | FINDINGS | SCORE | POLICY | REPORT | DECISION | REJECTS | SETTINGS
