"""Chances as people write them."""

from django import template

register = template.Library()


@register.filter
def chance(value):
    """85 %, or > 95 %."""
    return f"> {value.percent} %" if value.is_above else f"{value.percent} %"
