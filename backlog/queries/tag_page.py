"""The tags of a product: how many items carry each, and those that are gone."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.db.models.functions import Lower

from backlog.models import Item, Product
from backlog.queries.filter_language import asking
from backlog.queries.readers import reader
from core.permissions import can

MOST_GONE = 50


@dataclass(frozen=True)
class TagRow:
    """open_count: in the backlog; item_count: finished and dropped ones too. filter: of the backlog, for this tag."""

    id: int
    name: str
    open_count: int
    item_count: int
    filter: str


@dataclass(frozen=True)
class GoneRow:
    """into: what it was merged into, empty if it was dropped or that is gone too."""

    id: int
    name: str
    into: str
    at: datetime
    by: str


@dataclass(frozen=True)
class TagPage:
    product: Product
    rows: tuple[TagRow, ...]
    gone: tuple[GoneRow, ...]
    may_manage: bool


def tag_page(product, user) -> TagPage:
    """The tags page, in a fixed number of statements; it counts only what the reader may see."""
    seen = reader(product, user).readable("item_links__item__")
    unfinished = seen & Q(item_links__item__status__in=Item.UNFINISHED)
    tags = product.tags.annotate(
        open_count=Count("item_links", filter=unfinished), item_count=Count("item_links", filter=seen)
    )
    may_manage = can(user, "tag.manage", product)
    gone = product.gone_tags.select_related("into", "gone_by").order_by("-gone_at")[:MOST_GONE] if may_manage else ()
    return TagPage(
        product=product,
        rows=tuple(
            TagRow(tag.pk, tag.name, tag.open_count, tag.item_count, asking("tag", tag.name))
            for tag in tags.order_by(Lower("name"))
        ),
        gone=tuple(
            GoneRow(each.pk, each.name, each.into.name if each.into else "", each.gone_at, str(each.gone_by))
            for each in gone
        ),
        may_manage=may_manage,
    )
