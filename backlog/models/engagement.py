"""What technical owners say to work that needs their word."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from backlog.models.components import ComponentOwner
from backlog.models.items import Item, ItemComponent
from backlog.models.products import Product, ProductRole
from core.constraints import CompositeForeignKey


class EngagementWordQuerySet(models.QuerySet):
    def standing(self):
        """Those that still count: what was said to done work counts until it is done anew."""
        return self.filter(Q(stage=EngagementWord.Stage.PLANNING) | Q(at__gte=F("item__done_at")))


class EngagementWord(models.Model):
    """A technical owner agrees with an item at this stage. text: what they said. A later word replaces this one."""

    class Stage(models.TextChoices):
        PLANNING = "planning", "Planning"
        REVIEW = "review", "Review"
        ACCEPTANCE = "acceptance", "Acceptance"

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.CASCADE, related_name="engagement_words")
    stage = models.CharField(max_length=10, choices=Stage)
    text = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    objects = EngagementWordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "stage"], name="one_word_a_stage"),
            CompositeForeignKey(
                name="engagement_word_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
        ]

    def __str__(self):
        return f"{self.get_stage_display()} of {self.item_id}"


def whose_word(items: Iterable[Item]) -> Mapping[int, tuple[User, ...]]:
    """By item, who may give its word: the owners of the components it touches, else the product's technical owners,
    else its product owner. In three statements."""
    items = list(items)
    touched = defaultdict(set)
    for item, component in ItemComponent.objects.filter(item__in=items).values_list("item", "component"):
        touched[item].add(component)
    products = {item.product_id for item in items}
    owned = ComponentOwner.objects.filter(product__in=products).select_related("user").order_by("user__name", "user")
    of_component, of_product = defaultdict(dict), defaultdict(dict)
    for owner in owned:
        of_component[owner.component_id][owner.user_id] = owner.user
        of_product[owner.product_id][owner.user_id] = owner.user
    is_owner = ProductRole.objects.filter(product__in=products, role=ProductRole.Role.PRODUCT_OWNER)
    owners = {role.product_id: role.user for role in is_owner.select_related("user")}
    found = {}
    for item in items:
        people = {}
        for component in sorted(touched[item.pk] | {item.component_id} - {None}):
            people |= of_component[component]
        people = people or of_product[item.product_id]
        nobody_else = (owners[item.product_id],) if item.product_id in owners else ()
        found[item.pk] = tuple(people.values()) or nobody_else
    return found
