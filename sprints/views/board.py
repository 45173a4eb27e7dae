"""The team's page of a running sprint: its board and its charts."""

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from backlog.models import Item
from backlog.views.told import EVENT
from core.answers import changed
from core.errors import InvalidInput
from core.permissions import allowed, can, require_route
from sprints.actions import board
from sprints.forms import MoveForm, sent_columns
from sprints.models import BoardColumn, Inspection, Sprint
from sprints.permissions import right_to_split
from sprints.queries import charts as drawn
from sprints.queries import inspecting, team_view
from sprints.queries.availability import absences_in
from sprints.queries.capacity import capacity_of
from sprints.queries.history import sprint_history
from sprints.views.lookups import found_sprint, shown, sprint_url, team_url

Status = BoardColumn.Status
_NEW_ROWS = 2


@require_POST
def move(request, product_key, sprint_id):
    _, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Say which item goes to which column.", field="keys")
    item = _item(request, sprint, form.cleaned_data["keys"])
    column = _column(sprint, form.cleaned_data["column"])
    board.move(sprint, item, status=column.status, column=column if column.pk else None, by=request.user)
    return changed(request, team_url(request, product_key, sprint), f"{item.key} is in {column}.", event=EVENT)


@require_POST
def arrange(request, product_key, sprint_id):
    _, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    board.arrange(sprint.team, sent_columns(request.POST), by=request.user)
    return changed(request, sprint_url(product_key, sprint), "The board has these columns now.", event=EVENT)


@require_GET
def charts(request, product_key, sprint_id):
    """The fragment beside the board."""
    product, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    now = timezone.now()
    values = {"product": product, "sprint": sprint, "history": None}
    if sprint.started_at:
        history = sprint_history(sprint, now=now)
        seen = inspecting.latest(sprint) if sprint.status == Sprint.Status.ACTIVE else None
        items = Item.objects.readable_by(request.user).filter(pk__in={one.item_id for one in history.log})
        keys = {item.pk: item for item in items.select_related("product")}
        values |= {
            "history": history,
            "charts": drawn.charts(history, capacity_of(sprint), relief=seen.relief if seen and seen.is_waiting else 0),
            "changes": [(change, keys.get(change.item_id)) for change in history.log],
        }
    return render(request, "sprints/sprints/charts.html", values)


def team_values(request, product, sprint):
    """What the team's page shows; ?lanes=person, ?daily=person or item, and where the daily is with ?at."""
    view = team_view.team_view(sprint, request.user, now=timezone.now())
    seen = inspecting.latest(sprint)
    rights = allowed(request.user, ("sprint.inspect", "sprint.correct", "sprint.split"), sprint)
    mode, lanes = request.GET.get("daily", ""), request.GET.get("lanes", "")
    values = {
        "view": view,
        "shown": shown(request),
        "lanes": view.board.lanes(by_person=lanes == "person"),
        "by_person": lanes == "person",
        "absences": absences_in(sprint),
        "statuses": Status.choices,
        "seen": seen,
        "may_inspect": "sprint.inspect" in rights,
        "may_correct": "sprint.correct" in rights,
        "may_take": "sprint.correct" in rights and _may_take(request.user, sprint, seen),
        "splittable": _splittable(request.user, product, view, "sprint.split" in rights),
        "draft": _draft(request.user, product, sprint, seen, view),
        "column_rows": [*view.board.columns, *[None] * _NEW_ROWS],
    }
    return values | (_daily(request, view, mode, seen) if mode in ("person", "item") else {})


def _may_take(user, sprint, seen):
    """A suggestion to split takes the right to split; the others only that to correct."""
    if not seen or not seen.words or seen.inspection.suggestion["kind"] != "split":
        return True
    item = seen.named.get(seen.inspection.suggestion["item"])
    return item is not None and can(user, *right_to_split(user, sprint, item))


def _splittable(user, product, view, is_of_team):
    """Ids of what the person may split at the close."""
    if is_of_team:
        return {card.id for card in view.unfinished}
    if not view.may_plan or not can(user, "item.split", Item(product=product)):
        return set()
    return {card.id for card in view.unfinished if card.product_key == product.key}


def _draft(user, product, sprint, seen, view):
    """The note for stakeholders, for who may publish one."""
    if not can(user, "status.publish", product):
        return ""
    return inspecting.draft_note(sprint, seen, view.board)


def _daily(request, view, mode, seen):
    stops = team_view.daily_stops(view.board, mode)
    is_raised = seen is not None and seen.is_waiting and seen.inspection.verdict == Inspection.Verdict.RAISED
    if is_raised:
        stops = (("Raised for today", ()), *stops)
    sent = request.GET.get("at", "0")
    at = min(int(sent) if sent.isdecimal() and len(sent) < 5 else 0, max(len(stops) - 1, 0))
    stop = stops[at] if stops else ("", ())
    return {
        "daily": mode,
        "lanes": (view.board.lane("", view.board.cards) if is_raised and at == 0 else view.board.lane(*stop),),
        "stop": stop,
        "raised": is_raised and at == 0,
        "at": at,
        "stop_number": at + 1,
        "stop_count": len(stops),
        "before": at - 1 if at else None,
        "after": at + 1 if at + 1 < len(stops) else None,
    }


def _item(request, sprint, key):
    item = Item.objects.readable_by(request.user).by_key(key).select_related("product").first()
    if item is None:
        raise InvalidInput(f"There is no item {key.upper()} that you may see.", field="keys")
    return item


def _column(sprint, sent):
    """The team's own column of that id, or what stands for a status where it has none."""
    own = BoardColumn.objects.filter(team=sprint.team_id)
    if sent in Status.values and not own.exists():
        return BoardColumn(name=Status(sent).label, status=sent)
    wanted = Q(pk=sent) if sent.isdecimal() and len(sent) < 19 else Q(status=sent)
    found = own.filter(wanted).order_by("position").first()
    return found or get_object_or_404(own, pk=0)
