"""Split an item into parts, step by step on one page, and take a split back."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from backlog.actions import splits
from backlog.forms.splits import SplitForm
from backlog.views.lookups import visible_item
from backlog.views.told import told
from core.errors import PreconditionFailed, RuleViolation
from core.permissions import require_route


@require_http_methods(["GET", "POST"])
def split(request, product_key, number):
    item = visible_item(request, product_key, number)
    require_route(request, item)
    form = SplitForm(request.POST or None, item=item)
    if request.method == "GET" or not form.wants_to_split():
        return _page(request, item, form)
    try:
        parts = splits.split(item, form.as_parts(), by=request.user, version=form.version)
    except PreconditionFailed:
        return _page(request, item, form.on_fresh_item(), "Somebody changed the item meanwhile. Look once more.", 409)
    except RuleViolation as refusal:
        return _page(request, item, form, refusal.message, 422)
    messages.success(request, f"{item.key} is split into {len(parts)} parts.")
    return HttpResponseRedirect(reverse("backlog:item", args=[item.product.key, item.number]), status=303)


@require_POST
def take_back(request, product_key, number):
    item = splits.take_back(visible_item(request, product_key, number), by=request.user)
    return told(request, item, f"{item.key} is one item again.")


def _page(request, item, form, refusal="", status=200):
    values = {"item": item, "form": form, "refusal": refusal}
    return render(request, "backlog/items/split.html", values, status=status)
