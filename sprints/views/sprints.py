"""The sprints of a product's teams."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Team
from backlog.models import Item
from backlog.views.lookups import permitted_product, visible_item, visible_product
from backlog.views.told import EVENT
from core.answers import changed, refuse
from core.errors import InvalidInput, RuleViolation
from core.permissions import can, require_route
from sprints.actions import sprints, suggestions
from sprints.forms import KeysForm, KnownSprintForm, SprintForm, sent_cuts, sent_outcomes
from sprints.models import Sprint
from sprints.queries import availability, capacity, inspecting, plan_screen, sprint_lists
from sprints.queries import debt_share as sprint_shares
from sprints.queries.lines import rhythm
from sprints.views.board import team_values
from sprints.views.lookups import found_sprint, live_products, sprint_url
from sprints.views.notes import note_values


@require_GET
def page(request, product_key):
    return _list_page(request, permitted_product(request, product_key))


@require_GET
def active(request, product_key):
    """The fragment above the backlog."""
    product = permitted_product(request, product_key)
    sections = sprint_lists.active_sections(product, request.user, today=product.organization.today())
    return render(request, "sprints/sprints/active.html", {"sections": sections, "product": product})


@require_GET
def debt_share(request, product_key):
    """The fragment of the debt register."""
    product = permitted_product(request, product_key)
    share = sprint_shares.debt_share(product, request.user)
    return render(request, "sprints/sprints/debt_share.html", {"share": share})


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
            return HttpResponseRedirect(sprint_url(product_key, sprint), status=303)
    return _list_page(request, product, form=form, team=team, status=422)


@require_GET
def sprint(request, product_key, sprint_id):
    product, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    return _page(request, product, sprint)


@require_POST
def edit(request, product_key, sprint_id):
    product, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    form = _form(sprint)(request.POST)
    if form.is_valid():
        try:
            sprint = sprints.edit(sprint, by=request.user, **form.cleaned_data)
            return _changed(request, product_key, sprint, f"{sprint} is saved.")
        except RuleViolation as refusal:
            refuse(form, refusal)
    return _page(request, product, sprint, form=form, status=422)


@require_POST
def start(request, product_key, sprint_id):
    _, sprint = found_sprint(request, product_key, sprint_id)
    sprint = sprints.start(sprint, by=request.user)
    return _changed(request, product_key, sprint, f"{sprint} has begun.")


@require_POST
def close(request, product_key, sprint_id):
    _, sprint = found_sprint(request, product_key, sprint_id)
    into = None
    sent = request.POST.get("into", "")
    if sent.isdecimal() and len(sent) < 19:
        into = get_object_or_404(Sprint.objects.planned(), team=sprint.team_id, pk=sent)
    outcomes, cuts = sent_outcomes(request.POST), sent_cuts(request.POST)
    sprint = sprints.close(sprint, outcomes, by=request.user, into=into, cuts=cuts)
    return _changed(request, product_key, sprint, f"{sprint} is closed.")


@require_POST
def add(request, product_key, sprint_id):
    product, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    items, out = _items(request, product)
    if out:
        sprints.swap(sprint, items, out=out, by=request.user)
    else:
        sprints.add(sprint, items, by=request.user, reason=request.POST.get("reason", "")[:300])
    return _changed(request, product_key, sprint, f"{_named(items)} in {sprint} now.")


@require_GET
def of_item(request, product_key, number):
    """The sprints that an item was in: a part of its chain, on its page."""
    item = visible_item(request, product_key, number)
    require_route(request, item)
    entries = item.sprint_entries.select_related("sprint__team").order_by("pk")
    return render(request, "sprints/sprints/of_item.html", {"entries": entries, "key": product_key})


@require_POST
def suggest(request, product_key, sprint_id):
    product, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    items, _ = _items(request, product)
    for item in items:
        suggestions.suggest(sprint, item, by=request.user, reason=request.POST.get("reason", ""))
    return _changed(request, product_key, sprint, f"{_named(items)} suggested for {sprint}.")


@require_POST
def remove(request, product_key, sprint_id):
    product, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    items, _ = _items(request, product)
    sprints.remove(sprint, items, by=request.user, reason=request.POST.get("reason", "")[:300])
    return _changed(request, product_key, sprint, f"{_named(items)} no longer in {sprint}.")


@require_POST
def take_recommended(request, product_key, sprint_id):
    """All that is recommended up to the line that is sent, and isn't in the sprint yet."""
    product, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    screen = plan_screen.plan_screen(product, sprint, request.user, now=timezone.now())
    wanted = screen.stretch_ids if request.POST.get("line") == "stretch" else screen.commit_ids
    items = list(Item.objects.filter(pk__in=set(wanted) - screen.in_scope_ids).select_related("product"))
    if not items:
        raise InvalidInput("All that is recommended is in the sprint.")
    sprints.add(sprint, items, by=request.user)
    return _changed(request, product_key, sprint, f"{_named(items)} in {sprint} now.")


@require_POST
def choose_for_goal(request, product_key, sprint_id):
    """Which items the goal needs: all those that are sent, and no others."""
    product, sprint = found_sprint(request, product_key, sprint_id)
    require_route(request, sprint)
    items = [_item(request, product, key) for key in request.POST.getlist("keys")]
    sprints.choose_for_goal(sprint, items, by=request.user)
    return _changed(request, product_key, sprint, "What the goal needs is saved.")


def _items(request, product):
    form = KeysForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Say which items by their keys.", field="keys")
    return tuple([_item(request, product, key) for key in keys] for keys in (form.as_keys(), form.out_keys()))


def _item(request, product, key):
    full = key if "-" in key else f"{product.key}-{key}"
    item = Item.objects.readable_by(request.user).by_key(full).select_related("product").first()
    if item is None:
        raise InvalidInput(f"There is no item {full.upper()} that you may see.", field="keys")
    return item


def _named(items):
    others = f" and {len(items) - 1} more are" if len(items) > 1 else " is"
    return f"{items[0].key}{others}"


def _changed(request, product_key, sprint, text):
    return changed(request, sprint_url(product_key, sprint), text, event=EVENT)


def _list_page(request, product, *, form=None, team=None, status=200):
    teams = sprint_lists.team_sprints(product, request.user, today=product.organization.today())
    forms = {one.team.pk: form if one.team == team else _blank(product, one) for one in teams if one.may_plan}
    values = {"product": product, "teams": [(one, forms.get(one.team.pk)) for one in teams]}
    return render(request, "sprints/sprints/list.html", values, status=status)


def _blank(product, one):
    """The next sprint begins one rhythm of the team after its last, or on the next Monday for as long as agreed."""
    known = [*(section.sprint for section in one.active + one.planned), *one.closed]
    known = sorted(known, key=lambda sprint: (sprint.starts_on, sprint.number))[-2:]
    if known:
        days = timedelta(days=rhythm(known))
        starts_on, ends_on = known[-1].starts_on + days, known[-1].ends_on + days
    else:
        today = product.organization.today()
        starts_on = today + timedelta(days=7 - today.weekday())
        ends_on = starts_on + timedelta(days=product.sprint_length_days - 1)
    form = KnownSprintForm if capacity.is_enough(capacity.in_full(one.closed)) else SprintForm
    return form(initial={"starts_on": starts_on, "ends_on": ends_on}, auto_id=f"team-{one.team.pk}-%s")


def _form(sprint):
    return KnownSprintForm if capacity.has_history(sprint.team_id) else SprintForm


def _page(request, product, sprint, *, form=None, status=200):
    form = form or _form(sprint)(initial=vars(sprint))
    values = {
        "sprint": sprint,
        "product": product,
        "form": form,
        "streams": live_products(sprint, request.user),
        "may_say": can(request.user, "sprint.availability", sprint),
    }
    if sprint.status == Sprint.Status.PLANNED:
        screen = plan_screen.plan_screen(product, sprint, request.user, now=timezone.now())
        absences = availability.absences_in(sprint)
        return render(
            request, "sprints/sprints/plan.html", values | {"screen": screen, "absences": absences}, status=status
        )
    values |= note_values(request, sprint)
    if sprint.status == Sprint.Status.ACTIVE:
        return render(
            request, "sprints/sprints/team.html", values | team_values(request, product, sprint), status=status
        )
    section = sprint_lists.closed_sprint(sprint, request.user, today=product.organization.today())
    values |= {"section": section, "seen": inspecting.latest(sprint), "unreviewed": sprint_lists.unreviewed(section)}
    return render(request, "sprints/sprints/page.html", values, status=status)
