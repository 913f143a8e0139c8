"""What a challenger says of one case: a second opinion beside the score, never a decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class KeptChallenger:
    """A model file that the workspace keeps."""

    sha256: str
    name: str
    person: str  # who brought it
    kept_at: str  # ISO 8601 with offset


@dataclass(frozen=True, slots=True)
class ChallengerUse:
    """Which challenger runs in shadow beside a scorecard, since when, and who said so."""

    challenger: str  # SHA-256 of the model file
    scorecard: str  # name and version
    person: str
    since: str  # ISO 8601 with offset

    def to_json(self) -> dict[str, Any]:
        return {
            "challenger": self.challenger,
            "scorecard": self.scorecard,
            "person": self.person,
            "since": self.since,
        }


@dataclass(frozen=True, slots=True)
class Contribution:
    """How far one feature moves the case from the average, in ln(good:bad)."""

    name: str
    log_odds: float


@dataclass(frozen=True, slots=True)
class ChallengerScore:
    """PD and log-odds with the contributions that add up to them: ``average + sum of contributions = log_odds``."""

    challenger: str
    sha256: str  # of the model file
    pd: Decimal  # 0..1, six decimals
    log_odds: float  # ln(good:bad), calibrated
    average: float  # ln(good:bad) over the development sample
    contributions: tuple[Contribution, ...]  # in the features' order
    unseen: tuple[str, ...] = ()  # features whose category the challenger never met

    @property
    def against(self) -> tuple[Contribution, ...]:
        """What speaks against the case, most first."""
        lowering = [each for each in self.contributions if each.log_odds < 0]
        return tuple(sorted(lowering, key=lambda each: (each.log_odds, each.name)))

    @property
    def weightiest(self) -> tuple[Contribution, ...]:
        """What moves the case, the most first."""
        moving = [each for each in self.contributions if each.log_odds]
        return tuple(sorted(moving, key=lambda each: (-abs(each.log_odds), each.name)))

    def to_json(self) -> dict[str, Any]:
        """JSON-ready; binary fractions as their shortest round-trip text."""
        return {
            "challenger": self.challenger,
            "sha256": self.sha256,
            "pd": format(self.pd, "f"),
            "log_odds": repr(self.log_odds),
            "average": repr(self.average),
            "contributions": [{"name": each.name, "log_odds": repr(each.log_odds)} for each in self.contributions],
            "unseen": list(self.unseen),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ChallengerScore:
        """Inverse of ``to_json``."""
        return cls(
            challenger=data["challenger"],
            sha256=data["sha256"],
            pd=Decimal(data["pd"]),
            log_odds=float(data["log_odds"]),
            average=float(data["average"]),
            contributions=tuple(Contribution(each["name"], float(each["log_odds"])) for each in data["contributions"]),
            unseen=tuple(data["unseen"]),
        )
