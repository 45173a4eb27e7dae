"""The health of a backlog: how much is ready, what is wrong, and what to look at first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

# An item with at most so many checks missing is nearly ready.
NEARLY_READY_MISSING = 2

# A technical owner is worth asking for from so many technical items, or such a share of the work ahead, …
OWNER_ITEM_COUNT = 10
OWNER_TECHNICAL_SHARE = 0.2
# … and a further one from so many technical items that are not ready, or questions that wait too long, an owner.
ITEMS_AN_OWNER = 40
QUESTIONS_AN_OWNER = 3


class Urgency(IntEnum):
    """When a finding needs somebody: NOW stops work, SOON will in the sprints ahead, LATER is housekeeping."""

    NOW = 0
    SOON = 1
    LATER = 2


@dataclass(frozen=True)
class Item:
    """One item of the list, top first. points: None if not estimated. missing_count: checks of readiness not met.

    oldest_question_on: when the oldest question that is still open was asked.
    """

    number: int
    points: float | None
    is_technical: bool
    missing_count: int
    criteria_count: int
    created_on: date
    touched_on: date
    oldest_question_on: date | None = None
    has_owner: bool = True


@dataclass(frozen=True)
class Limits:
    """What is agreed for the product.

    sprint_points: what a sprint delivers. technical_range: least and most share, 0 … 1; None if none is agreed.
    runway_range: sprints. near_top_sprints: how far down estimates and criteria are expected.
    """

    sprint_points: float
    technical_range: tuple[float, float] | None = None
    runway_range: tuple[float, float] = (2.0, 3.0)
    near_top_sprints: int = 2
    sprints_ahead: int = 5
    stale_days: int = 60
    question_days: int = 3
    largest_sprint_share: float = 1 / 3


@dataclass(frozen=True)
class SprintAhead:
    """A sprint's worth of the list: its items, points by readiness, and the technical share, 0 … 1."""

    items: tuple[int, ...]
    ready: float
    nearly: float
    not_ready: float
    technical_share: float

    @property
    def points(self) -> float:
        return self.ready + self.nearly + self.not_ready


@dataclass(frozen=True)
class Finding:
    """Something wrong: a message key, the items it is about, in list order, and numbers for the message."""

    key: str
    urgency: Urgency
    items: tuple[int, ...]
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class Verdict:
    """The first sentence of the report: a key and numbers, and at most two findings that need the reader."""

    key: str
    numbers: Mapping[str, float]
    first: tuple[Finding, ...]


@dataclass(frozen=True)
class Held:
    """How often dates held: so many of so many, and their share, None while there are none."""

    held: int
    total: int

    @property
    def share(self) -> float | None:
        return self.held / self.total if self.total else None


def sprints_ahead(items: Sequence[Item], limits: Limits) -> tuple[SprintAhead, ...]:
    """Cut the list into sprints, from the top: a sprint ends before the item that would not fit any more.

    Items without points count as the median of the others, or 1. At most limits.sprints_ahead sprints; an item larger
    than a sprint fills one alone. Raises ValueError unless a sprint has points.
    """
    if not limits.sprint_points > 0:
        raise ValueError("a sprint delivers more than no points")
    usual = _median([item.points for item in items if item.points]) or 1.0
    sprints, current, load = [], [], 0.0
    for item in items:
        points = item.points or usual
        if current and load + points > limits.sprint_points:
            sprints.append(current)
            current, load = [], 0.0
            if len(sprints) == limits.sprints_ahead:
                break
        current.append((item, points))
        load += points
    if current and len(sprints) < limits.sprints_ahead:
        sprints.append(current)
    return tuple(map(_summed, sprints))


def runway(sprints: Sequence[SprintAhead], limits: Limits) -> float:
    """Give the sprints of work that is ready or nearly, up to and with the first sprint that holds other work."""
    points = 0.0
    for sprint in sprints:
        points += sprint.ready + sprint.nearly
        if sprint.not_ready:
            break
    return points / limits.sprint_points


def technical_share(sprints: Iterable[SprintAhead]) -> float:
    """Give the technical share, 0 … 1, of the points of some sprints together; 0 if they have none."""
    sprints = list(sprints)
    points = sum(sprint.points for sprint in sprints)
    return sum(sprint.points * sprint.technical_share for sprint in sprints) / points if points else 0.0


def find(
    items: Sequence[Item], limits: Limits, *, inversions: Sequence[tuple[int, int]], has_owners: bool, today: date
) -> tuple[Finding, ...]:
    """Look for what is wrong with a backlog, the most urgent first.

    items: the list, top first. inversions: pairs (item, what it needs) where the item stands above it.
    has_owners: the product has owners of components at all; only then is an item without one a finding.
    Keys: inversions, questions_waiting, runway_short, runway_long, technical_share_low, technical_share_high,
    unestimated_near_top, criteria_missing_near_top, too_big, without_owner, stale.
    """
    sprints = sprints_ahead(items, limits)
    near_top = {number for sprint in sprints[: limits.near_top_sprints] for number in sprint.items}
    found = [
        *_inversions(items, inversions, near_top),
        *_questions(items, limits, near_top, today),
        *_runway(sprints, limits),
        *_shares(sprints, limits),
        _about("unestimated_near_top", Urgency.SOON, items, lambda item: item.number in near_top and not item.points),
        _about(
            "criteria_missing_near_top",
            Urgency.SOON,
            items,
            lambda item: item.number in near_top and not item.criteria_count,
        ),
        _about("too_big", Urgency.SOON, items, lambda item: _sprint_share(item, limits) > limits.largest_sprint_share),
        _about("without_owner", Urgency.LATER, items, lambda item: has_owners and not item.has_owner),
        _about("stale", Urgency.LATER, items, lambda item: (today - item.touched_on).days >= limits.stale_days),
    ]
    return tuple(sorted((finding for finding in found if finding), key=lambda finding: finding.urgency))


def verdict(sprints: Sequence[SprintAhead], limits: Limits, findings: Sequence[Finding]) -> Verdict:
    """Say in one sentence how far the ready work reaches, and name at most two findings that need the reader now.

    Keys: nothing_listed, ready_enough (sprints), ready_too_little (sprints), ready_more_than_needed (sprints).
    """
    urgent = tuple(finding for finding in findings if finding.urgency is Urgency.NOW)[:2]
    if not sprints:
        return Verdict("nothing_listed", {}, urgent)
    reach = runway(sprints, limits)
    least, most = limits.runway_range
    key = "ready_too_little" if reach < least else "ready_more_than_needed" if reach > most else "ready_enough"
    return Verdict(key, {"sprints": reach}, urgent)


def technical_owner_advice(items: Sequence[Item], limits: Limits, *, owner_count: int, today: date) -> Finding | None:
    """Say whether the product should have a technical owner, or a further one; None if not.

    Keys: needs_technical_owner, needs_further_technical_owner. The thresholds are the constants of this module.
    """
    technical = [item for item in items if item.is_technical]
    share = technical_share(sprints_ahead(items, limits))
    unready = [item.number for item in technical if item.missing_count]
    waiting = [item.number for item in technical if _waits_too_long(item, limits, today)]
    numbers = {"technical_items": len(technical), "technical_share": share, "waiting_questions": len(waiting)}
    if not owner_count:
        if len(technical) < OWNER_ITEM_COUNT and share < OWNER_TECHNICAL_SHARE:
            return None
        return Finding("needs_technical_owner", Urgency.LATER, tuple(item.number for item in technical), numbers)
    if len(unready) > ITEMS_AN_OWNER * owner_count or len(waiting) > QUESTIONS_AN_OWNER * owner_count:
        numbers |= {"owners": owner_count, "unready_items": len(unready)}
        return Finding("needs_further_technical_owner", Urgency.LATER, tuple(unready or waiting), numbers)
    return None


def age_of_top(items: Sequence[Item], *, today: date, count: int = 20) -> float | None:
    """Give the median age in days of the first items of the list; None without any."""
    return _median([(today - item.created_on).days for item in items[:count]])


def dates_held(outcomes: Iterable[tuple[date, date | None]], *, today: date) -> Held:
    """Count how often what was forecast came in time.

    outcomes: (date forecast, finished on, or None while open). One that is open and not yet due is left out.
    """
    resolved = [(due, done) for due, done in outcomes if done is not None or today > due]
    return Held(sum(done is not None and done <= due for due, done in resolved), len(resolved))


def _summed(sprint):
    by_state = {"ready": 0.0, "nearly": 0.0, "not_ready": 0.0}
    for item, points in sprint:
        state = "nearly" if item.missing_count <= NEARLY_READY_MISSING else "not_ready"
        by_state["ready" if not item.missing_count else state] += points
    technical = sum(points for item, points in sprint if item.is_technical)
    numbers = tuple(item.number for item, _ in sprint)
    return SprintAhead(numbers, **by_state, technical_share=technical / sum(by_state.values()))


def _inversions(items, inversions, near_top):
    place = {item.number: index for index, item in enumerate(items)}
    listed = sorted((pair for pair in inversions if pair[0] in place), key=lambda pair: place[pair[0]])
    if listed:
        urgency = Urgency.NOW if listed[0][0] in near_top else Urgency.SOON
        upper = tuple(dict.fromkeys(item for item, _ in listed))
        yield Finding("inversions", urgency, upper, {"count": len(upper), "first_need": listed[0][1]})


def _questions(items, limits, near_top, today):
    waiting = [item for item in items if _waits_too_long(item, limits, today)]
    if waiting:
        oldest = max((today - item.oldest_question_on).days for item in waiting)
        urgency = Urgency.NOW if any(item.number in near_top for item in waiting) else Urgency.SOON
        numbers = {"count": len(waiting), "oldest_days": oldest}
        yield Finding("questions_waiting", urgency, tuple(item.number for item in waiting), numbers)


def _runway(sprints, limits):
    if not sprints:
        return
    reach = runway(sprints, limits)
    least, most = limits.runway_range
    if reach < least:
        # Less than one sprint: the next planning has too little to plan with.
        urgency = Urgency.NOW if reach < 1 else Urgency.SOON
        yield Finding("runway_short", urgency, (), {"sprints": reach, "least": least})
    elif reach > most:
        yield Finding("runway_long", Urgency.LATER, (), {"sprints": reach, "most": most})


def _shares(sprints, limits):
    if limits.technical_range is None:
        return
    least, most = limits.technical_range
    for ahead, sprint in enumerate(sprints[: limits.near_top_sprints], start=1):
        numbers = {"sprints_ahead": ahead, "share": sprint.technical_share, "least": least, "most": most}
        if sprint.technical_share > most:
            yield Finding("technical_share_high", Urgency.SOON, sprint.items, numbers)
        elif sprint.technical_share < least:
            yield Finding("technical_share_low", Urgency.SOON, sprint.items, numbers)


def _about(key, urgency, items, is_concerned):
    concerned = tuple(item.number for item in items if is_concerned(item))
    return Finding(key, urgency, concerned, {"count": len(concerned)}) if concerned else None


def _sprint_share(item, limits):
    return (item.points or 0.0) / limits.sprint_points


def _waits_too_long(item, limits, today):
    asked_on = item.oldest_question_on
    return asked_on is not None and (today - asked_on).days > limits.question_days


def _median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if not ordered:
        return None
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
