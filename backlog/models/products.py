"""A product, its working agreement, and who has which role in it."""

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from accounts.models import Organization, Team
from core.constraints import CompositeForeignKey

PRODUCT_KEY = r"^[A-Z][A-Z0-9]{1,9}$"

# By hand, since every request asks it: Django takes longer to write it than PostgreSQL to answer.
SEEN_PRODUCTS = """
    SELECT product.id AS product_id, member.user_id
    FROM accounts_membership member JOIN backlog_product product USING (organization_id)
    WHERE member.user_id = %s AND member.deactivated_at IS NULL AND (
        member.role = 'admin'
        OR EXISTS (SELECT FROM backlog_productrole role
            WHERE role.product_id = product.id AND role.user_id = member.user_id)
        OR EXISTS (SELECT FROM backlog_componentowner owner
            WHERE owner.product_id = product.id AND owner.user_id = member.user_id)
        OR EXISTS (SELECT FROM backlog_productteam link
            JOIN accounts_team team ON team.id = link.team_id AND team.archived_at IS NULL
            JOIN accounts_teammembership place ON place.team_id = team.id AND place.user_id = member.user_id
            WHERE link.product_id = product.id))
"""
_SEEN = f"SELECT product_id FROM ({SEEN_PRODUCTS}) seen"  # noqa: S608

# Roles that may read the backlog, each by itself: stakeholders and admins see products, not what stands in them.
READ_PRODUCTS = """
    SELECT role.product_id FROM backlog_productrole role WHERE role.user_id = %s AND role.role = 'product_owner'
    UNION ALL
    SELECT owner.product_id FROM backlog_componentowner owner WHERE owner.user_id = %s
    UNION ALL
    SELECT link.product_id FROM backlog_productteam link
    JOIN accounts_team team ON team.id = link.team_id AND team.archived_at IS NULL
    JOIN accounts_teammembership place ON place.team_id = team.id
    WHERE place.user_id = %s
"""


class ProductQuerySet(models.QuerySet):
    def active(self):
        return self.filter(archived_at=None)

    def by_key(self, key):
        """The one product that has this key, or had it before: compare its key to know whether to redirect."""
        return self.filter(Q(key=key.upper()) | Q(retired_keys__key=key.upper()))

    def visible_to(self, user):
        """Products in which the person has a role, owns a component, works through a team,
        or whose organization the person administers."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(pk__in=RawSQL(_SEEN, [user.pk]))  # noqa: S611  the text is ours

    def readable_by(self, user):
        """Visible products whose backlog the person may read."""
        read = RawSQL(READ_PRODUCTS, [user.pk] * 3)  # noqa: S611  the text is ours
        return self.visible_to(user).filter(pk__in=read)


class Product(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="products")
    key = models.CharField(
        max_length=10,
        unique=True,
        validators=[RegexValidator(PRODUCT_KEY, "Two to ten capital letters or digits, first a letter.")],
    )
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    technical_share_min = models.PositiveSmallIntegerField(default=20, help_text="Percent of points, agreed.")
    technical_share_max = models.PositiveSmallIntegerField(default=40, help_text="Percent of points, agreed.")
    debt_share = models.PositiveSmallIntegerField(
        null=True, help_text="Percent of points for repaying debt, agreed; null: nothing is."
    )
    definition_of_ready = models.JSONField(
        default=dict, help_text="Kind: list of {key, label, rule}; empty means the usual one."
    )
    definition_of_done = models.JSONField(default=dict, help_text="Kind: list of {key, label}.")
    sprint_length_days = models.PositiveSmallIntegerField(default=14, validators=[MinValueValidator(1)])
    largest_ready_points = models.PositiveSmallIntegerField(
        default=8, help_text="An item with more points is too big to be ready."
    )
    value_point_in_currency = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, default="EUR")
    hours_per_point = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    version = models.PositiveIntegerField(default=1, help_text="For If-Match.")
    created_at = models.DateTimeField(db_default=Now())
    archived_at = models.DateTimeField(null=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "id"], name="product_in_organization"),
            models.CheckConstraint(condition=Q(key__regex=PRODUCT_KEY), name="product_key_form"),
            models.CheckConstraint(
                condition=Q(technical_share_min__lte=models.F("technical_share_max"), technical_share_max__lte=100),
                name="product_technical_share_range",
            ),
            models.CheckConstraint(
                condition=Q(debt_share__isnull=True) | Q(debt_share__lte=models.F("technical_share_max")),
                name="product_debt_share_within_technical",
            ),
            models.CheckConstraint(
                condition=Q(sprint_length_days__gte=1, sprint_length_days__lte=60),
                name="product_sprint_length",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"product:{self.pk}"


class RetiredProductKey(models.Model):
    """A key the product had before: links with it still lead to the product."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="retired_keys")
    key = models.CharField(max_length=10, unique=True)
    retired_at = models.DateTimeField(db_default=Now())

    def __str__(self):
        return self.key


class ItemCounter(models.Model):
    """The last item number of a product; narrow, since every creation locks it."""

    product = models.OneToOneField(Product, models.CASCADE, primary_key=True, related_name="item_counter")
    last_number = models.PositiveIntegerField(default=0)

    def __str__(self):
        return f"{self.product_id}: {self.last_number}"


class ProductRole(models.Model):
    class Role(models.TextChoices):
        PRODUCT_OWNER = "product_owner", "Product owner"
        STAKEHOLDER = "stakeholder", "Stakeholder"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, related_name="roles")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="product_roles")
    role = models.CharField(max_length=14, choices=Role)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "user", "role"], name="one_product_role_a_person"),
            models.UniqueConstraint(
                fields=["product"], condition=Q(role="product_owner"), name="one_accountable_product_owner"
            ),
            CompositeForeignKey(
                name="product_role_same_organization",
                fields=["organization", "product"],
                to="backlog.Product",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="product_role_of_member",
                fields=["organization", "user"],
                to="accounts.Membership",
                to_fields=["organization", "user"],
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.get_role_display().lower()} of {self.product}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class HandOver(models.Model):
    """The product owner offers the product to another; it is theirs once they accept."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    product = models.OneToOneField(Product, models.CASCADE, related_name="hand_over")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    offered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(to=models.F("offered_by")), name="hand_over_to_another"),
            CompositeForeignKey(
                name="hand_over_product",
                fields=["organization", "product"],
                to="backlog.Product",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="hand_over_to_member",
                fields=["organization", "to"],
                to="accounts.Membership",
                to_fields=["organization", "user"],
            ),
        ]

    def __str__(self):
        return f"{self.product} to {self.to}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class ProductTeamQuerySet(models.QuerySet):
    def active(self):
        """Of teams that are not put away."""
        return self.filter(team__archived_at=None)


class ProductTeam(models.Model):
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, related_name="team_links")
    team = models.ForeignKey(Team, models.CASCADE, related_name="product_links")

    objects = ProductTeamQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "team"], name="one_link_a_product_team"),
            CompositeForeignKey(
                name="product_team_product",
                fields=["organization", "product"],
                to="backlog.Product",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="product_team_team",
                fields=["organization", "team"],
                to="accounts.Team",
                to_fields=["organization", "id"],
            ),
        ]

    def __str__(self):
        return f"{self.team} on {self.product}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"
