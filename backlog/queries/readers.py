"""What a reader of a product may see of its list: everything, or not the restricted items of others."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from backlog.models import OrderedList

_READER = """
    SELECT list.id, list.version, list.feed_version,
        EXISTS (SELECT FROM backlog_productrole role
            WHERE role.product_id = list.product_id AND role.user_id = %(user)s AND role.role = 'product_owner'),
        ARRAY(SELECT owner.component_id FROM backlog_componentowner owner
            WHERE owner.product_id = list.product_id AND owner.user_id = %(user)s ORDER BY owner.component_id)
    FROM backlog_orderedlist list WHERE list.product_id = %(product)s
"""


@dataclass(frozen=True)
class Reader:
    """ordered: the product's list, as it is now. components: those the reader owns, whose restricted items are no
    secret to them."""

    ordered: OrderedList
    user_id: int
    sees_all: bool
    components: tuple[int, ...] = ()

    @property
    def visibility(self) -> str:
        """Equal for readers who see the same: the part of an ETag that the feed version can't tell."""
        return "all" if self.sees_all else ".".join(map(str, (self.user_id, *self.components)))

    def readable(self, prefix: str = "") -> Q:
        """The items the reader sees, as a condition on rows whose item is at `prefix`."""
        if self.sees_all:
            return Q()
        allowed = Q(**{f"{prefix}is_restricted": False}) | Q(**{f"{prefix}assignee": self.user_id})
        if self.components:
            allowed |= Q(**{f"{prefix}component__in": self.components})
        return allowed


def reader(product, user) -> Reader:
    """What a person who may read the product's backlog sees of it, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_READER, {"user": user.pk, "product": product.pk})
        list_id, version, feed_version, is_owner, components = cursor.fetchone()
    ordered = OrderedList(list_id, product_id=product.pk, version=version, feed_version=feed_version)
    sees_all = is_owner or user.is_service
    return Reader(ordered, user.pk, sees_all, () if sees_all else tuple(components))
