"""The sprints of a product's teams."""

from datetime import timedelta

from django.contrib import messages
from django.db.models import Max
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Team
from backlog.models import Item
from backlog.views.lookups import permitted_product, visible_product
from backlog.views.told import EVENT
from core.answers import changed, refuse
from core.errors import InvalidInput, RuleViolation
from core.permissions import require_route
from sprints.actions import sprints
from sprints.forms import KeysForm, SprintForm, sent_outcomes
from sprints.models import Sprint
from sprints.queries import sprint_lists


@require_GET
def page(request, product_key):
    return _list_page(request, permitted_product(request, product_key))


@require_GET
def active(request, product_key):
    """The fragment above the backlog."""
    product = permitted_product(request, product_key)
    sections = sprint_lists.active_sections(product, request.user, today=timezone.localdate())
    return render(request, "sprints/sprints/active.html", {"sections": sections, "product": product})


@require_POST
def plan(request, product_key, team_id):
    product = visible_product(request, product_key)
    team = get_object_or_404(Team.objects.visible_to(request.user), product_links__product=product, pk=team_id)
    require_route(request, Sprint(team=team))
    form = SprintForm(request.POST)
    if form.is_valid():
        try:
            sprint = sprints.plan(team, by=request.user, **form.cleaned_data)
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{sprint} of {team} is planned.")
            return HttpResponseRedirect(_url(product_key, sprint), status=303)
    return _list_page(request, product, form=form, team=team, status=422)


@require_GET
def sprint(request, product_key, sprint_id):
    product, sprint = _sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    return _page(request, product, sprint)


@require_POST
def edit(request, product_key, sprint_id):
    product, sprint = _sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    form = SprintForm(request.POST)
    if form.is_valid():
        try:
            sprint = sprints.edit(sprint, by=request.user, **form.cleaned_data)
            return _changed(request, product_key, sprint, f"{sprint} is saved.")
        except RuleViolation as refusal:
            refuse(form, refusal)
    return _page(request, product, sprint, form=form, status=422)


@require_POST
def start(request, product_key, sprint_id):
    _, sprint = _sprint(request, product_key, sprint_id)
    sprint = sprints.start(sprint, by=request.user)
    return _changed(request, product_key, sprint, f"{sprint} has begun.")


@require_POST
def close(request, product_key, sprint_id):
    _, sprint = _sprint(request, product_key, sprint_id)
    into = None
    sent = request.POST.get("into", "")
    if sent.isdecimal() and len(sent) < 19:
        into = get_object_or_404(Sprint.objects.planned(), team=sprint.team_id, pk=sent)
    sprint = sprints.close(sprint, sent_outcomes(request.POST), by=request.user, into=into)
    return _changed(request, product_key, sprint, f"{sprint} is closed.")


@require_POST
def add(request, product_key, sprint_id):
    product, sprint = _sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    items = _items(request, product)
    sprints.add(sprint, items, by=request.user)
    return _changed(request, product_key, sprint, f"{_named(items)} in {sprint} now.")


@require_POST
def remove(request, product_key, sprint_id):
    product, sprint = _sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    items = _items(request, product)
    sprints.remove(sprint, items, by=request.user)
    return _changed(request, product_key, sprint, f"{_named(items)} no longer in {sprint}.")


def _sprint(request, product_key, sprint_id):
    product = visible_product(request, product_key)
    visible = Sprint.objects.visible_to(request.user).filter(team__product_links__product=product)
    return product, get_object_or_404(visible.select_related("team", "started_by", "closed_by"), pk=sprint_id)


def _items(request, product):
    form = KeysForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Say which items by their keys.", field="keys")
    return [_item(request, product, key) for key in form.as_keys()]


def _item(request, product, key):
    full = key if "-" in key else f"{product.key}-{key}"
    item = Item.objects.readable_by(request.user).by_key(full).select_related("product").first()
    if item is None:
        raise InvalidInput(f"There is no item {full.upper()} that you may see.", field="keys")
    return item


def _named(items):
    others = f" and {len(items) - 1} more are" if len(items) > 1 else " is"
    return f"{items[0].key}{others}"


def _url(product_key, sprint):
    return reverse("sprints:sprint", args=[product_key, sprint.pk])


def _changed(request, product_key, sprint, text):
    return changed(request, _url(product_key, sprint), text, event=EVENT)


def _list_page(request, product, *, form=None, team=None, status=200):
    teams = sprint_lists.team_sprints(product, request.user, today=timezone.localdate())
    forms = {one.team.pk: form if one.team == team else _blank(product, one.team) for one in teams if one.may_plan}
    values = {"product": product, "teams": [(one, forms.get(one.team.pk)) for one in teams]}
    return render(request, "sprints/sprints/list.html", values, status=status)


def _blank(product, team):
    """The next sprint begins on the Monday after the last one, and lasts as the product has agreed."""
    last = Sprint.objects.filter(team=team).aggregate(last=Max("ends_on"))["last"] or timezone.localdate()
    starts_on = last + timedelta(days=7 - last.weekday())
    ends_on = starts_on + timedelta(days=product.sprint_length_days - 1)
    return SprintForm(initial={"starts_on": starts_on, "ends_on": ends_on}, auto_id=f"team-{team.pk}-%s")


def _page(request, product, sprint, *, form=None, status=200):
    page = sprint_lists.sprint_page(product, sprint, request.user, today=timezone.localdate())
    values = {"page": page, "sprint": sprint, "product": product, "form": form or SprintForm(initial=vars(sprint))}
    return render(request, "sprints/sprints/page.html", values, status=status)
