"""Addresses that lead nowhere, put right where it is clear what was meant."""

import re

from backlog.models import Product

_OF_PRODUCT = re.compile(r"^/products/([A-Za-z0-9]{1,10})(/.*)?$")


def meant(request) -> str:
    """Where a lost address leads: a product's key in small letters, or one it had before. Empty: nowhere."""
    if request.path == "/products/":
        return "/"
    match = _OF_PRODUCT.match(request.path)
    product = match and Product.objects.visible_to(request.user).by_key(match[1]).first()
    if not product or product.key == match[1]:
        return ""
    query = request.META.get("QUERY_STRING", "")
    return f"/products/{product.key}{match[2] or '/'}" + (f"?{query}" if query else "")
