"""Addresses that lead nowhere: put right where it is plain what was meant."""

import re

from django.http import HttpResponsePermanentRedirect, HttpResponseRedirect

from backlog.models import Product
from core.views import not_found as plain_not_found

_OF_PRODUCT = re.compile(r"^/products/([A-Za-z0-9]{1,10})(/.*)?$")


def not_found(request, exception):
    """404, but a product's key in small letters, or one that it had before, leads on to the page of today."""
    if request.method in ("GET", "HEAD") and request.user.is_authenticated:
        if request.path == "/products/":
            return HttpResponsePermanentRedirect("/")
        if meant := _meant(request):
            return HttpResponseRedirect(meant)
    return plain_not_found(request, exception)


def _meant(request):
    match = _OF_PRODUCT.match(request.path)
    product = match and Product.objects.visible_to(request.user).by_key(match[1]).first()
    if not product or product.key == match[1]:
        return ""
    query = request.META.get("QUERY_STRING", "")
    return f"/products/{product.key}{match[2] or '/'}" + (f"?{query}" if query else "")
