"""A product backlog item."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from accounts.models import Organization, Team
from backlog.models.components import Component
from backlog.models.goals import Goal
from backlog.models.levels import Engagement, engagement_field
from backlog.models.products import READ_PRODUCTS, SEEN_PRODUCTS, Product
from core.constraints import CompositeForeignKey

FUNCTIONAL_TYPES = ["story", "bug"]
TECHNICAL_TYPES = [
    "enabler",
    "architecture",
    "infrastructure",
    "debt",
    "spike",
    "test_architecture",
    "security",
]

_SEEN = f"""
    SELECT item.id FROM ({SEEN_PRODUCTS}) seen JOIN backlog_item item USING (product_id)
    WHERE NOT item.is_restricted OR item.assignee_id = seen.user_id
        OR EXISTS (SELECT FROM backlog_productrole role WHERE role.product_id = item.product_id
            AND role.user_id = seen.user_id AND role.role = 'product_owner')
        OR EXISTS (SELECT FROM backlog_componentowner owner
            WHERE owner.component_id = item.component_id AND owner.user_id = seen.user_id)
"""  # noqa: S608


def _marked():
    """Few components and goals are: looked up by id, no item is joined to its own."""
    return (
        Q(engagement__gt="")
        | Q(component__in=Component.objects.filter(engagement__gt="").values("pk"))
        | Q(goal__in=Goal.objects.filter(engagement__gt="").values("pk"))
    )


class ItemQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Items of products the person may see; restricted ones only for the product owner,
        the assignee and the owners of the item's component."""
        return self.filter(pk__in=RawSQL(_SEEN, [user.pk]))  # noqa: S611  the text is ours

    def readable_by(self, user):
        """Visible items of products whose backlog the person may read: what may be named beside another item."""
        read = RawSQL(READ_PRODUCTS, [user.pk] * 3)  # noqa: S611  the text is ours
        return self.visible_to(user).filter(product__in=read)

    def by_key(self, key):
        """The item of a key such as PAY-142: the product's key, one it had before, or the key in the source.

        A key of our own always wins over one from a source. Compare `item.key` to know whether to redirect.
        """
        key = key.strip().upper()
        product_key, _, number = key.rpartition("-")
        of_source = Q(pk__in=SourceKey.objects.filter(key=key).values("item"))
        if not product_key or not number.isascii() or not number.isdigit() or len(number) > 9:
            return self.filter(of_source)
        product = Product.objects.by_key(product_key).values("pk")
        ours = Q(product__in=product, number=int(number))
        if Item.objects.filter(ours).exists():
            return self.filter(ours)
        return self.filter(of_source)

    def open(self):
        """In the product backlog and not finished."""
        return self.filter(status__in=Item.UNFINISHED)

    def engaged(self):
        """Marked themselves, by their component or by their goal."""
        return self.filter(_marked())

    def unengaged(self):
        return self.exclude(_marked())

    def technical(self):
        return self.filter(kind=Item.Kind.TECHNICAL)

    def functional(self):
        return self.filter(kind=Item.Kind.FUNCTIONAL)

    def ranked(self):
        return self.filter(order_entry__is_listed=True).order_by("order_entry__rank")


class Item(models.Model):
    class Kind(models.TextChoices):
        FUNCTIONAL = "functional", "Functional"
        TECHNICAL = "technical", "Technical"

    class Type(models.TextChoices):
        STORY = "story", "Story"
        BUG = "bug", "Bug"
        ENABLER = "enabler", "Enabler"
        ARCHITECTURE = "architecture", "Architecture"
        INFRASTRUCTURE = "infrastructure", "Infrastructure"
        DEBT = "debt", "Debt"
        SPIKE = "spike", "Spike"
        TEST_ARCHITECTURE = "test_architecture", "Test architecture"
        SECURITY = "security", "Security"

    class Discipline(models.TextChoices):
        APPLICATION = "application", "Application"
        ARCHITECTURE = "architecture", "Architecture"
        TEST_ARCHITECTURE = "test_architecture", "Test architecture"
        UX_DESIGN = "ux_design", "UX design"
        INFRASTRUCTURE = "infrastructure", "Infrastructure"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        DECLINED = "declined", "Declined"
        OPEN = "open", "Open"
        IN_PROGRESS = "in_progress", "In progress"
        DONE = "done", "Done"
        ACCEPTED = "accepted", "Accepted"
        DROPPED = "dropped", "Dropped"

    class InterestUnit(models.TextChoices):
        POINTS = "points", "points a week"
        HOURS = "hours", "hours a week"

    UNFINISHED = (Status.OPEN, Status.IN_PROGRESS)

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, related_name="items")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    type = models.CharField(max_length=17, choices=Type)
    discipline = models.CharField(max_length=17, choices=Discipline, blank=True)
    title = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    plain_title = models.CharField(max_length=300, blank=True, help_text="For non-technical readers.")
    plain_lead = models.TextField(blank=True, help_text="For non-technical readers.")
    points = models.DecimalField(max_digits=6, decimal_places=2, null=True, validators=[MinValueValidator(0)])

    business_value = models.PositiveSmallIntegerField(null=True, help_text="Value points a week.")
    time_criticality = models.PositiveSmallIntegerField(
        null=True, validators=[MinValueValidator(1), MaxValueValidator(20)], help_text="For WSJF only."
    )
    risk_reduction = models.PositiveSmallIntegerField(null=True, help_text="Value points a week.")
    due_on = models.DateField(null=True)
    penalty_per_week = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, help_text="Value points for each week after due_on."
    )
    debt_principal = models.DecimalField(max_digits=8, decimal_places=2, null=True, help_text="Points.")
    debt_interest = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    debt_interest_unit = models.CharField(max_length=6, choices=InterestUnit, blank=True)

    component = models.ForeignKey(
        Component, models.PROTECT, null=True, related_name="items", help_text="The one that owns it."
    )
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="items")
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="assigned_items")
    goal = models.ForeignKey(Goal, models.PROTECT, null=True, related_name="items")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    split_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="split_off", help_text="The item that this was a part of."
    )
    is_restricted = models.BooleanField(default=False, help_text="Only for those who must know of it.")
    engagement = engagement_field()

    status = models.CharField(max_length=11, choices=Status, default=Status.OPEN)
    status_at = models.DateTimeField(db_default=Now())
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    status_reason = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    # Kept beside the item, so that a list needs no join: backlog/actions/readiness.py writes them.
    checks_met = models.PositiveSmallIntegerField(default=0)
    checks_total = models.PositiveSmallIntegerField(default=0)
    open_question_count = models.PositiveSmallIntegerField(default=0)

    source_fix_versions = ArrayField(models.CharField(max_length=120), default=list)
    version = models.PositiveIntegerField(default=1, help_text="For If-Match.")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(db_default=Now())
    search = models.GeneratedField(
        expression=SearchVector("title", "plain_title", weight="A", config="english")
        + SearchVector("description", weight="B", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="one_item_a_number"),
            models.UniqueConstraint(fields=["product", "id"], name="item_in_product"),
            models.UniqueConstraint(fields=["organization", "id"], name="item_in_organization"),
            models.CheckConstraint(
                condition=Q(kind="functional", type__in=FUNCTIONAL_TYPES)
                | Q(kind="technical", type__in=TECHNICAL_TYPES),
                name="item_type_fits_kind",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="item_has_title"),
            models.CheckConstraint(condition=Q(points=None) | Q(points__gte=0), name="item_points_range"),
            models.CheckConstraint(
                condition=Q(business_value=None) | Q(business_value__lte=1000),
                name="item_business_value_range",
            ),
            models.CheckConstraint(
                condition=Q(risk_reduction=None) | Q(risk_reduction__lte=1000),
                name="item_risk_reduction_range",
            ),
            models.CheckConstraint(
                condition=Q(time_criticality=None) | Q(time_criticality__gte=1, time_criticality__lte=20),
                name="item_time_criticality_range",
            ),
            models.CheckConstraint(
                condition=Q(penalty_per_week=None) | Q(due_on__isnull=False, penalty_per_week__gte=0),
                name="item_penalty_with_due_date",
            ),
            models.CheckConstraint(
                condition=Q(debt_interest=None, debt_interest_unit="")
                | (Q(debt_interest__gte=0) & ~Q(debt_interest_unit="")),
                name="item_interest_with_unit",
            ),
            models.CheckConstraint(
                condition=Q(debt_principal=None) | Q(debt_principal__gte=0), name="item_principal_range"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["done", "accepted"], done_at__isnull=False)
                | ~Q(status__in=["done", "accepted"]),
                name="item_done_with_time",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="item_not_its_own_parent"),
            models.CheckConstraint(condition=Q(checks_met__lte=F("checks_total")), name="item_checks_range"),
            CompositeForeignKey(
                name="item_same_organization",
                fields=["organization", "product"],
                to="backlog.Product",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="item_component_same_product",
                fields=["product", "component"],
                to="backlog.Component",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="item_goal_same_product",
                fields=["product", "goal"],
                to="backlog.Goal",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="item_parent_same_product",
                fields=["product", "parent"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="item_split_same_product",
                fields=["product", "split_from"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="item_team_same_organization",
                fields=["organization", "team"],
                to="accounts.Team",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="item_assignee_is_member",
                fields=["organization", "assignee"],
                to="accounts.Membership",
                to_fields=["organization", "user"],
            ),
        ]
        indexes = [
            models.Index(fields=["product", "status", "-status_at"], name="item_by_status"),
            models.Index(fields=["product", "-id"], name="item_newest"),
            models.Index(
                fields=["product", "status"],
                include=["id", "debt_principal", "debt_interest", "debt_interest_unit", "created_at", "status_at"],
                condition=Q(type="debt"),
                name="item_debt",
            ),
            models.Index(fields=["product", "due_on"], condition=Q(due_on__isnull=False), name="item_due"),
            models.Index(fields=["product", "-done_at"], condition=Q(done_at__isnull=False), name="item_finished"),
            GinIndex(fields=["search"], name="item_search"),
            GinIndex(fields=["title"], opclasses=["gin_trgm_ops"], name="item_title_trigrams"),
        ]

    def __str__(self):
        return self.title

    @property
    def key(self):
        """Needs the product: load it with select_related."""
        return f"{self.product.key}-{self.number}"

    @property
    def is_technical(self):
        return self.kind == self.Kind.TECHNICAL

    @property
    def engagement_level(self):
        """Its own level of engagement, else its component's, else its goal's: load both with select_related."""
        return self.engagement or getattr(self.component, "engagement", "") or getattr(self.goal, "engagement", "")

    @property
    def engagement_label(self):
        return Engagement(self.engagement_level).label if self.engagement_level else ""

    @property
    def is_estimated(self):
        return self.points is not None

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class SourceKey(models.Model):
    """The key an item had where it was imported from: searchable, redirecting, and what a re-run matches by."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.CASCADE, related_name="source_keys")
    source = models.CharField(max_length=20, help_text="jira or csv")
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the imported row.")
    imported = models.JSONField(default=dict, help_text="Field: short hash of the value last taken over.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "source", "key"], name="one_item_a_source_key"),
            CompositeForeignKey(
                name="source_key_same_organization",
                fields=["organization", "item"],
                to="backlog.Item",
                to_fields=["organization", "id"],
            ),
        ]
        indexes = [models.Index(fields=["key"], name="source_keys_by_key")]

    def __str__(self):
        return self.key


class AcceptanceCriterion(models.Model):
    item = models.ForeignKey(Item, models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    met_at = models.DateTimeField(null=True)
    met_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "acceptance criteria"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "position"],
                name="one_criterion_a_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(met_at=None, met_by=None) | Q(met_at__isnull=False, met_by__isnull=False),
                name="criterion_met_by_someone",
            ),
        ]

    def __str__(self):
        return self.text

    @property
    def event_stream(self):
        return self.item.event_stream


class ReadinessTick(models.Model):
    """A Definition of Ready check ticked by hand."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="readiness_ticks")
    check_key = models.CharField(max_length=40)
    ticked_at = models.DateTimeField(db_default=Now())
    ticked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "check_key"], name="one_tick_a_check")]

    def __str__(self):
        return self.check_key


class ItemComponent(models.Model):
    """A further component an item touches: a label without rights."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.CASCADE, related_name="further_components")
    component = models.ForeignKey(Component, models.CASCADE, related_name="touched_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "component"], name="one_further_component"),
            CompositeForeignKey(
                name="item_component_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="item_component_component",
                fields=["product", "component"],
                to="backlog.Component",
                to_fields=["product", "id"],
            ),
        ]

    def __str__(self):
        return f"{self.item_id} touches {self.component_id}"
