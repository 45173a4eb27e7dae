"""Goals and releases of a product, with their dates."""

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.views.lookups import permitted_product
from core.answers import changed
from roadmap.actions import forecasts
from roadmap.forms import ReleaseForm
from roadmap.queries import roadmap_page

EVENT = "roadmap-changed"


@require_GET
def page(request, product_key):
    return render_page(request, permitted_product(request, product_key))


@require_POST
def forecast(request, product_key):
    product = permitted_product(request, product_key)
    made = forecasts.record(product, on=product.organization.today(), by=request.user)
    text = "The dates are of this moment." if made.has_dates else "There is not enough history for dates yet."
    return changed(request, reverse("roadmap:roadmap", args=[product_key]), text, event=EVENT)


def render_page(request, product, *, form=None, status=200):
    page = roadmap_page.roadmap_page(product, request.user, today=product.organization.today())
    values = {"product": product, "page": page, "form": form or ReleaseForm()}
    return render(request, "roadmap/roadmap/page.html", values, status=status)
