"""Suggest what one may not do; take or decline what others suggest."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from backlog.actions import suggestions
from backlog.forms.items import ReasonForm
from backlog.forms.suggestions import SuggestionForm, SuggestMoveForm
from backlog.models import Item, Suggestion
from backlog.views.lookups import visible_item
from backlog.views.told import told
from core.answers import refuse
from core.errors import InvalidInput, RuleViolation
from core.permissions import allowed, require_route

_RIGHTS = ("item.suggest_text", "item.edit", "item.suggest_class", "item.classify")


@require_http_methods(["GET", "POST"])
def suggest(request, product_key, number):
    item = visible_item(request, product_key, number)
    require_route(request, item)
    form = SuggestionForm(request.POST or None, item=item, rights=allowed(request.user, _RIGHTS, item))
    if request.method == "POST" and form.is_valid():
        try:
            reason = form.cleaned_data["reason"]
            suggestions.suggest_edit(item, by=request.user, reason=reason, **form.as_changes())
        except RuleViolation as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "Your suggestion waits for whoever may take it. You will be told.")
            return HttpResponseRedirect(reverse("backlog:item", args=[product_key, number]), status=303)
    values = {"item": item, "form": form}
    return render(request, "backlog/items/suggest.html", values, status=422 if form.errors else 200)


@require_POST
def suggest_move(request, product_key, number):
    item = visible_item(request, product_key, number)
    form = SuggestMoveForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(" ".join(error for errors in form.errors.values() for error in errors), field="key")
    place = form.as_place(_anchor(request, item, form.cleaned_data["key"]))
    suggestions.suggest_move(item, place, by=request.user, reason=form.cleaned_data["reason"])
    return told(request, item, "Your suggestion waits for whoever may take it. You will be told.")


@require_POST
def take(request, product_key, suggestion_id):
    suggestion = suggestions.take(_suggestion(request, product_key, suggestion_id), by=request.user)
    return told(request, suggestion.item, f"What {suggestion.by} suggested is done.")


@require_POST
def decline(request, product_key, suggestion_id):
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("At most 500 characters.", field="reason")
    suggestion = _suggestion(request, product_key, suggestion_id)
    suggestion = suggestions.decline(suggestion, by=request.user, reason=form.cleaned_data["reason"])
    return told(request, suggestion.item, f"What {suggestion.by} suggested is declined.")


@require_POST
def withdraw(request, product_key, suggestion_id):
    suggestion = suggestions.withdraw(_suggestion(request, product_key, suggestion_id), by=request.user)
    return told(request, suggestion.item, "Your suggestion is withdrawn.")


def _suggestion(request, product_key, suggestion_id):
    seen = Suggestion.objects.visible_to(request.user).filter(product__key=product_key)
    return get_object_or_404(seen.select_related("item__product"), pk=suggestion_id)


def _anchor(request, item, key):
    if not key:
        return None
    full = key if "-" in key else f"{item.product.key}-{key}"
    found = Item.objects.readable_by(request.user).by_key(full).filter(product=item.product).first()
    if found is None:
        raise InvalidInput("The backlog has no such item. Look for its key in the list.", field="key")
    return found
