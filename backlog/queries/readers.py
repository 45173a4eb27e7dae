"""What a reader of a product may see of its list: everything, or not the restricted items of others."""

from dataclasses import dataclass

from django.db.models import Q

from backlog.models import ComponentOwner, ProductRole


@dataclass(frozen=True)
class Reader:
    """components: those the reader owns, whose restricted items are no secret to them."""

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
    """What a person who may read the product's backlog sees of it, in two statements at most."""
    owner = ProductRole.Role.PRODUCT_OWNER
    if user.is_service or ProductRole.objects.filter(product=product, user=user, role=owner).exists():
        return Reader(user.pk, sees_all=True)
    owned = ComponentOwner.objects.filter(product=product, user=user).order_by("component")
    return Reader(user.pk, sees_all=False, components=tuple(owned.values_list("component", flat=True)))
