"""Backticks of docstrings as code."""

from django import template
from django.utils.html import format_html, format_html_join

register = template.Library()


@register.filter
def inline_code(text):
    parts = text.split("`")
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if at % 2 else part,) for at, part in enumerate(parts))
    )
