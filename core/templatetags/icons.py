"""`{% icon "lock" %}`: one symbol of the sprite static/icons.svg."""

from functools import cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

register = template.Library()


@register.simple_tag
def icon(name):
    return _drawn(static("icons.svg"), name)


@cache
def _drawn(sprite, name):
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#i-{}"></use></svg>', sprite, name)
