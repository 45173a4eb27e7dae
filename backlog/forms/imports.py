"""Parse an upload, and the mapping chosen in its preview."""

import re

from django import forms

from backlog.models import ImportRun
from backlog.models.products import PRODUCT_KEY
from backlog.queries import imports
from core.errors import InvalidInput


class UploadForm(forms.Form):
    file = forms.FileField(label="File", help_text="A CSV file in UTF-8, at most 100 MB and 30,000 rows.")
    source = forms.ChoiceField(
        label="What it is", choices=ImportRun.Source.choices, widget=forms.RadioSelect, initial=ImportRun.Source.JIRA
    )


def chosen_mapping(mapping, sections, sent) -> dict:
    """Read what the preview's form sends over the mapping so far. Raises InvalidInput."""
    mapping = dict(mapping)
    for section in sections:
        mapping[section.part] = mapping.get(section.part, {}) | {
            choice.value: _chosen(section.part, choice, sent[choice.name].strip())
            for choice in section.choices
            if choice.name in sent
        }
    for part, options in (("order", imports.ORDER_CHOICES), ("date_order", imports.DATE_CHOICES)):
        if sent.get(part) in options:
            mapping[part] = sent[part]
    return mapping | {"use_values": "use_values" in sent}


def _chosen(part, choice, text):
    if choice.options and text not in choice.options:
        raise InvalidInput(f"“{text}” is no choice for “{choice.value}”.", field=choice.name)
    match part:
        case "products" if text and not re.fullmatch(PRODUCT_KEY, text.upper()):
            raise InvalidInput(
                f"The key “{text}” does not fit: two to ten capital letters or digits, first a letter.",
                field=choice.name,
            )
        case "products":
            return text.upper()
        case "values" if text and not (text.isascii() and text.isdigit() and int(text) <= 1000):
            raise InvalidInput(f"The value for “{choice.value}” goes from 0 to 1,000.", field=choice.name)
        case "values" | "people":
            return int(text) if text else None
    return text
