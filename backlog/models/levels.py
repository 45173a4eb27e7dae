"""How far technical owners are engaged."""

from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce, NullIf


class Engagement(models.TextChoices):
    """Work of such a level needs a technical owner's word at planning, review and acceptance."""

    ARCHITECTURAL = "architectural", "Architectural"
    LARGE_SCALE = "large_scale", "Large-scale"


def engagement_field():
    """Of an item, a component or a goal; empty where none of its own is needed."""
    return models.CharField(
        "level of engagement",
        max_length=13,
        choices=Engagement,
        blank=True,
        default="",
        db_default="",
        help_text="Needs a technical owner's word at planning, review and acceptance.",
    )


def level_at(prefix: str):
    """What `Item.engagement_level` says, for rows whose item is at `prefix`."""
    marked = (NullIf(f"{prefix}{of}engagement", Value("")) for of in ("", "component__", "goal__"))
    return Coalesce(*marked, Value(""))
