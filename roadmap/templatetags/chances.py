"""Dates and figures of forecasts as people write them."""

from django import template
from django.utils import timezone
from django.utils.formats import date_format

register = template.Library()

_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


@register.filter
def day(value):
    """14 Jan, or 14 Jan 2031 in another year; parts stay together. Nothing for None."""
    if value is None:
        return ""
    pattern = "j\u00a0M" if value.year == timezone.localdate().year else "j\u00a0M\u00a0Y"
    return date_format(value, pattern)


@register.filter
def span(days):
    """3 weeks, or 9 days where it is no whole number of weeks; as long before as after."""
    days = abs(days)
    count, unit = (days, "day") if days % 7 or days < 14 else (days // 7, "week")
    return f"{count}\u00a0{unit}{'' if count == 1 else 's'}"


@register.filter
def figure(value):
    """One decimal below ten, else none: 2.4, 19."""
    return f"{value:.1f}".removesuffix(".0") if abs(value) < 9.95 else f"{value:,.0f}"


@register.filter
def share(value):
    """0.034 as 3.4 %; what is not nothing never reads 0 %."""
    percent = 100 * value
    if 0 < percent < 0.05:
        return "less than 0.1\u00a0%"
    return f"{percent:.1f}".removesuffix(".0") + "\u00a0%"


@register.filter
def ordinal(place):
    """Eighth, or 12th."""
    if place <= len(_ORDINALS):
        return _ORDINALS[place - 1]
    ending = "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place:,}{ending}"
