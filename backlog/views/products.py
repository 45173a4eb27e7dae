"""The products, and the settings of one."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import Organization, Team
from backlog.actions import goals, products
from backlog.forms.products import AgreementForm, GoalForm, KeyForm, NewProductForm, PersonForm, sent_checklists
from backlog.models import HandOver
from backlog.queries.product_settings import product_settings
from backlog.queries.products import product_list
from backlog.views.lookups import permitted_product, visible_product
from backlog.views.told import EVENT
from core.answers import changed, refuse
from core.errors import InvalidInput, RuleViolation
from core.permissions import can, require_route


@require_GET
def page(request):
    require_route(request, request.user)
    return render(request, "backlog/products/page.html", {"page": product_list(request.user)})


@require_GET
def enter(request, product_key):
    """On to the backlog, or to what else of the product is open to the person."""
    product = permitted_product(request, product_key)
    may_read = can(request.user, "backlog.read", product)
    return HttpResponseRedirect(reverse("backlog:backlog" if may_read else "backlog:settings", args=[product.key]))


@require_http_methods(["GET", "POST"])
def create(request, organization_slug):
    organization = get_object_or_404(Organization.objects.visible_to(request.user), slug=organization_slug)
    require_route(request, organization)
    form = NewProductForm(request.POST or None, organization=organization)
    if request.method == "POST" and form.is_valid():
        try:
            product = products.create(organization, by=request.user, **form.cleaned_data)
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{product} is made. Say which teams work on it.")
            return HttpResponseRedirect(_url(product), status=303)
    values = {"organization": organization, "form": form}
    return render(request, "backlog/products/new.html", values, status=422 if form.errors else 200)


@require_GET
def settings(request, product_key):
    return _page(request, permitted_product(request, product_key))


@require_POST
def edit(request, product_key):
    product, form = permitted_product(request, product_key), AgreementForm(request.POST)
    if form.is_valid():
        try:
            products.edit(product, by=request.user, **form.cleaned_data)
            return _changed(request, product, "The working agreement is saved.")
        except RuleViolation as refusal:
            refuse(form, refusal)
    return _page(request, product, form, status=422)


@require_POST
def define_ready(request, product_key):
    product = visible_product(request, product_key)
    lists = {} if "usual" in request.POST else sent_checklists(request.POST, with_rules=True)
    products.edit(product, by=request.user, definition_of_ready=lists)
    return _changed(request, product, "The Definition of Ready is saved.")


@require_POST
def define_done(request, product_key):
    product = visible_product(request, product_key)
    lists = sent_checklists(request.POST, with_rules=False)
    products.edit(product, by=request.user, definition_of_done=lists)
    return _changed(request, product, "The Definition of Done is saved.")


@require_POST
def rename_key(request, product_key):
    product, form = visible_product(request, product_key), KeyForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("A key has two to ten capital letters or digits.", field="key")
    product = products.rename_key(product, form.cleaned_data["key"], by=request.user)
    messages.success(request, f"Items are called {product.key}-1 and so on now. Old links lead here.")
    return HttpResponseRedirect(_url(product), status=303)


@require_POST
def archive(request, product_key):
    product = products.archive(visible_product(request, product_key), by=request.user)
    return _changed(request, product, f"{product} is archived.", reverse("backlog:product-restore", args=[product.key]))


@require_POST
def restore(request, product_key):
    product = products.restore(visible_product(request, product_key), by=request.user)
    return _changed(request, product, f"{product} is back.")


@require_POST
def appoint(request, product_key):
    product = visible_product(request, product_key)
    person = _person(request, product)
    products.appoint_owner(product, person, by=request.user)
    return _changed(request, product, f"{person} is the product owner now.")


@require_POST
def offer(request, product_key):
    product = visible_product(request, product_key)
    person = _person(request, product)
    products.offer(product, person, by=request.user)
    return _changed(request, product, f"{product} is offered to {person}.")


@require_POST
def withdraw_offer(request, product_key):
    product = visible_product(request, product_key)
    products.withdraw_offer(get_object_or_404(HandOver, product=product), by=request.user)
    return _changed(request, product, "The offer is taken back.")


@require_POST
def accept_offer(request, product_key):
    product = visible_product(request, product_key)
    products.accept_offer(get_object_or_404(HandOver, product=product), by=request.user)
    return _changed(request, product, f"You are the product owner of {product} now.")


@require_POST
def add_stakeholder(request, product_key):
    product = visible_product(request, product_key)
    person = _person(request, product)
    products.add_stakeholder(product, person, by=request.user)
    return _changed(request, product, f"{person} is a stakeholder now.")


@require_POST
def remove_stakeholder(request, product_key):
    product = visible_product(request, product_key)
    person = _person(request, product)
    products.remove_stakeholder(product, person, by=request.user)
    return _changed(request, product, f"{person} is no longer a stakeholder.")


@require_POST
def link_team(request, product_key):
    product = visible_product(request, product_key)
    team = _team(request, product)
    products.link_team(product, team, by=request.user)
    return _changed(request, product, f"{team} works on {product} now.")


@require_POST
def unlink_team(request, product_key):
    product = visible_product(request, product_key)
    team = _team(request, product)
    products.unlink_team(product, team, by=request.user)
    return _changed(request, product, f"{team} no longer works on {product}.")


@require_POST
def add_goal(request, product_key):
    product = visible_product(request, product_key)
    goals.create(product, by=request.user, **_goal_fields(request))
    return _changed(request, product, "The goal is set.")


@require_POST
def edit_goal(request, product_key, goal_id):
    product, goal = _goal(request, product_key, goal_id)
    goals.edit(goal, by=request.user, **_goal_fields(request))
    return _changed(request, product, "The goal is saved.")


@require_POST
def close_goal(request, product_key, goal_id):
    product, goal = _goal(request, product_key, goal_id)
    goals.close(goal, by=request.user)
    reopen_url = reverse("backlog:goal-reopen", args=[product_key, goal_id])
    return _changed(request, product, "The goal is closed.", reopen_url)


@require_POST
def reopen_goal(request, product_key, goal_id):
    product, goal = _goal(request, product_key, goal_id)
    goals.reopen(goal, by=request.user)
    return _changed(request, product, "The goal is open again.")


def _url(product):
    return reverse("backlog:settings", args=[product.key])


def _changed(request, product, text, undo_url=""):
    return changed(request, _url(product), text, event=EVENT, undo_url=undo_url)


def _person(request, product):
    form = PersonForm(request.POST, product=product)
    if not form.is_valid():
        raise InvalidInput("Choose a person of the organization.", field="user")
    return form.cleaned_data["user"]


def _team(request, product):
    sent = request.POST.get("team", "")
    if not sent.isdecimal() or len(sent) > 18:
        raise InvalidInput("Choose a team.", field="team")
    return get_object_or_404(Team.objects.visible_to(request.user), organization=product.organization_id, pk=sent)


def _goal(request, product_key, goal_id):
    product = visible_product(request, product_key)
    return product, get_object_or_404(product.goals, pk=goal_id)


def _goal_fields(request):
    form = GoalForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Say what the goal is, in at most 200 characters.", field="title")
    return form.cleaned_data


def _page(request, product, form=None, *, status=200):
    page = product_settings(product, request.user)
    if form is None and "product.edit" in page.rights:
        form = AgreementForm(initial=vars(product))
    values = {"page": page, "form": form, "levels": GoalForm.base_fields["engagement"].choices}
    return render(request, "backlog/products/settings.html", values, status=status)
