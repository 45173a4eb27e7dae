"""The end of a sprint: review, retrospective, and a team's figures over its sprints."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Team
from backlog.models import Item
from backlog.views.lookups import permitted_product
from backlog.views.told import EVENT
from core.answers import changed
from core.permissions import can, require_route
from sprints.actions import notes
from sprints.models import Sprint, SprintNote
from sprints.queries.metrics import team_metrics
from sprints.views.lookups import found_sprint, sprint_url

_FOLLOWED = 10


@require_POST
def write(request, product_key, sprint_id):
    product, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    kind, text = request.POST.get("kind", ""), request.POST.get("text", "")
    note = notes.write(sprint, kind, text, by=request.user, product=product)
    told = f"{note.item.key} is proposed to the product owner." if note.item else "It is written down."
    return changed(request, sprint_url(product_key, sprint), told, event=EVENT)


@require_GET
def metrics(request, product_key, team_id):
    product = permitted_product(request, product_key)
    team = get_object_or_404(Team.objects.visible_to(request.user), product_links__product=product, pk=team_id)
    found = team_metrics(team, request.user, now=timezone.now())
    return render(request, "sprints/metrics/page.html", {"product": product, "team": team, "metrics": found})


def note_values(request, sprint):
    """The notes of a sprint, and the actions that earlier ones agreed on and are still open."""
    earlier = SprintNote.objects.filter(
        sprint__team=sprint.team_id, sprint__number__lt=sprint.number, kind=SprintNote.Kind.ACTION
    ).exclude(item__status__in=[Item.Status.ACCEPTED, Item.Status.DROPPED, Item.Status.DECLINED])
    kinds = SprintNote.Kind.choices if sprint.status == Sprint.Status.CLOSED else SprintNote.Kind.choices[:-1]
    return {
        "notes": sprint.notes.select_related("written_by", "item__product").order_by("pk"),
        "followed": earlier.select_related("sprint", "item__product").order_by("-pk")[:_FOLLOWED],
        "note_kinds": kinds,
        "may_note": can(request.user, "sprint.note", sprint),
    }
