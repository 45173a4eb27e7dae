"""Suggest an item for a sprint to those who choose what is in it."""

from datetime import datetime

from django.db import transaction

from backlog.actions import suggestions
from backlog.actions.item_rows import lock
from backlog.models import Item, ProductTeam, Suggestion
from core.permissions import require
from sprints.actions import sprints
from sprints.models import Sprint, SprintItem


@transaction.atomic
def suggest(sprint, item, *, by, reason: str = "", at: datetime | None = None) -> Suggestion:
    """Raises PermissionDenied, InvalidInput, SprintClosed, NotPullable, InAnotherSprint, MayDoIt."""
    sprint = Sprint.objects.select_for_update(no_key=True).get(pk=sprint.pk)
    require(by, "sprint.suggest", sprint)
    if sprint.status == Sprint.Status.CLOSED:
        raise sprints.SprintClosed
    item = lock(item)
    is_of_team = ProductTeam.objects.filter(team=sprint.team_id, product=item.product_id).exists()
    if not is_of_team or item.status not in Item.UNFINISHED:
        raise sprints.NotPullable(items=[item.key])
    if SprintItem.objects.filter(item=item, outcome="").exists():
        raise sprints.InAnotherSprint(items=[item.key])
    payload = {"sprint": sprint.pk, "name": str(sprint)}
    return suggestions.make(item, Suggestion.Action.PULL, payload, verbs=["sprint.pull"], by=by, reason=reason, at=at)


def register() -> None:
    """Let backlog take such suggestions: over what one needs the right, and how it is done."""
    suggestions.register(Suggestion.Action.PULL, suggestions.Act(_sprint, _pull))


def _pull(suggestion, by):
    sprints.add(_sprint(suggestion), [suggestion.item], by=by)


def _sprint(suggestion):
    return Sprint.objects.get(pk=suggestion.payload["sprint"])
