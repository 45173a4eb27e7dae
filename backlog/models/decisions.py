"""Decisions about how the product is built, with the fields of MADR 4."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from accounts.models import Organization
from backlog.models.components import Component
from backlog.models.discussion import Question
from backlog.models.items import Item
from backlog.models.products import READ_PRODUCTS, Product
from core.constraints import CompositeForeignKey

# How arguments for and against an option are kept.
TONES = ("good", "neutral", "bad")


class DecisionQuerySet(models.QuerySet):
    def readable_by(self, user):
        """Decisions of products whose backlog the person may read: with their technical text."""
        return self.filter(product__in=self._read(user))

    def visible_to(self, user):
        """Those, and of other visible products what is said in plain words or names the person."""
        told = ~Q(plain_summary="") | Q(pk__in=DecisionPerson.objects.filter(user=user).values("decision"))
        seen = Product.objects.visible_to(user).values("pk")
        return self.filter(Q(product__in=self._read(user)) | Q(told, product__in=seen))

    def open(self):
        """Nobody has decided yet."""
        return self.filter(status=Decision.Status.PROPOSED)

    def _read(self, user):
        return RawSQL(READ_PRODUCTS, [user.pk] * 3)  # noqa: S611  the text is ours


class Decision(models.Model):
    """options: [{title, text, good, neutral, bad}], the last three lists of sentences. chosen: the title of one."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        DEPRECATED = "deprecated", "Deprecated"
        SUPERSEDED = "superseded", "Superseded"

    OPEN_TO_WORDS = (Status.PROPOSED, Status.ACCEPTED)

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField()
    questions = models.ManyToManyField(Question, through="DecisionQuestion", related_name="decisions")
    title = models.CharField(max_length=300)
    context = models.TextField(blank=True)
    drivers = models.TextField(blank=True)
    options = models.JSONField(default=list)
    chosen = models.CharField(max_length=300, blank=True)
    decision = models.TextField(blank=True, help_text="Why this option.")
    consequences = models.TextField(blank=True)
    confirmation = models.TextField(blank=True, help_text="How one will see that it is kept.")
    more_information = models.TextField(blank=True)
    plain_summary = models.TextField(blank=True, help_text="For non-technical readers.")

    status = models.CharField(max_length=10, choices=Status, default=Status.PROPOSED)
    status_at = models.DateTimeField(db_default=Now())
    status_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    status_reason = models.CharField(max_length=500, blank=True)
    dated_on = models.DateField(help_text="When it was last worked on, as MADR's date.")
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="supersedes")

    source = models.TextField(blank=True, help_text="The file it was imported from, until somebody changes it.")
    front_matter = models.JSONField(default=dict, help_text="What else stood in the file's front matter.")
    version = models.PositiveIntegerField(default=1, help_text="For If-Match.")
    created_at = models.DateTimeField(db_default=Now())
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(db_default=Now())

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="one_decision_a_number"),
            models.UniqueConstraint(fields=["product", "id"], name="decision_in_product"),
            models.CheckConstraint(condition=~Q(title=""), name="decision_has_title"),
            models.CheckConstraint(condition=~Q(superseded_by=F("id")), name="decision_not_its_own_successor"),
            models.CheckConstraint(
                condition=Q(status="superseded", superseded_by__isnull=False)
                | (~Q(status="superseded") & Q(superseded_by=None)),
                name="decision_superseded_by_one",
            ),
            CompositeForeignKey(
                name="decision_same_organization",
                fields=["organization", "product"],
                to="backlog.Product",
                to_fields=["organization", "id"],
            ),
            CompositeForeignKey(
                name="decision_successor_same_product",
                fields=["product", "superseded_by"],
                to="backlog.Decision",
                to_fields=["product", "id"],
            ),
        ]
        indexes = [models.Index(fields=["product", "status", "-number"], name="decisions_by_status")]

    def __str__(self):
        return self.title

    @property
    def key(self):
        """As MADR names files: ADR-0007. Unique within the product."""
        return f"ADR-{self.number:04}"

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class DecisionPerson(models.Model):
    """Who decides, was asked, or is told; `name` where it is nobody of the organization."""

    class Part(models.TextChoices):
        DECIDER = "decider", "Decides"
        CONSULTED = "consulted", "Consulted"
        INFORMED = "informed", "Informed"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="people")
    part = models.CharField(max_length=9, choices=Part)
    position = models.PositiveSmallIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "part", "position"],
                name="one_person_a_position",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, name="") | (Q(user=None) & ~Q(name="")),
                name="decision_person_named_once",
            ),
            CompositeForeignKey(
                name="decision_person_is_member",
                fields=["organization", "user"],
                to="accounts.Membership",
                to_fields=["organization", "user"],
            ),
        ]

    def __str__(self):
        return self.name or str(self.user)


def _link(name, other, model):
    """One product for both ends, kept by the database."""
    return [
        models.UniqueConstraint(fields=["decision", other], name=f"one_decision_{name}"),
        CompositeForeignKey(
            name=f"decision_{name}_decision",
            fields=["product", "decision"],
            to="backlog.Decision",
            to_fields=["product", "id"],
        ),
        CompositeForeignKey(
            name=f"decision_{name}_{name}", fields=["product", other], to=model, to_fields=["product", "id"]
        ),
    ]


class DecisionItem(models.Model):
    """An item that a decision concerns; a debt entry is an item."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="item_links")
    item = models.ForeignKey(Item, models.CASCADE, related_name="decision_links")

    class Meta:
        constraints = _link("item", "item", "backlog.Item")

    def __str__(self):
        return f"{self.decision_id} about {self.item_id}"


class DecisionComponent(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="component_links")
    component = models.ForeignKey(Component, models.CASCADE, related_name="decision_links")

    class Meta:
        constraints = _link("component", "component", "backlog.Component")

    def __str__(self):
        return f"{self.decision_id} about {self.component_id}"


class DecisionQuestion(models.Model):
    """A question that a decision answers, or came from."""

    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    decision = models.ForeignKey(Decision, models.CASCADE, related_name="question_links")
    question = models.ForeignKey(Question, models.CASCADE, related_name="decision_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "question"], name="one_decision_question"),
            CompositeForeignKey(
                name="decision_question_decision",
                fields=["product", "decision"],
                to="backlog.Decision",
                to_fields=["product", "id"],
            ),
        ]

    def __str__(self):
        return f"{self.decision_id} answers {self.question_id}"
