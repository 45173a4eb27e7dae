"""The backlog of a product: its list, its moves, new items."""

from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.actions import items, ordering
from backlog.forms.items import MoveForm, NewItemForm
from backlog.models import Item
from backlog.queries.backlog_screen import backlog_screen, narrowed
from backlog.queries.filter_language import FilterUnreadable
from backlog.queries.lists import PAGE_SIZE
from backlog.queries.readers import reader
from backlog.views.lookups import permitted_product, visible_item, visible_product
from backlog.views.told import EVENT
from core.answers import changed, refuse
from core.errors import InvalidInput, RuleViolation
from core.permissions import can

# A refresh shows again what "Show more" had added, up to here.
MOST_SHOWN = 500


@require_GET
def page(request, product_key):
    product = permitted_product(request, product_key)
    if request.htmx and "after" in request.GET:
        screen = _screen(request, product)
        return render(
            request, "backlog/backlog/page.html#rows", {"screen": screen, "shown": _shown(request) + PAGE_SIZE}
        )
    if more := [text for text in request.GET.getlist("add") if text.strip()]:
        return _narrowed(request, product, more)
    return _page(request, product, NewItemForm())


@require_POST
def create(request, product_key):
    product = permitted_product(request, product_key)
    form = NewItemForm(request.POST)
    if form.is_valid():
        try:
            return _made(request, product, _create(request, product, form))
        except RuleViolation as refusal:
            refuse(form, refusal)
    return _page(request, product, form, status=422)


@require_POST
def move(request, product_key):
    product, form = visible_product(request, product_key), MoveForm(request.POST)
    if not form.is_valid():
        name, (message, *_) = next(iter(form.errors.items()))
        raise InvalidInput(message, field=name)
    place = form.as_place(_anchor(request, product, form.cleaned_data["key"]))
    made = ordering.move(product, form.cleaned_data["items"], place, by=request.user)
    if made is None:
        return _changed(request, product, "It stands there already.")
    return _changed(request, product, _told(request, product, form.cleaned_data["items"]), _undo_url(product))


@require_POST
def undo(request, product_key):
    product = visible_product(request, product_key)
    made = ordering.undo(product, by=request.user)
    redo_url = reverse("backlog:redo", args=[product.key])
    return _changed(request, product, f"Taken back. {_told(request, product, made.items)}", redo_url)


@require_POST
def redo(request, product_key):
    product = visible_product(request, product_key)
    made = ordering.redo(product, by=request.user)
    return _changed(request, product, _told(request, product, made.items), _undo_url(product))


@require_POST
def pin(request, product_key, number):
    item = visible_item(request, product_key, number)
    ordering.pin(item, by=request.user)
    unpin_url = reverse("backlog:unpin", args=[product_key, number])
    return _changed(request, item.product, f"{item.key} keeps its place now.", unpin_url)


@require_POST
def unpin(request, product_key, number):
    item = visible_item(request, product_key, number)
    ordering.unpin(item, by=request.user)
    pin_url = reverse("backlog:pin", args=[product_key, number])
    return _changed(request, item.product, f"{item.key} is no longer pinned.", pin_url)


def _narrowed(request, product, more):
    try:
        text = narrowed(product, request.user, request.GET.get("filter", ""), more)
    except FilterUnreadable as refusal:
        return _page(request, product, NewItemForm(), typed=" ".join(more), refused=refusal, status=422)
    url = reverse("backlog:backlog", args=[product.key])
    return redirect(f"{url}?{urlencode({'filter': text})}")


def _create(request, product, form):
    if can(request.user, "item.create", product):
        return items.create(product, by=request.user, place=form.as_place(), **form.as_arguments())
    return items.propose(product, by=request.user, **form.as_arguments())


def _made(request, product, item):
    if item.status == Item.Status.PROPOSED:
        return _changed(request, product, f"{item.key} is proposed. The product owner decides about it.")
    return _changed(request, product, f"{item.key} is in the backlog.")


def _anchor(request, product, key):
    if not key:
        return None
    key = key.strip() if "-" in key else f"{product.key}-{key.strip()}"
    found = Item.objects.visible_to(request.user).filter(product=product).by_key(key).first()
    if found is None:
        raise InvalidInput(f"There is no item {key.upper()} in this backlog.", field="key")
    return found.pk


def _told(request, product, ids):
    moved = Item.objects.filter(pk=ids[0]).select_related("product", "order_entry").get()
    others = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
    listed = moved.order_entry
    seen = reader(product, request.user).readable("item__")
    position = listed.list.entries.filter(seen, is_listed=True, rank__lte=listed.rank).count()
    return f"{moved.key}{others} moved to {position}."


def _undo_url(product):
    return reverse("backlog:undo", args=[product.key])


def _changed(request, product, text, undo_url=""):
    url = reverse("backlog:backlog", args=[product.key])
    return changed(request, url, text, event=EVENT, undo_url=undo_url)


def _screen(request, product, size=PAGE_SIZE, **typed):
    sent = request.GET
    filter, cursor = sent.get("filter", ""), sent.get("after", "")
    return backlog_screen(product, request.user, filter=filter, cursor=cursor, size=size, **typed)


def _shown(request):
    sent = request.GET.get("shown", "")
    return min(int(sent), MOST_SHOWN) if sent.isdecimal() and len(sent) < 6 and int(sent) else PAGE_SIZE


def _page(request, product, form, *, status=200, **typed):
    shown = _shown(request)
    values = {"screen": _screen(request, product, shown, **typed), "shown": shown, "form": form}
    return render(request, "backlog/backlog/page.html", values, status=status)
