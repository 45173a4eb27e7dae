"""Chances as people write them."""

from django import template

register = template.Library()


@register.filter
def chance(value):
    """85 %, or > 95 %."""
    return f"> {value.percent} %" if value.is_above else f"{value.percent} %"


@register.filter
def signed(points):
    """+3, -2: a change."""
    number = f"{abs(points).normalize():f}"
    return f"-{number}" if points < 0 else f"+{number}"


@register.filter
def cause(name):
    """A cause of a change of scope, in words."""
    return name.replace("_", " ")
