"""The components of a product, their owners, and what is lent over them."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.actions import components, delegations, ordering
from backlog.forms.components import ComponentForm, LoanForm
from backlog.forms.products import PersonForm
from backlog.queries.component_detail import component_detail
from backlog.queries.component_page import component_page
from backlog.views.lookups import permitted_product, visible_product
from backlog.views.told import EVENT
from core.answers import changed, refuse
from core.errors import InvalidInput, RuleViolation


@require_GET
def page(request, product_key):
    return _page(request, permitted_product(request, product_key))


@require_GET
def detail(request, product_key, component_id):
    product = permitted_product(request, product_key)
    component = get_object_or_404(product.components, pk=component_id)
    shown = component_detail(product, request.user, component)
    return render(request, "backlog/components/detail.html", {"product": product, "page": shown})


@require_POST
def create(request, product_key):
    product = permitted_product(request, product_key)
    form = ComponentForm(request.POST, product=product)
    if form.is_valid():
        try:
            component = components.create(product, by=request.user, **form.cleaned_data)
            return _changed(request, product, f"{component} is made.")
        except RuleViolation as refusal:
            refuse(form, refusal)
    return _page(request, product, form=form, status=422)


@require_POST
def edit(request, product_key, component_id):
    product, component = _component(request, product_key, component_id)
    form = ComponentForm(request.POST, product=product)
    if not form.is_valid():
        raise InvalidInput("A component needs a name.", field="name")
    component = components.edit(component, by=request.user, **form.cleaned_data)
    return _changed(request, product, f"{component} is saved.")


@require_POST
def archive(request, product_key, component_id):
    product, component = _component(request, product_key, component_id)
    components.archive(component, by=request.user)
    restore_url = reverse("backlog:component-restore", args=[product_key, component_id])
    return _changed(request, product, f"{component} is archived.", restore_url)


@require_POST
def restore(request, product_key, component_id):
    product, component = _component(request, product_key, component_id)
    components.restore(component, by=request.user)
    return _changed(request, product, f"{component} is back.")


@require_POST
def add_owner(request, product_key, component_id):
    product, component = _component(request, product_key, component_id)
    person = _person(request, product)
    components.add_owner(component, person, by=request.user)
    return _changed(request, product, f"{person} is a technical owner of {component} now.")


@require_POST
def remove_owner(request, product_key, component_id):
    product, component = _component(request, product_key, component_id)
    person = _person(request, product)
    components.remove_owner(component, person, by=request.user)
    return _changed(request, product, f"{person} is no longer a technical owner of {component}.")


@require_POST
def grant(request, product_key):
    product = permitted_product(request, product_key)
    form = LoanForm(request.POST, product=product)
    if form.is_valid():
        try:
            component = form.cleaned_data["component"]
            lent = delegations.grant(component, by=request.user, **form.as_arguments())
            return _changed(request, product, f"{lent.grantee} may do this now for {component}.")
        except RuleViolation as refusal:
            refuse(form, refusal)
    return _page(request, product, loan_form=form, status=422)


@require_POST
def revoke(request, product_key, delegation_id):
    product = visible_product(request, product_key)
    delegations.revoke(get_object_or_404(product.delegations, pk=delegation_id), by=request.user)
    return _changed(request, product, "The delegation is ended.")


@require_POST
def extend(request, product_key, delegation_id):
    """For as long again as a delegation usually lasts."""
    product = visible_product(request, product_key)
    delegation = get_object_or_404(product.delegations, pk=delegation_id)
    until = min(delegation.until + delegations.USUAL, delegation.granted_at + delegations.LONGEST)
    lent = delegations.extend(delegation, until, by=request.user)
    return _changed(request, product, f"It lasts until {lent.until:%-d %B %Y} now.")


@require_POST
def revert(request, product_key, delegation_id):
    product = visible_product(request, product_key)
    move = ordering.revert_delegation(get_object_or_404(product.delegations, pk=delegation_id), by=request.user)
    if move is None:
        return _changed(request, product, "The order is as it was when the power was lent.")
    text = "The technical items stand again as they did when the power was lent."
    return _changed(request, product, text, reverse("backlog:undo", args=[product.key]))


@require_POST
def confirm(request, product_key, delegation_id):
    product = visible_product(request, product_key)
    delegations.confirm(get_object_or_404(product.delegations, pk=delegation_id), by=request.user)
    return _changed(request, product, "The delegation goes on.")


def _component(request, product_key, component_id):
    product = visible_product(request, product_key)
    return product, get_object_or_404(product.components, pk=component_id)


def _person(request, product):
    form = PersonForm(request.POST, product=product)
    if not form.is_valid():
        raise InvalidInput("Choose a person of the organization.", field="user")
    return form.cleaned_data["user"]


def _changed(request, product, text, undo_url=""):
    url = reverse("backlog:components", args=[product.key])
    return changed(request, url, text, event=EVENT, undo_url=undo_url)


def _page(request, product, *, form=None, loan_form=None, status=200):
    values = {
        "page": component_page(product, request.user),
        "form": form or ComponentForm(product=product),
        "loan_form": loan_form or LoanForm(product=product),
    }
    return render(request, "backlog/components/page.html", values, status=status)
