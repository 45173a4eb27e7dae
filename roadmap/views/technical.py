"""The technical flow over all products that one may read, and the technical order."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.actions import suggestions, technical_order
from backlog.actions.ordering import Place
from backlog.models import Item
from backlog.queries.technical_order import predecessor
from backlog.views.lookups import permitted_product
from core.answers import changed
from core.errors import InvalidInput
from roadmap.queries.technical_flow import Asked, technical_flow
from roadmap.queries.technical_page import chain as chain_in
from roadmap.queries.technical_page import technical_page, technical_table

EVENT = "technical-changed"
_PLACES = {"before": Place.before, "after": Place.after}


@require_GET
def page(request, product_key):
    product = permitted_product(request, product_key)
    shown = technical_page(product, request.user, asked(request.GET), today=product.organization.today())
    return render(request, "roadmap/technical/page.html", {"product": product, "page": shown})


@require_GET
def table(request, product_key):
    """The same in words, for whom a drawing says nothing."""
    product = permitted_product(request, product_key)
    flow = technical_flow(product, request.user, asked(request.GET), today=product.organization.today())
    return render(request, "roadmap/technical/table.html", {"product": product, "rows": technical_table(flow)})


@require_GET
def chain(request, product_key):
    """The sentence of one item; another where it is not among those shown."""
    product = permitted_product(request, product_key)
    flow = technical_flow(product, request.user, asked(request.GET), today=product.organization.today())
    key = request.GET.get("item", "").upper()
    found = next((item.pk for item in flow.items.values() if item.key == key), None)
    values = {"product": product, "chain": chain_in(product, flow, found)}
    return render(request, "roadmap/technical/chain.html", values)


@require_POST
def move(request, product_key):
    """Also takes a move back: its address then says all that a form would."""
    product = permitted_product(request, product_key)
    sent = request.POST if "item" in request.POST else request.GET
    item = _item(request, product, sent.get("item", ""))
    former = predecessor(item, request.user)
    has_moved = technical_order.move(item, _place(request, product, sent), by=request.user)
    if not has_moved:
        return _changed(request, product, f"{item.key} stands there already.")
    back = {"item": item.key} | ({"after": former.key} if former else {"top": 1})
    undo_url = f"{reverse('roadmap:technical-move', args=[product.key])}?{urlencode(back)}"
    return _changed(request, product, f"{item.key} moved in the technical order.", undo_url)


@require_POST
def apply(request, product_key):
    product = permitted_product(request, product_key)
    move = technical_order.apply(product, by=request.user)
    text = f"{len(move.items)} technical items of {product} stand in the technical order now."
    return _changed(request, product, text, reverse("backlog:undo", args=[product.key]))


@require_POST
def suggest(request, product_key):
    product = permitted_product(request, product_key)
    suggestions.suggest_technical_order(product, by=request.user)
    return _changed(request, product, f"The product owner of {product} is asked to take this order.")


def asked(sent) -> Asked:
    """What the address filters by; what is no number filters nothing."""
    numbers = {
        name: int(text) if (text := sent.get(name, "")).isdecimal() and len(text) < 10 else None
        for name in ("team", "component")
    }
    products = tuple(sorted({key.upper() for key in sent.getlist("product") if key}))
    return Asked(
        products=products, is_by_type=sent.get("lanes") == "type", is_all=sent.get("shown") == "all", **numbers
    )


def _item(request, product, key):
    readable = Item.objects.readable_by(request.user).filter(organization=product.organization_id)
    item = readable.by_key(key).select_related("product").first()
    if item is None:
        raise InvalidInput(f"There is no item {key.upper()} that you may see.", field="item")
    return item


def _place(request, product, sent):
    for word, place in _PLACES.items():
        if sent.get(word):
            return place(_item(request, product, sent[word]).pk)
    return Place.top() if sent.get("top") else Place.bottom()


def _changed(request, product, text, undo_url=""):
    url = reverse("roadmap:technical", args=[product.key])
    return changed(request, url, text, event=EVENT, undo_url=undo_url)
