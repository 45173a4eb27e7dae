"""The order as one page for paper; the list itself draws only what is on the screen."""

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from backlog.views.lookups import permitted_product
from core.permissions import can
from roadmap.queries.printed_order import printed_order


@require_GET
def page(request, product_key):
    product = permitted_product(request, product_key)
    today = product.organization.today()
    values = {
        "product": product,
        "printed": printed_order(product, request.user, today=today, filter=request.GET.get("filter", "").strip()),
        "today": today,
        # Not reversed for each of thousands of rows.
        "items_url": reverse("backlog:item", args=[product.key, 0]).removesuffix("0/"),
        "may_export": can(request.user, "export.run", product),
    }
    return render(request, "roadmap/print/page.html", values)
