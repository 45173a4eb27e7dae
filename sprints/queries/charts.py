"""Burndown, burnup and cumulative flow as the numbers an SVG is drawn from, with what they say in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from sprints.queries.capacity import Capacity
from sprints.queries.history import SprintHistory

WIDTH, HEIGHT = 420, 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 26, 412, 14, 186
# How sure the fan is: four of five sprints end in it.
_FAN = (90, 10)


@dataclass(frozen=True)
class Tick:
    at: float
    label: str
    is_now: bool = False


@dataclass(frozen=True)
class Chart:
    """Paths in a view box of 420 by 210. title: what it shows, in words; ends: what the fan says."""

    title: str
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    now_x: float
    now_y: float
    now_label: str
    ideal: str
    real: str
    scope: str = ""
    gap: str = ""
    fan: str = ""
    fan_y: float = 0
    ends: str = ""
    helped: str = ""
    areas: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Charts:
    burndown: Chart
    burnup: Chart
    flow: Chart


def charts(history: SprintHistory, capacity: Capacity, *, relief: Decimal | int = 0) -> Charts | None:
    """The three charts of a sprint that has begun; None before its first day. relief: points that what is suggested
    takes off what is left, drawn into the burndown."""
    if not history.days:
        return None
    plane = _Plane(history)
    return Charts(_burndown(history, capacity, plane, relief), _burnup(history, capacity, plane), _flow(history, plane))


class _Plane:
    """Where a day and a number of points are on the chart."""

    def __init__(self, history):
        most = max(history.committed, *(max(day.scope, day.remaining) for day in history.days), Decimal(1))
        self.step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 10_000) if most / step <= 5)
        self.most = float(ceil(most / self.step) * self.step)
        self.days = len(history.all_days)
        self.history = history

    def x(self, day):
        """At the end of a day; 0 is the start of the first."""
        return round(_LEFT + (_RIGHT - _LEFT) * day / self.days, 1)

    def y(self, points):
        return round(_BOTTOM - (_BOTTOM - _TOP) * min(max(float(points), 0), self.most) / self.most, 1)

    def path(self, values: Sequence) -> str:
        return "M" + "L".join(f"{self.x(day)} {self.y(value)}" for day, value in enumerate(values))

    def area(self, lower, upper):
        there = [f"{self.x(day)},{self.y(value)}" for day, value in enumerate(upper)]
        back = [f"{self.x(day)},{self.y(value)}" for day, value in enumerate(lower)]
        return " ".join([*there, *reversed(back)])

    @property
    def rows(self):
        count = int(self.most // self.step)
        return tuple(Tick(self.y(self.step * index), str(self.step * index)) for index in range(count + 1))

    @property
    def columns(self):
        now = len(self.history.days) - 1
        names = enumerate(self.history.all_days)
        return tuple(Tick(round(self.x(day + 0.5), 1), f"{on:%a}"[:2], day == now) for day, on in names)


def _burndown(history, capacity, plane, relief):
    remaining = [history.committed, *(day.remaining for day in history.days)]
    ideal = [history.committed, *(history.even_pace(index) for index in range(plane.days))]
    left, now = history.last.remaining, len(history.days)
    low, high = _ends(history, capacity)
    behind = history.behind
    pace = f"{_number(abs(behind))} {'behind' if behind > 0 else 'ahead of'} the even pace"
    return Chart(
        title=f"Burndown: {_number(left)} points are left on day {now} of {plane.days}, {pace}",
        rows=plane.rows,
        columns=plane.columns,
        now_x=plane.x(now),
        now_y=plane.y(left),
        now_label=f"{_number(left)} left",
        ideal=plane.path(ideal),
        real=plane.path(remaining),
        gap=plane.area(ideal[: now + 1], remaining) if behind > 0 else "",
        helped=_helped(history, capacity, plane, relief),
        **_fan(plane, now, left, low, high),
    )


def _burnup(history, capacity, plane):
    done, now = history.last.done, len(history.days)
    low, high = _ends(history, capacity)
    scope = history.last.scope
    fan = {} if low is None else _fan(plane, now, done, scope - high, scope - low)
    ideal = [history.committed - history.even_pace(index) for index in range(plane.days)]
    return Chart(
        title=f"Burnup: {_number(done)} of {_number(scope)} points are done on day {now} of {plane.days}",
        rows=plane.rows,
        columns=plane.columns,
        now_x=plane.x(now),
        now_y=plane.y(done),
        now_label=f"{_number(done)} done",
        ideal=plane.path([0, *ideal]),
        real=plane.path([0, *(day.done for day in history.days)]),
        scope=plane.path([history.committed, *(day.scope for day in history.days)]),
        **fan,
    )


def _flow(history, plane):
    days = [
        (Decimal(0), Decimal(0), history.committed),
        *((day.done, day.in_progress, day.scope) for day in history.days),
    ]
    done = [one[0] for one in days]
    begun = [one[0] + one[1] for one in days]
    scope = [one[2] for one in days]
    last, now = history.last, len(history.days)
    return Chart(
        title=f"Cumulative flow on day {now}: {_number(last.done)} points done, "
        f"{_number(last.in_progress)} in progress, {_number(last.to_do)} to do",
        rows=plane.rows,
        columns=plane.columns,
        now_x=plane.x(now),
        now_y=plane.y(last.scope),
        now_label="",
        ideal="",
        real="",
        areas=(
            ("c-todo", plane.area(begun, scope)),
            ("c-doing", plane.area(done, begun)),
            ("c-done", plane.area([0] * len(days), done)),
        ),
    )


def _ends(history, capacity):
    """What will be left at the end if it goes on as in past sprints: from, to."""
    from planning import scope

    low, high = (scope.capacity(capacity.past, percent) for percent in (_FAN[1], _FAN[0]))
    if low is None or len(history.days) == len(history.all_days):
        return None, None
    share = (len(history.all_days) - len(history.days)) / len(history.all_days)
    left = float(history.last.remaining)
    return tuple(Decimal(round(max(left - points * share, 0))) for points in (low, high))


def _helped(history, capacity, plane, relief):
    """Where the line goes with what is suggested: down at once, then as in a typical sprint."""
    left = len(history.all_days) - len(history.days)
    if not relief or not left or not capacity.has_history:
        return ""
    now, after = len(history.days), max(history.last.remaining - relief, Decimal(0))
    end = max(after - capacity.stretch * left / len(history.all_days), Decimal(0))
    x, y = plane.x(now), plane.y
    return f"M{x} {y(history.last.remaining)}V{y(after)}L{plane.x(plane.days)} {y(end)}"


def _fan(plane, now, value, low, high):
    if low is None:
        return {}
    fan = f"M{plane.x(now)} {plane.y(value)}L{plane.x(plane.days)} {plane.y(low)}V{plane.y(high)}Z"
    return {"fan": fan, "fan_y": plane.y((low + high) / 2), "ends": f"as it goes: {_number(low)} to {_number(high)}"}


def _number(points):
    points = round(Decimal(points), 1)
    return f"{points.normalize():f}" if points else "0"
