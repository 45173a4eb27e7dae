"""The debt register of a product, and what it says of one debt."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from backlog.actions import debt
from backlog.forms.debt import DebtEntryForm
from backlog.models import DebtEntry
from backlog.queries.debt_register import debt_links, debt_register
from backlog.queries.decision_page import decisions_to_link
from backlog.views.lookups import permitted_product, visible_item
from core.answers import refuse
from core.errors import PreconditionFailed, RuleViolation
from core.permissions import allowed, require_route


@require_GET
def page(request, product_key):
    product = permitted_product(request, product_key)
    component = _component(request, product)
    number = request.GET.get("page", "1")
    number = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 5 else 1
    values = {
        "product": product,
        "page": debt_register(product, request.user, component=component, page=max(number, 1)),
        "component": component,
        "components": product.components.active().order_by("name"),
    }
    return render(request, "backlog/debt/page.html", values)


@require_http_methods(["GET", "POST"])
def describe(request, product_key, number):
    item = visible_item(request, product_key, number)
    require_route(request, item)
    entry = DebtEntry.objects.filter(item=item).first()
    known = {
        "item": item,
        "entry": entry,
        "rights": allowed(request.user, ("item.edit", "item.classify"), item),
        "decisions": decisions_to_link(item, request.user),
    }
    form = DebtEntryForm(request.POST or None, **known)
    saved, status = None, 200
    if request.method == "POST" and form.is_valid():
        try:
            debt.describe(item, by=request.user, version=form.cleaned_data["version"], **form.as_values())
        except PreconditionFailed:
            saved, status = DebtEntryForm(**known), 409
            # Whoever sends it once more has seen the fresh text.
            form.data = form.data.copy()
            form.data["version"] = entry.version
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{item.key} is saved in the register.")
            return HttpResponseRedirect(reverse("backlog:item", args=[product_key, number]), status=303)
    values = {"item": item, "form": form, "saved": saved, "links": debt_links(item, request.user)}
    return render(request, "backlog/debt/describe.html", values, status=422 if form.errors else status)


def _component(request, product):
    pk = request.GET.get("component", "")
    return product.components.filter(pk=pk).first() if pk.isascii() and pk.isdigit() and len(pk) < 19 else None
