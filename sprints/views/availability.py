"""Who of the team is there, as its sprint shows it."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.models import TeamMembership
from backlog.views.told import EVENT
from core.answers import changed
from core.errors import InvalidInput
from core.permissions import require_route
from sprints.actions import availability
from sprints.forms import AbsenceForm, FocusForm
from sprints.models import Absence
from sprints.views.lookups import found_sprint, sprint_url


@require_POST
def add_absence(request, product_key, sprint_id):
    _, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    values = _read(AbsenceForm(request.POST), sprint)
    absence = availability.add_absence(sprint.team, values.pop("user"), by=request.user, **values)
    return changed(request, sprint_url(product_key, sprint), f"{absence}.", event=EVENT)


@require_POST
def remove_absence(request, product_key, sprint_id, absence_id):
    _, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    absence = get_object_or_404(Absence.objects.select_related("user", "team"), team=sprint.team_id, pk=absence_id)
    availability.remove_absence(absence, by=request.user)
    return changed(request, sprint_url(product_key, sprint), f"{absence.user} is there after all.", event=EVENT)


@require_POST
def set_focus(request, product_key, sprint_id):
    _, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    values = _read(FocusForm(request.POST), sprint)
    availability.set_focus(sprint.team, values["user"], values["percent"], by=request.user)
    text = f"{values['user']} is there for {values['percent']} % of the time."
    return changed(request, sprint_url(product_key, sprint), text, event=EVENT)


def _read(form, sprint):
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise InvalidInput(str(errors[0]), field=field)
    values = form.cleaned_data
    member = get_object_or_404(TeamMembership.objects.select_related("user"), team=sprint.team_id, user=values["user"])
    return values | {"user": member.user}
