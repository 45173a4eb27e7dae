"""The nights of a product."""

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.views.lookups import permitted_product
from core import clock
from core.answers import changed
from nightly.actions import nights
from nightly.queries import schedule
from nightly.queries.nights import nights_page


@require_GET
def page(request, product_key):
    product = permitted_product(request, product_key)
    values = {"product": product, "page": nights_page(product, request.user, now=clock.now())}
    return render(request, "nightly/nights/page.html", values)


@require_POST
def run(request, product_key):
    product = permitted_product(request, product_key)
    on = schedule.latest_due(product.organization.time_zone, clock.now())
    nights.ask(product, on, by=request.user)
    url = reverse("nightly:nights", args=[product.key])
    return changed(request, url, "The night begins as soon as a worker is free.", event="night-changed")
