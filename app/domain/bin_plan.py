"""The bins of one characteristic while a person changes them; every change gives a new plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.domain.fitting import BinSpec, Trend
from app.domain.scorecard import Characteristic, CharacteristicKind, plain


@dataclass(frozen=True, slots=True)
class BinPlan:
    """Positions count intervals or groups of categories first, then special values, then missing."""

    name: str
    kind: CharacteristicKind
    edges: tuple[float, ...] = ()  # numeric: where each interval but the first begins
    groups: tuple[tuple[str, ...], ...] = ()  # else: categories that share a bin
    special: tuple[float, ...] = ()
    fixed: tuple[int | None, ...] = ()  # points set by hand, by position
    trend: Trend = Trend.AUTO

    @classmethod
    def of(cls, row: Characteristic) -> BinPlan:
        """The plan a scorecard's characteristic follows; merged special values come apart."""
        numeric = row.kind is CharacteristicKind.NUMERIC
        plan = cls(
            row.name,
            row.kind,
            edges=tuple(entry.lower for entry in row.bins if entry.lower is not None) if numeric else (),
            groups=() if numeric else tuple(entry.categories for entry in row.bins if entry.categories),
            special=tuple(sorted(value for entry in row.bins for value in entry.special)),
        )
        return replace(plan, fixed=(None,) * plan.size)

    @property
    def numeric(self) -> bool:
        return self.kind is CharacteristicKind.NUMERIC

    @property
    def main(self) -> int:
        """How many intervals or groups there are."""
        return len(self.edges) + 1 if self.numeric else len(self.groups)

    @property
    def size(self) -> int:
        return self.main + len(self.special) + 1

    def ends(self, place: int) -> tuple[float | None, float | None]:
        """Lower (inclusive) and upper end of an interval; None where it has none."""
        lower = self.edges[place - 1] if place > 0 else None
        return lower, self.edges[place] if place < len(self.edges) else None

    def label(self, place: int) -> str:
        """The bin in the signs of ``Bin.label``."""
        if place >= self.main:
            values = self.special[place - self.main :][:1]
            return f"= {plain(values[0])}" if values else "missing"
        if not self.numeric:
            return " / ".join(self.groups[place])
        lower, upper = self.ends(place)
        if lower is None:
            return "any" if upper is None else f"< {plain(upper)}"
        return f"≥ {plain(lower)}" if upper is None else f"{plain(lower)} – < {plain(upper)}"

    def merged(self, first: int, last: int) -> BinPlan:
        """Bins ``first`` to ``last`` as one; groups that are not neighbours merge alone. Special values stay apart."""
        if not 0 <= first < last < self.main:
            return self
        if self.numeric:
            return self._spliced(first, last + 1, edges=self.edges[:first] + self.edges[last:], bins=1)
        joined = tuple(name for group in self.groups[first : last + 1] for name in group)
        return self._spliced(first, last + 1, groups=(*self.groups[:first], joined, *self.groups[last + 1 :]), bins=1)

    def joined(self, one: int, other: int) -> BinPlan:
        """Two groups of categories as one, wherever they stand, at the place of the first of them."""
        first, last = sorted((one, other))
        if self.numeric or not 0 <= first < last < self.main:
            return self.merged(first, last)
        moved = self._moved_group(last, first + 1)
        return moved.merged(first, first + 1)

    def _moved_group(self, place: int, to: int) -> BinPlan:
        groups, fixed = list(self.groups), list(self.fixed)
        groups.insert(to, groups.pop(place))
        fixed.insert(to, fixed.pop(place))
        return replace(self, groups=tuple(groups), fixed=tuple(fixed))

    def split(self, at: float) -> BinPlan:
        """An interval cut in two at a value; as it was where an edge stands there already."""
        if not self.numeric or at in self.edges:
            return self
        place = sum(edge < at for edge in self.edges)
        return self._spliced(place, place + 1, edges=(*self.edges[:place], at, *self.edges[place:]), bins=2)

    def taken_out(self, category: str) -> BinPlan:
        """A category in a bin of its own, after the one it was in."""
        place = next((at for at, group in enumerate(self.groups) if category in group and len(group) > 1), None)
        if place is None:
            return self
        rest = tuple(name for name in self.groups[place] if name != category)
        groups = (*self.groups[:place], rest, (category,), *self.groups[place + 1 :])
        return self._spliced(place, place + 1, groups=groups, bins=2)

    def moved(self, edge: int, to: float) -> BinPlan:
        """One edge elsewhere; it stays between its neighbours, or nothing changes."""
        before = self.edges[edge - 1] if edge > 0 else float("-inf")
        after = self.edges[edge + 1] if edge + 1 < len(self.edges) else float("inf")
        if not before < to < after:
            return self
        edges = (*self.edges[:edge], to, *self.edges[edge + 1 :])
        return self._spliced(edge, edge + 2, edges=edges, bins=2)

    def fix(self, place: int, points: int | None) -> BinPlan:
        """Points set by hand, or left to the fit again."""
        return replace(self, fixed=(*self.fixed[:place], points, *self.fixed[place + 1 :]))

    def forced(self, trend: Trend, good: Sequence[int], bad: Sequence[int]) -> BinPlan:
        """Neighbours merged until the bad rate follows the trend; counts are by position."""
        if not self.numeric or trend not in (Trend.ASCENDING, Trend.DESCENDING):
            return replace(self, trend=trend)
        sign = 1 if trend is Trend.ASCENDING else -1
        blocks: list[list[int]] = []  # first bin, goods, bads
        for place in range(self.main):
            blocks.append([place, good[place], bad[place]])
            while len(blocks) > 1 and sign * _rate(blocks[-1]) < sign * _rate(blocks[-2]):
                _, goods, bads = blocks.pop()
                blocks[-1][1] += goods
                blocks[-1][2] += bads
        kept = {block[0] for block in blocks}
        plan = self
        for place in range(self.main - 1, 0, -1):
            if place not in kept:
                plan = plan.merged(place - 1, place)
        return replace(plan, trend=trend)

    def spec(self) -> BinSpec:
        """What a fit is told of these bins."""
        points = {place: points for place, points in enumerate(self.fixed) if points is not None}
        if self.kind is CharacteristicKind.BOOLEAN:
            return BinSpec(points=points)
        if self.numeric:
            return BinSpec(edges=self.edges, special=self.special, points=points)
        return BinSpec(groups=self.groups, points=points)

    def _spliced(
        self,
        first: int,
        after: int,
        *,
        bins: int,
        edges: tuple[float, ...] | None = None,
        groups: tuple[tuple[str, ...], ...] | None = None,
    ) -> BinPlan:
        """With new edges or groups; the bins that changed lose the points fixed by hand."""
        return replace(
            self,
            edges=self.edges if edges is None else edges,
            groups=self.groups if groups is None else groups,
            fixed=self.fixed[:first] + (None,) * bins + self.fixed[after:],
        )


def _rate(block: Sequence[int]) -> float:
    return block[2] / max(1, block[1] + block[2])
