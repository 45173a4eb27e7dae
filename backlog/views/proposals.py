"""Propose an item with the case for it, come back with it, and take it with a change."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from backlog.actions import life_cycle, proposals
from backlog.forms.proposals import FUNCTIONAL, TECHNICAL, AcceptForm, ProposalForm
from backlog.models import Item, Proposal
from backlog.views.lookups import permitted_product, visible_item
from core.answers import refuse
from core.errors import InvalidInput, RuleViolation
from core.permissions import require_route

_TYPES = dict(TECHNICAL + FUNCTIONAL)


@require_http_methods(["GET", "POST"])
def propose(request, product_key):
    product = permitted_product(request, product_key)
    type = request.GET.get("type", "enabler")
    form = ProposalForm(request.POST or None, product=product, type=type if type in _TYPES else "enabler")
    if request.method == "POST" and form.is_valid():
        try:
            enables = [_found(request, product, key, "enables") for key in form.enabled_keys()]
            case = form.as_case(_found(request, product, form.cleaned_data["before"], "before"))
            item = proposals.propose(product, by=request.user, case=case, enables=enables, **form.as_values())
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{item.key} waits for the product owner. You will be told what becomes of it.")
            return _to(item)
    values = {"product": product, "form": form, "technical": TECHNICAL, "functional": FUNCTIONAL}
    return render(request, "backlog/proposals/new.html", values, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def revise(request, product_key, number):
    item = visible_item(request, product_key, number)
    require_route(request, item)
    form = ProposalForm(request.POST or None, product=item.product, type=item.type, item=item)
    if request.method == "POST" and form.is_valid():
        try:
            case = form.as_case(_found(request, item.product, form.cleaned_data["before"], "before"))
            what_changed = form.cleaned_data["what_changed"]
            proposals.revise(item, by=request.user, what_changed=what_changed, case=case, **form.texts())
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{item.key} waits for the product owner.")
            return _to(item)
    values = {"item": item, "form": form}
    return render(request, "backlog/proposals/revise.html", values, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def change(request, product_key, number):
    item = visible_item(request, product_key, number)
    require_route(request, item)
    case = Proposal.objects.filter(item=item).select_related("before").first()
    form = AcceptForm(request.POST or None, item=item, case=case)
    if request.method == "POST" and form.is_valid():
        try:
            place = form.as_place(_found(request, item.product, form.cleaned_data["before"], "before"))
            reason = form.cleaned_data["reason"]
            life_cycle.accept_proposal(item, by=request.user, place=place, reason=reason, **form.as_values())
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{item.key} is in the backlog; {item.created_by} is told what you changed.")
            return _to(item)
    values = {"item": item, "case": case, "form": form}
    return render(request, "backlog/proposals/change.html", values, status=422 if form.errors else 200)


def _found(request, product, key, field):
    if not key:
        return None
    full = key if "-" in key else f"{product.key}-{key}"
    item = Item.objects.readable_by(request.user).by_key(full).filter(organization=product.organization_id).first()
    if item is None:
        raise InvalidInput(f"There is no item {full}. Look for its key in the backlog.", field=field)
    return item


def _to(item):
    return HttpResponseRedirect(reverse("backlog:item", args=[item.product.key, item.number]), status=303)
