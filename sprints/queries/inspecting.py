"""A running sprint as an inspection sees it: what is left, what holds it up, and what would help."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from accounts.models import User
from backlog.models import Dependency, Item
from planning import sprint_chance
from sprints.models import CorrectiveAction, Inspection, Sprint, SprintItem
from sprints.queries.capacity import capacity_of
from sprints.queries.history import SprintHistory, sprint_history
from sprints.queries.plan_screen import horizon_of
from sprints.queries.sprint_lists import working_days
from sprints.queries.team_view import Board, board

LOW_PERCENT = 60
LOWER_BY = 15
_REST = ", the rest"


@dataclass(frozen=True)
class Findings:
    """What an inspection writes down. Chances in whole per cent."""

    goal_percent: int
    scope_percent: int
    start_percent: int
    causes: tuple[str, ...]
    suggestion: sprint_chance.Change | None

    @property
    def is_low(self) -> bool:
        return self.goal_percent < LOW_PERCENT or self.goal_percent <= self.start_percent - LOWER_BY


def findings(sprint, *, now: datetime, reader: User) -> Findings | None:
    """Hold a running sprint against its forecast; None where the team's past says too little.

    reader: by whose eyes items are read: the product owner of the first product, so that a restricted item counts.
    """
    import numpy as np

    capacity = capacity_of(sprint)
    if not capacity.has_history:
        return None
    shown = board(sprint, reader, now=now)
    history = sprint_history(sprint, now=now)
    today = now.astimezone(ZoneInfo(sprint.team.organization.time_zone)).date()
    days = working_days(sprint.starts_on, sprint.ends_on)
    left = working_days(max(today, sprint.starts_on), sprint.ends_on) if today <= sprint.ends_on else 0
    reach = [points * left / days for points in capacity.past if points > 0]
    works = _works(sprint, shown)
    seed = sprint.pk
    goal = sprint_chance.goal_chance(works, reach, rng=np.random.default_rng(seed))
    everything = [_for_goal(work) for work in works]
    spare = _spare(sprint, reader, now)
    suggestion = sprint_chance.best_change(works, spare, reach, seed=seed, before=goal)
    secret = {card.id for card in shown.cards if card.is_restricted}
    return Findings(
        goal_percent=goal,
        scope_percent=sprint_chance.goal_chance(everything, reach, rng=np.random.default_rng(seed)),
        start_percent=_at_start(sprint, capacity, seed),
        causes=tuple(_causes(shown, history)),
        suggestion=None if suggestion is None or suggestion.item in secret else suggestion,
    )


def _works(sprint, shown: Board):
    """Unfinished items in the order of the board; without chosen items the goal needs all of them."""
    open_cards = [card for card in shown.cards if not card.is_done]
    ids = {card.id for card in open_cards}
    links = Dependency.objects.filter(dependent__in=ids, enabler__status__in=Item.UNFINISHED)
    pairs = list(links.values_list("dependent", "enabler"))
    outside = {enabler for _, enabler in pairs} - ids
    worked_on = set(
        SprintItem.objects.filter(item__in=outside, outcome="", sprint__status=Sprint.Status.ACTIVE).values_list(
            "item", flat=True
        )
    )
    has_goal = any(card.is_for_goal for card in shown.cards)
    return [
        sprint_chance.Work(
            id=card.id,
            points=float(card.points or 1),
            is_begun=card.status == Item.Status.IN_PROGRESS,
            is_stuck=card.is_old,
            is_blocked=any(pk == card.id and need in outside - worked_on for pk, need in pairs),
            is_for_goal=card.is_for_goal or not has_goal,
            needs=tuple(need for pk, need in pairs if pk == card.id and need in ids),
        )
        for card in open_cards
    ]


def _for_goal(work):
    return replace(work, is_for_goal=True)


def _at_start(sprint, capacity, seed):
    """The chance of the goal as the sprint began: with what it needed then, and all days."""
    import numpy as np

    entries = SprintItem.objects.filter(sprint=sprint, points_at_start__isnull=False)
    rows = list(entries.order_by("pk").values_list("item", "points_at_start", "is_for_goal"))
    has_goal = any(is_for_goal for _, _, is_for_goal in rows)
    works = [
        sprint_chance.Work(pk, float(points or 1), is_for_goal=is_for_goal or not has_goal)
        for pk, points, is_for_goal in sorted(rows, key=lambda row: not row[2])
    ]
    reach = [points for points in capacity.past if points > 0]
    return sprint_chance.goal_chance(works, reach, rng=np.random.default_rng(seed))


def _spare(sprint, reader, now):
    horizon = horizon_of(sprint, reader, now=now)
    open_to_all = set(Item.objects.filter(pk__in=horizon.by_id, is_restricted=False).values_list("pk", flat=True))
    possible = [
        one for one in horizon.possible() if not one.is_inside and not horizon.needs[one.id] and one.id in open_to_all
    ]
    return [sprint_chance.Work(one.id, float(one.points), is_for_goal=False) for one in possible[:20]]


def _causes(shown: Board, history: SprintHistory):
    """What holds the sprint up, in words; the worst first."""
    # A sentence goes to the whole team: what few may see is not named.
    named = [card for card in shown.cards if not card.is_restricted]
    for card in named:
        if card.is_old:
            column = next(column.name for column in shown.columns if column.key == card.column)
            yield f"{card.key} has been in “{column}” for {card.days} days."
    for card in named:
        if card.waits_for:
            yield f"{card.key} waits for {', '.join(card.waits_for)}."
    totals = history.totals
    if added := totals.get("added", Decimal(0)):
        yield f"{_points(added)} came in after the start."
    if (grown := totals.get("re-estimated", Decimal(0))) > 0:
        yield f"Estimates grew by {_points(grown)}."
    if (lost := totals.get("capacity_changed", Decimal(0))) < 0:
        yield f"The team has {_points(-lost)} less capacity than at the start."
    if history.behind >= 1:
        yield f"The team is {_points(round(history.behind))} behind an even pace."


def words_of(suggestion: dict, named: dict[int, Item]) -> str:
    """A suggestion as a sentence. named: the items it names, by id."""
    item, into = (named.get(suggestion[name]) for name in ("item", "into"))
    key = item.key if item else "an item"
    match suggestion["kind"]:
        case "reorder":
            return "Work first on what the goal needs."
        case "ask":
            return f"Ask {item.assignee.name if item and item.assignee else 'the team'} about {key}, which is stuck."
        case "swap":
            return f"Swap {key} for {into.key if into else 'a smaller item'}, which is smaller."
        case "split":
            return f"Split {key}, and keep in the sprint only the half that the goal needs."
    return f"Move {key} back to the backlog: the goal does not need it."


def named_in(suggestion: dict | None) -> dict[int, Item]:
    """The items that a suggestion names, in one statement."""
    ids = [suggestion[name] for name in ("item", "into") if suggestion[name]] if suggestion else []
    return {item.pk: item for item in Item.objects.filter(pk__in=ids).select_related("product", "assignee")}


def _points(points):
    number = f"{Decimal(points).normalize():f}"
    return f"{number} point" if number == "1" else f"{number} points"


@dataclass(frozen=True)
class Correction:
    """A corrective action of a sprint, and how it ended or that it has not yet."""

    action: CorrectiveAction
    is_open: bool

    @property
    def end(self) -> str:
        action = self.action
        if action.undone_at:
            return "taken back"
        if action.outcome_percent is None:
            return "the next inspection says whether it helps" if self.is_open else "not looked at again"
        helped = "it helped" if action.has_helped else "it did not help"
        return f"{helped}: {action.before_percent} % before, {action.outcome_percent} % after"


@dataclass(frozen=True)
class InspectionRow:
    """words: of the suggestion, empty without one. named: the items it names. relief: points that it takes off what is
    left. action: what was taken. earlier: the actions of other days, the newest first."""

    inspection: Inspection
    words: str
    named: dict[int, Item]
    relief: Decimal
    action: Correction | None
    earlier: tuple[Correction, ...]

    @property
    def all_actions(self) -> tuple[Correction, ...]:
        return (*((self.action,) if self.action else ()), *self.earlier)

    @property
    def is_waiting(self) -> bool:
        """Something is suggested, and nobody has taken it or put it aside."""
        return bool(self.words) and self.action is None and self.inspection.verdict != Inspection.Verdict.NOT_NOW


def latest(sprint) -> InspectionRow | None:
    """The last inspection of a sprint and all that was done about it, in three statements."""
    found = sprint.inspections.select_related("verdict_by").order_by("-on").first()
    if found is None:
        return None
    taken = CorrectiveAction.objects.filter(inspection__sprint=sprint).select_related("taken_by")
    is_running = sprint.status == Sprint.Status.ACTIVE
    corrections = [Correction(action, is_running) for action in taken.order_by("-inspection__on")]
    named = named_in(found.suggestion)
    return InspectionRow(
        inspection=found,
        words=words_of(found.suggestion, named) if found.suggestion else "",
        named=named,
        relief=_relief(found.suggestion, named),
        action=next((one for one in corrections if one.action.inspection_id == found.pk), None),
        earlier=tuple(one for one in corrections if one.action.inspection_id != found.pk),
    )


def _relief(suggestion, named):
    item, into = (named.get(suggestion[name]) if suggestion else None for name in ("item", "into"))
    points = item.points if item and item.points else Decimal(0)
    match suggestion["kind"] if suggestion else "":
        case "drop":
            return points
        case "swap":
            return points - (into.points or 0 if into else 0)
        case "split":
            return sprint_chance.second_half(points)
    return Decimal(0)


def rest_of(title: str) -> str:
    """The title of what is left of an item that is split."""
    return f"{title[: Item._meta.get_field('title').max_length - len(_REST)]}{_REST}"


def draft_note(sprint, seen: InspectionRow | None, shown: Board) -> str:
    """A note in plain words for stakeholders, from the facts; somebody edits it before it is published."""
    done, points = shown.points_of("done"), shown.points
    share = round(100 * done / points) if points else 0
    goal = f"The goal of {sprint}: {sprint.goal}." if sprint.goal else f"{sprint} of {sprint.team}."
    lines = [goal, f"About {share} % of the work is done; the sprint ends on {sprint.ends_on:%-d %B}."]
    if seen is None:
        return "\n\n".join(lines)
    inspection, stands = seen.inspection, [one for one in seen.all_actions if not one.action.undone_at]
    if inspection.is_alert:
        lines.append(f"It is at risk: we see a chance of {inspection.goal_percent} % to reach the goal.")
        lines += [f"What we do about it: {one.action.text}" for one in stands[:1]]
    elif inspection.is_low:
        lines.append(f"It is not certain: we see a chance of {inspection.goal_percent} % to reach the goal.")
    else:
        lines.append(f"We expect to reach the goal, with a chance of {inspection.goal_percent} %.")
    return "\n\n".join(lines)
