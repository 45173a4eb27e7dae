"""Why a proposed move pays and what it brings, in plain words made from its message key and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

from nightly.models import ProposedMove

_NAMED = 3


@dataclass(frozen=True)
class Names:
    """What a reader may see of the items that moves mention: keys and due dates by id."""

    keys: Mapping[int, str]
    due: Mapping[int, date]

    def key(self, pk: int) -> str:
        return self.keys.get(pk, "an item that you may not see")

    def row(self, pks: list[int]) -> str:
        """PAY-1, PAY-2 and 3 more."""
        keys = [self.key(pk) for pk in pks[:_NAMED]]
        if len(pks) > _NAMED:
            keys.append(f"{len(pks) - _NAMED} more")
        return keys[0] if len(keys) == 1 else f"{', '.join(keys[:-1])} and {keys[-1]}"


@dataclass(frozen=True)
class Gain:
    """lead: what comes sooner; rest: what that saves."""

    lead: str
    rest: str


def reason(move: ProposedMove, names: Names) -> str:
    """One or two sentences: why the move is proposed."""
    anchor = names.key(move.anchor_id)
    needing = "needs it" if len(move.bundle) == 2 else "need it"
    others = [pk for pk in move.bundle if pk != move.item_id]
    along = names.row(others) if others else ""
    together = names.row([move.item_id, *others])
    match move.reason_key:
        case "needs_first":
            return f"{anchor} stands above it and needs it. With this move it comes first{_taking(along, 'it needs')}."
        case "behind_its_need":
            return (
                f"It stands above {anchor}, which it needs, so it can't be finished before that anyway. "
                f"With this move it stands right behind{_taking(along, needing)}."
            )
        case "earlier":
            return f"{_worth(move, 'It')} {_passed(move, 'It')}"
        case "earlier_for_date":
            lever = move.numbers["lever"]
            due = names.due.get(lever)
            until = f", {date_format(due, 'j F')}," if due else ""
            whose = "its due date" if lever == move.item_id else f"the due date of {names.key(lever)}"
            return f"Where it stands, {whose}{until} is missed. {_work(move)} would no longer be in front of it."
        case "earlier_with_needs":
            return f"It takes along {along}, which it needs. {_worth(move, 'Together they')} {_passed(move, 'They')}"
        case "earlier_as_group":
            return f"{together} bring their value only together. {_worth(move, 'They')} {_passed(move, 'They')}"
        case "later_with_dependants":
            return f"It goes down with {along}, which {needing}. {_worth(move, 'Together they')} {_waiting(move)}"
        case "later_as_group":
            return f"{together} bring their value only together. {_worth(move, 'They')} {_waiting(move)}"
        case _:
            return f"{_worth(move, 'It')} {_waiting(move)}"


def gain(move: ProposedMove, gained: float, names: Names, *, rate: float | None, currency: str) -> Gain:
    """What comes sooner, and what is lost less.

    gained: in the units of the move's gain, as of now. rate: what a value point is worth in the currency, if known.
    """
    pace = move.numbers.get("points_a_week", 0)
    lever = move.numbers["lever"]
    passed = int(move.numbers.get("passed", 0))
    if move.reason_key in ("needs_first", "behind_its_need"):
        lead = "In an order that can be worked off"
    elif move.direction == ProposedMove.Direction.LATER and passed > 1:
        lead = f"{passed} items up to {_span(move.numbers['lever_points'], pace)} sooner"
    else:
        lead = f"{names.key(lever)} {sooner(move.numbers['lever_points'], pace)}"
    return Gain(lead, saving(gained, move.share, pace, rate=rate, currency=currency))


def saving(gained: float, share: float, pace: float, *, rate: float | None, currency: str) -> str:
    """What waiting costs less: money, else value points, else a share of the cost of delay."""
    if gained <= 0:
        return "Costs nothing"
    if pace and rate:
        return f"{currency}\u00a0{gained / pace * rate:,.0f} less lost by waiting"
    if pace:
        return f"{_figure(gained / pace)} value points less lost by waiting"
    return f"{_percent(share)} less cost of delay"


def sooner(points: float, pace: float) -> str:
    """About 3 weeks sooner, or, without a pace, so many points of work."""
    return f"{'about ' if pace else ''}{_span(points, pace)} sooner"


def _span(points, pace):
    if not pace:
        return f"{_points(points)} of work"
    days = points / pace * 7
    if days < 1.5:
        return "a day"
    if days < 10:
        return f"{days:.0f} days"
    weeks = round(days / 7)
    return f"{weeks} week{'s' if weeks != 1 else ''}"


def _worth(move, who):
    it, verb = ("it", "brings") if who == "It" else ("them", "bring")
    if not move.numbers["weight"]:
        return f"Nothing says yet what waiting for {it} costs: no value, no risk, no date."
    is_guessed = move.numbers.get("is_guessed")
    guess = (" (not estimated)" if who == "It" else " (not all of it estimated)") if is_guessed else ""
    return f"{who} {verb} {_value(move.numbers['weight'])} a week for {_points(move.numbers['size'])} of work{guess}."


def _value(amount):
    return f"{_figure(amount)} value point{'' if _figure(amount) == '1' else 's'}"


def _passed(move, who):
    count, points = int(move.numbers["passed"]), _points(move.numbers["passed_points"])
    which = "it passes" if who == "It" else "they pass"
    if count == 1:
        return f"The item {which} ({points}) brings less for its size."
    return f"The {count} items {which} ({points}) bring less for their size."


def _waiting(move):
    count, points = int(move.numbers["passed"]), _points(move.numbers["passed_points"])
    if count == 1:
        return f"The item behind it ({points}) brings more for its size and comes sooner."
    return f"The {count} items behind it ({points}) bring more for their size and come sooner."


def _work(move):
    count = int(move.numbers["passed"])
    items = "One item" if count == 1 else f"{count} items"
    return f"{items} ({_points(move.numbers['passed_points'])} of work)"


def _taking(along, what):
    return f", with {along}, which {what}" if along else ""


def _points(points):
    return f"{_figure(points)}\u00a0point{'' if _figure(points) == '1' else 's'}"


def _percent(share):
    if 0 < share < 0.0005:
        return "Less than 0.1\u00a0%"
    return f"{100 * share:.1f}".removesuffix(".0") + "\u00a0%"


def _figure(value):
    return f"{value:.1f}".removesuffix(".0") if abs(value) < 9.95 else f"{value:,.0f}"
