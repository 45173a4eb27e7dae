"""Inspect a running sprint, act on what is suggested, and tell stakeholders."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from backlog.actions import comments, splits
from backlog.models import Comment, Item, ProductRole
from core import events
from core.errors import InvalidInput, RuleViolation
from core.permissions import require
from planning import sprint_chance
from sprints import mails
from sprints.actions import sprints
from sprints.models import CorrectiveAction, Inspection, Sprint, SprintItem, StatusNote
from sprints.permissions import right_to_split
from sprints.queries.inspecting import findings, named_in, rest_of, words_of

_ASKED = "Asked in the inspection of {sprint}: this is holding up the sprint goal. What does it need?"
LONGEST_NOTE = 4_000


class NothingToInspect(RuleViolation):
    code = "sprint_nothing_to_inspect"
    message = "A sprint is inspected while it runs, once its team has closed four sprints."


class NothingSuggested(RuleViolation):
    code = "inspection_nothing_suggested"
    message = "This inspection suggests nothing, or it was taken already."


class AlreadyTaken(RuleViolation):
    code = "inspection_already_taken"
    message = "What this inspection suggests was taken already: take that back first."


class NothingToUndo(RuleViolation):
    code = "inspection_nothing_to_undo"
    message = "Nothing was done here that could be taken back."


@transaction.atomic
def inspect(sprint, on: date, *, by, at: datetime | None = None) -> Inspection:
    """Hold a running sprint against its forecast; again on the same day it is the same inspection, brought up to date.

    An alert needs two inspections running that are low. The next inspection after an action says whether it helped.
    Raises PermissionDenied, NothingToInspect.
    """
    sprint = _lock(sprint)
    require(by, "sprint.inspect", sprint)
    now = at or timezone.now()
    reader = _reader(sprint)
    found = findings(sprint, now=now, reader=reader) if sprint.status == Sprint.Status.ACTIVE and reader else None
    if found is None:
        raise NothingToInspect
    before = sprint.inspections.filter(on__lt=on).order_by("-on").first()
    is_alert = found.is_low and before is not None and before.is_low
    held = sprint.inspections.filter(on=on).select_related("action").first()
    was_alert = held is not None and held.is_alert
    suggestion = found.suggestion.__dict__ if found.suggestion and found.is_low else None
    if held is not None and hasattr(held, "action"):
        # What was taken stays written as it was.
        suggestion = held.suggestion
    elif held is not None and held.verdict and held.suggestion != suggestion:
        # A verdict was on something else.
        Inspection.objects.filter(pk=held.pk).update(verdict="", verdict_at=None, verdict_by=None)
    values = {
        "organization_id": sprint.organization_id,
        "made_at": now,
        "goal_percent": found.goal_percent,
        "scope_percent": found.scope_percent,
        "start_percent": found.start_percent,
        "is_low": found.is_low,
        "is_alert": is_alert,
        "causes": list(found.causes),
        "suggestion": suggestion,
    }
    inspection, _ = Inspection.objects.update_or_create(sprint=sprint, on=on, defaults=values)
    actions = CorrectiveAction.objects.filter(inspection__sprint=sprint, outcome_percent=None, undone_at=None)
    actions.filter(inspection__on__lt=on).update(outcome_percent=found.goal_percent)
    events.record(
        "sprint.inspected", target=inspection, by=by, at=at, goal_percent=found.goal_percent, is_alert=is_alert
    )
    if is_alert and not was_alert and at is None:
        mails.tell_team(sprint, "alert", inspection)
    return inspection


@transaction.atomic
def judge(inspection, verdict: str, *, by) -> Inspection:
    """Put what an inspection suggests on the daily, or aside for now. verdict: raised or not_now.

    Raises PermissionDenied, InvalidInput, NothingSuggested, AlreadyTaken.
    """
    sprint = _lock(inspection.sprint)
    inspection = Inspection.objects.select_for_update().get(pk=inspection.pk)
    inspection.sprint = sprint
    require(by, "sprint.correct", sprint)
    if verdict not in Inspection.Verdict.values:
        raise InvalidInput("Raise it in the daily, or say not now.", field="verdict")
    if not inspection.suggestion:
        raise NothingSuggested
    if CorrectiveAction.objects.filter(inspection=inspection).exists():
        raise AlreadyTaken
    old = inspection.verdict
    inspection.verdict, inspection.verdict_at, inspection.verdict_by = verdict, timezone.now(), by
    inspection.save(update_fields=["verdict", "verdict_at", "verdict_by"])
    events.record("sprint.suggestion_judged", target=inspection, by=by, changes={"verdict": [old, verdict]})
    return inspection


@transaction.atomic
def take(inspection, *, by) -> CorrectiveAction:
    """Do what an inspection suggests.

    Raises PermissionDenied, NothingSuggested, and what taking items in or out raises.
    """
    sprint = _lock(inspection.sprint)
    inspection = Inspection.objects.select_for_update().get(pk=inspection.pk)
    inspection.sprint = sprint
    require(by, "sprint.correct", sprint)
    if not inspection.suggestion or CorrectiveAction.objects.filter(inspection=inspection).exists():
        raise NothingSuggested
    change = dict(inspection.suggestion)
    text = words_of(change, named_in(change))
    change |= _do(sprint, change, by)
    action = CorrectiveAction.objects.create(
        inspection=inspection,
        change=change,
        text=text,
        before_percent=inspection.goal_percent,
        expected_percent=change["percent"],
        taken_by=by,
    )
    events.record("sprint.corrected", target=action, by=by, sprint=sprint.pk, text=text)
    return action


@transaction.atomic
def undo(action, *, by) -> CorrectiveAction:
    """Take a corrective action back. Raises PermissionDenied, NothingToUndo."""
    sprint = _lock(action.inspection.sprint)
    action = CorrectiveAction.objects.select_for_update().get(pk=action.pk)
    require(by, "sprint.correct", sprint)
    if action.undone_at is not None or sprint.status != Sprint.Status.ACTIVE:
        raise NothingToUndo
    _undo(sprint, action.change, by)
    action.undone_at, action.undone_by = timezone.now(), by
    action.save(update_fields=["undone_at", "undone_by"])
    events.record("sprint.correction_undone", target=action, by=by, sprint=sprint.pk, text=action.text)
    return action


@transaction.atomic
def publish(product, sprint, text: str, *, by) -> StatusNote:
    """Put a note on the status page of a product, and mail it to its stakeholders.

    Raises PermissionDenied, InvalidInput.
    """
    require(by, "status.publish", product)
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_NOTE or "\x00" in text:
        raise InvalidInput(f"A note has between 1 and {LONGEST_NOTE:,} characters.", field="text")
    note = StatusNote.objects.create(
        organization_id=product.organization_id, product=product, sprint=sprint, text=text, published_by=by
    )
    events.record("note.published", target=note, by=by, sprint=sprint.pk)
    mails.tell_stakeholders(note)
    return note


def _lock(sprint):
    return (
        Sprint.objects.select_for_update(of=("self",), no_key=True)
        .select_related("team__organization")
        .get(pk=sprint.pk)
    )


def _reader(sprint):
    """By whose eyes the sprint is read: the product owner's, who sees restricted items too."""
    owners = ProductRole.objects.filter(
        product__team_links__team=sprint.team_id, role=ProductRole.Role.PRODUCT_OWNER
    ).select_related("user")
    owner = owners.order_by("product__key").first()
    return owner.user if owner else None


def _do(sprint, change, by):
    item = Item.objects.select_related("product", "assignee").filter(pk=change["item"]).first()
    match change["kind"]:
        case "drop":
            sprints.remove(sprint, [item], by=by, reason="An inspection suggested it: the goal does not need it")
        case "swap":
            into = Item.objects.select_related("product").get(pk=change["into"])
            sprints.swap(sprint, [into], out=[item], by=by)
        case "split":
            _, rest = splits.split(item, _halves(item), by=by, right=right_to_split(by, sprint, item))
            return {"rest": rest.pk}
        case "ask":
            whom = f"@{item.assignee.name} " if item.assignee else ""
            return {"comment": comments.add(item, f"{whom}{_ASKED.format(sprint=sprint)}", by=by).pk}
        case "reorder":
            SprintItem.objects.filter(sprint=sprint, outcome="").update(is_first=False)
            SprintItem.objects.filter(sprint=sprint, outcome="", is_for_goal=True).update(is_first=True)
    return {}


def _halves(item):
    if not item.points:
        raise NothingSuggested
    rest = sprint_chance.second_half(item.points)
    return [splits.Part(item.title, item.points - rest), splits.Part(rest_of(item.title), rest)]


def _undo(sprint, change, by):
    item = Item.objects.select_related("product").filter(pk=change["item"]).first()
    match change["kind"]:
        case "drop":
            sprints.add(sprint, [item], by=by)
        case "swap":
            into = Item.objects.select_related("product").get(pk=change["into"])
            sprints.swap(sprint, [item], out=[into], by=by)
        case "split":
            splits.take_back(item, by=by, right=right_to_split(by, sprint, item))
        case "ask":
            comments.remove(Comment.objects.get(pk=change["comment"]), by=by)
        case "reorder":
            SprintItem.objects.filter(sprint=sprint, outcome="").update(is_first=False)
