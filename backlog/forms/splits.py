"""The page that splits an item: the rows of its parts, and which part gets which criterion."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from backlog.actions.splits import MOST, Part
from core.errors import InvalidInput


@dataclass(frozen=True)
class Row:
    number: int
    title: str
    points: str


@dataclass(frozen=True)
class CriterionRow:
    """part: the number of the part that gets it."""

    id: int
    text: str
    part: int


class SplitForm:
    """A plain one: title-N and points-N, part-of-<criterion id>, count, version, do."""

    def __init__(self, data, *, item):
        self.item = item
        self._data = data or {}
        self._criteria = list(item.criteria.order_by("position"))
        self.version = self._number("version", item.version)
        more = {"more": 1, "fewer": -1}.get(self._data.get("do"), 0)
        self.count = min(max(self._number("count", 2) + more, 2), MOST)

    @property
    def rows(self) -> list[Row]:
        return [Row(number, *self._row(number)) for number in range(1, self.count + 1)]

    @property
    def criteria(self) -> list[CriterionRow]:
        return [
            CriterionRow(criterion.pk, criterion.text, min(self._number(f"part-of-{criterion.pk}", 1), self.count))
            for criterion in self._criteria
        ]

    @property
    def numbers(self) -> range:
        return range(1, self.count + 1)

    @property
    def may_grow(self) -> bool:
        return self.count < MOST

    def wants_to_split(self) -> bool:
        """Not so while the person only asks for more or fewer rows."""
        return self._data.get("do") == "split"

    def as_parts(self) -> list[Part]:
        """Raises InvalidInput."""
        criteria = self.criteria
        return [
            Part(row.title, self._points(row), [each.id for each in criteria if each.part == row.number])
            for row in self.rows
        ]

    def on_fresh_item(self) -> "SplitForm":
        """The same for the item as it is now: whoever sends it once more has seen that."""
        self.item.refresh_from_db()
        self.version = self.item.version
        return self

    def _row(self, number):
        is_first = number == 1
        points = self.item.points
        shown = f"{points.normalize():f}" if is_first and points is not None else ""
        title = self.item.title if is_first else ""
        return self._data.get(f"title-{number}", title).strip(), self._data.get(f"points-{number}", shown).strip()

    def _points(self, row):
        if not row.points:
            return None
        try:
            points = Decimal(row.points.replace(",", "."))
        except InvalidOperation:
            points = None
        if points is None or not points.is_finite() or not 0 <= points < 10000:
            raise InvalidInput(f"Points of part {row.number}: a number from 0 on, or nothing.", field="parts")
        return points

    def _number(self, name, usual):
        sent = self._data.get(name, "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else usual
