"""Numbers and names as people write them."""

from django import template

from backlog.models import Item

register = template.Library()


@register.filter
def points(value):
    """8.00 is 8, 0.50 is 0.5; nothing for None."""
    return "" if value is None else f"{value.normalize():f}"


@register.filter
def type_label(type):
    return Item.Type(type).label
