"""Inspect a sprint, act on it, and tell stakeholders."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.views.lookups import permitted_product
from backlog.views.told import EVENT
from core.answers import changed
from core.permissions import require_route
from sprints.actions import inspections
from sprints.models import CorrectiveAction, Inspection, StatusNote
from sprints.views.lookups import found_sprint, team_url

_NOTES = 50


@require_POST
def inspect(request, product_key, sprint_id):
    _, sprint = found_sprint(request, product_key, sprint_id)
    today = sprint.team.organization.today()
    inspection = inspections.inspect(sprint, today, by=request.user)
    text = f"The sprint goal has a chance of {inspection.goal_percent} %."
    return changed(request, team_url(request, product_key, sprint), text, event=EVENT)


@require_POST
def take(request, product_key, sprint_id, inspection_id):
    _, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    inspection = get_object_or_404(sprint.inspections.select_related("sprint"), pk=inspection_id)
    action = inspections.take(inspection, by=request.user)
    undo_url = reverse("sprints:correct-undo", args=[product_key, sprint.pk, inspection.pk])
    return changed(
        request, team_url(request, product_key, sprint), f"Done: {action.text}", event=EVENT, undo_url=undo_url
    )


@require_POST
def judge(request, product_key, sprint_id, inspection_id):
    """Raise it in the daily, or not now."""
    _, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    inspection = get_object_or_404(sprint.inspections.select_related("sprint"), pk=inspection_id)
    inspection = inspections.judge(inspection, request.POST.get("verdict", ""), by=request.user)
    is_raised = inspection.verdict == Inspection.Verdict.RAISED
    text = "It is the first stop of the daily." if is_raised else "Put aside; tomorrow's inspection looks again."
    return changed(request, team_url(request, product_key, sprint), text, event=EVENT)


@require_POST
def undo(request, product_key, sprint_id, inspection_id):
    _, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    actions = CorrectiveAction.objects.filter(inspection__sprint=sprint).select_related("inspection__sprint")
    action = inspections.undo(get_object_or_404(actions, inspection=inspection_id), by=request.user)
    return changed(request, team_url(request, product_key, sprint), f"Taken back: {action.text}", event=EVENT)


@require_GET
def status(request, product_key):
    """What stakeholders read."""
    product = permitted_product(request, product_key)
    notes = StatusNote.objects.filter(product=product).select_related("sprint__team", "published_by").order_by("-pk")
    return render(request, "sprints/status/page.html", {"product": product, "notes": notes[:_NOTES]})


@require_POST
def publish(request, product_key, sprint_id):
    product, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, product)
    inspections.publish(product, sprint, request.POST.get("text", ""), by=request.user)
    return changed(request, reverse("sprints:status", args=[product_key]), "The note is published.", event=EVENT)
