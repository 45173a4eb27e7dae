"""What the words of an item suggest, while it is written and on its page."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from backlog.queries.hints import hints_for
from backlog.views.lookups import permitted_product, visible_item
from core.permissions import require_route


@require_GET
def new(request, product_key):
    product = permitted_product(request, product_key)
    found = hints_for(product, request.user, request.GET.get("title", "")[:300])
    return render(request, "backlog/hints/fragment.html", {"hints": found, "product": product})


@require_GET
def of_item(request, product_key, number):
    item = visible_item(request, product_key, number)
    require_route(request, item.product)
    found = hints_for(item.product, request.user, item.title, item.description, item=item)
    return render(request, "backlog/hints/fragment.html", {"hints": found, "product": item.product, "item": item})
