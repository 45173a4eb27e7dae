"""The health of a product."""

from datetime import date

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET

from backlog.views.lookups import permitted_product
from nightly.queries.reports import health_page


@require_GET
def latest(request, product_key):
    return _page(request, product_key, None)


@require_GET
def of_day(request, product_key, on):
    return _page(request, product_key, on)


def _page(request, product_key, on):
    product = permitted_product(request, product_key)
    page = health_page(product, request.user, on=on, against=_day(request.GET.get("against", "")))
    if on and page.on is None:
        raise Http404("There is no report of that day.")
    return render(request, "nightly/health/page.html", {"product": product, "page": page})


def _day(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
