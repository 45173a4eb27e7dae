"""Why an item is not in a sprint, in words, and what changing one thing would do."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

NEEDS_WORD = "Needs the word of a technical owner at planning."


@dataclass(frozen=True)
class Candidate:
    """An item that a sprint could take.

    missing: the first check of readiness that it does not meet, without the one on the order. question_days: how long
    its oldest blocking question is open. taken_by: the sprint that has it. asked: who may give the technical owner's
    word that it lacks at planning; empty where it lacks none.
    """

    id: int
    key: str
    product_key: str
    number: int
    title: str
    kind: str
    type: str
    status: str
    points: Decimal | None
    assignee: str
    met: int
    total: int
    missing: str
    question_days: int | None
    taken_by: str
    is_inside: bool
    is_for_goal: bool
    asked: str
    may_give_word: bool

    @property
    def is_technical(self) -> bool:
        return self.kind == "technical"

    @property
    def is_ready(self) -> bool:
        return not self.missing and not self.asked and self.question_days is None

    @property
    def ring(self) -> int:
        return round(100 * self.met / self.total) if self.total else 100


@dataclass(frozen=True)
class Horizon:
    """candidates: in the product order. needs: by item, the unfinished items it needs; names: of those."""

    candidates: tuple[Candidate, ...]
    needs: Mapping[int, list[int]]
    names: Mapping[int, str]

    @cached_property
    def by_id(self) -> dict[int, Candidate]:
        return {one.id: one for one in self.candidates}

    def closure(self, candidates) -> list[Candidate]:
        """These, and whatever of the horizon they need."""
        found, waiting = {}, [one.id for one in candidates]
        while waiting:
            pk = waiting.pop()
            if pk in self.by_id and pk not in found:
                found[pk] = self.by_id[pk]
                waiting += self.needs.get(pk, ())
        return list(found.values())

    def possible(self) -> list[Candidate]:
        """What may be recommended: ready, in nobody else's sprint, and so is all that it needs; in order."""
        fit = {one.id for one in self.candidates if one.points and not one.taken_by and (one.is_ready or one.is_inside)}
        while lacking := {pk for pk in fit if any(need not in fit for need in self.needs[pk])}:
            fit -= lacking
        return [one for one in self.candidates if one.id in fit]


@dataclass(frozen=True)
class Scope:
    """What is in the sprint now. limit: points, None where nothing is known; share_range: in per cent."""

    horizon: Horizon
    limit: Decimal | None
    share_range: tuple[int, int]

    @cached_property
    def inside(self) -> list[Candidate]:
        return [one for one in self.horizon.candidates if one.is_inside]

    @cached_property
    def ids(self) -> set[int]:
        return {one.id for one in self.inside}

    @cached_property
    def points(self) -> Decimal:
        return sum((one.points or 0 for one in self.inside), Decimal(0))

    @cached_property
    def technical_points(self) -> Decimal:
        return sum((one.points or 0 for one in self.inside if one.is_technical), Decimal(0))

    @property
    def room(self) -> Decimal | None:
        return None if self.limit is None else self.limit - self.points


def why_not(one: Candidate, scope: Scope, *, is_recommended: bool) -> tuple[str, str, str]:
    """Why an item is not in the scope, what would change that, and the key of what to swap it for; or empty texts."""
    if one.taken_by:
        return f"It is in {one.taken_by}.", "", ""
    if one.question_days is not None:
        return f"A question is open for {_days(one.question_days)}.", "Answer it, and it is ready.", ""
    if one.missing:
        return f"Not ready. Missing: {_lower(one.missing)}.", "", ""
    if one.asked:
        return NEEDS_WORD, "It is yours to give." if one.may_give_word else f"Ask {one.asked}.", ""
    if one.points is None:
        return "It has no estimate.", "", ""
    out = [need for need in scope.horizon.needs[one.id] if need not in scope.ids]
    if out:
        return _needs(one, out[0], scope)
    if scope.room is not None and one.points > scope.room:
        return _too_big(one, scope)
    if is_recommended:
        return "", "", ""
    if share := _share_with(one, scope):
        return share, "", ""
    return "It fits, and stands below what is recommended.", "", ""


def _needs(one, need, scope):
    name = scope.horizon.names[need]
    enabler = scope.horizon.by_id.get(need)
    change = ""
    if enabler and not enabler.taken_by and enabler.points is not None:
        together = one.points + enabler.points
        left = "" if scope.room is None else f"; {_points(max(scope.room, Decimal(0)))} left"
        change = f"With {name} it takes {_points(together)}{left}."
    return f"Needs {name}, which is not in this sprint.", change, ""


def _too_big(one, scope):
    if scope.limit is not None and one.points > scope.limit:
        return f"{_points(one.points)}, and the sprint holds {_points(scope.limit)}.", "Split it.", ""
    why = f"{_points(one.points)}, {_points(max(scope.room, Decimal(0)))} left."
    missing = one.points - scope.room
    # What the goal needs, and what others in the sprint need, stays.
    kept = {need for other in scope.inside for need in scope.horizon.needs[other.id]} | {
        other.id for other in scope.inside if other.is_for_goal
    }
    free = [other for other in scope.inside if other.id not in kept and (other.points or 0) >= missing]
    if not free:
        return why, "", ""
    out = min(reversed(free), key=lambda other: other.points)
    return why, f"It fits if {out.key} ({_points(out.points)}) comes out.", out.key


def _share_with(one, scope):
    least, most = scope.share_range
    technical = scope.technical_points + (one.points if one.is_technical else 0)
    points = scope.points + one.points
    share = round(100 * technical / points) if points else 0
    # In a scope that is hardly begun a share says nothing.
    if scope.limit is not None and 2 * points < scope.limit:
        return ""
    if one.is_technical and share > most:
        return f"The technical share would be {share} %, above the agreed {most} %."
    if not one.is_technical and share < least:
        return f"The technical share would be {share} %, below the agreed {least} %."
    return ""


def _points(points):
    number = f"{points.normalize():f}"
    return f"{number} point" if number == "1" else f"{number} points"


def _days(days):
    return {0: "less than a day", 1: "1 day"}.get(days, f"{days} days")


def _lower(label):
    return label[0].lower() + label[1:]
