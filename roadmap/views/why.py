"""Why an item stands where it stands: a fragment of the backlog and of the item's page."""

from django.shortcuts import render
from django.views.decorators.http import require_GET

from backlog.queries.readers import reader
from backlog.views.lookups import visible_item
from core.permissions import can, require_route
from roadmap.queries import why


@require_GET
def fragment(request, product_key, number):
    item = visible_item(request, product_key, number)
    product = item.product
    require_route(request, product)
    found = why.why(product, item, reader(product, request.user), today=product.organization.today())
    values = {"why": found, "item": item, "product": product, "may_pin": can(request.user, "order.pin", product)}
    return render(request, "roadmap/why/fragment.html", values)
