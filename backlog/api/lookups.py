"""Where every look-up of the API starts: at what the person, and their token, may see."""

from django.http import Http404

from backlog.models import Item, Product
from core.permissions import can, require, require_route
from core.rest import allowed_product_ids


def visible_products(request):
    """Products the person may see; with a token made for some products, only those."""
    products = Product.objects.visible_to(request.user)
    allowed = allowed_product_ids(request)
    return products if allowed is None else products.filter(pk__in=allowed)


def visible_items(request):
    return Item.objects.visible_to(request.user).filter(product__in=visible_products(request).values("pk"))


def readable_items(request):
    return Item.objects.readable_by(request.user).filter(product__in=visible_products(request).values("pk"))


def visible_product(request, key: str) -> Product:
    """The product of that key, present or retired; 404 if it can't be seen."""
    seen = visible_products(request).select_related("organization")
    # A retired key costs a second look, so that the others need no join.
    product = seen.filter(key=key.upper()).first() or seen.by_key(key).first()
    if product is None:
        raise Http404
    return product


def product_of(request, key: str) -> Product:
    """A visible product, on which the table allows what this route does; 403 otherwise."""
    product = visible_product(request, key)
    require_route(request, product)
    return product


def read_product(request, key: str) -> Product:
    """A visible product whose backlog the person may read: what a write in it starts from."""
    product = visible_product(request, key)
    require(request.user, "backlog.read", product)
    return product


def item_of(request, key: str, number: int, *, rows=None) -> Item:
    """A visible item of a product whose backlog the person may read; rows: a queryset that loads more with it."""
    product = read_product(request, key)
    return _item(request, product, number, Item.objects if rows is None else rows)


def item_to_restore(request, key: str, number: int) -> Item:
    """A visible item for those who may bring it back, who need not be allowed to read the backlog."""
    product = visible_product(request, key)
    if not can(request.user, "backlog.read", product):
        item = visible_items(request).filter(product=product, number=number).first()
        require(request.user, "item.restore" if item else "backlog.read", item or product)
    return _item(request, product, number, Item.objects)


def _item(request, product, number, rows):
    # Whether the token is for this product was asked with the product.
    item = rows.visible_to(request.user).filter(product=product, number=number).first()
    if item is None:
        raise Http404
    item.product = product
    return item
