"""Rows that an address names, as far as the person may see them."""

from django.shortcuts import get_object_or_404

from backlog.models import Item, Product
from core.permissions import require_route


def visible_product(request, product_key):
    visible = Product.objects.visible_to(request.user).select_related("organization")
    return get_object_or_404(visible, key=product_key)


def permitted_product(request, product_key):
    """Also what the route's method needs, by the table."""
    product = visible_product(request, product_key)
    require_route(request, product)
    return product


def visible_item(request, product_key, number):
    visible = Item.objects.visible_to(request.user).select_related("product", "organization")
    return get_object_or_404(visible, product__key=product_key, number=number)
