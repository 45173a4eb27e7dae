"""What people say about an item."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from backlog.models.components import ComponentOwner
from backlog.models.items import Item
from backlog.models.products import Product, ProductRole
from core.constraints import CompositeForeignKey


class QuestionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(answered_at=None)

    def to_remind(self, *, before):
        """Open since before that time, about an item that still matters, and nobody was reminded."""
        waiting = self.open().filter(reminded_at=None, asked_at__lt=before, product__archived_at=None)
        return waiting.filter(item__status__in=[Item.Status.PROPOSED, *Item.UNFINISHED])

    def for_person(self, user):
        """Open ones that wait for this person: asked of them, or of anybody about a component that they own, or
        about an item whose component nobody owns in a product that they own."""
        owned = ComponentOwner.objects.filter(user=user).values("component")
        products = ProductRole.objects.filter(user=user, role=ProductRole.Role.PRODUCT_OWNER).values("product")
        nobodys = ~Exists(ComponentOwner.objects.filter(component=OuterRef("item__component")))
        to_anybody = Q(addressee=None) & ~Q(asked_by=user)
        mine = Q(item__component__in=owned) | (Q(product__in=products) & nobodys)
        return self.open().filter(Q(addressee=user) | (to_anybody & mine))


class Question(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="questions")
    item = models.ForeignKey(Item, models.CASCADE, related_name="questions")
    text = models.TextField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    addressee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", help_text="Null: anybody."
    )
    is_blocking = models.BooleanField(default=True, help_text="The item is not ready while it is open.")
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True, help_text="Null: nobody was reminded since it is open.")

    objects = QuestionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, answered_by=None, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="question_answered_by_someone",
            ),
            CompositeForeignKey(
                name="question_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
        ]
        indexes = [
            models.Index(fields=["product", "asked_at"], condition=Q(answered_at=None), name="question_open"),
            models.Index(fields=["addressee"], condition=Q(answered_at=None), name="question_to_answer"),
            models.Index(
                fields=["asked_at"], condition=Q(answered_at=None, reminded_at=None), name="question_to_remind"
            ),
        ]

    def __str__(self):
        return self.text

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class Comment(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.CASCADE, related_name="comments")
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    edited_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            CompositeForeignKey(
                name="comment_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
        ]
        indexes = [models.Index(fields=["item", "id"], name="comments_of_item")]

    def __str__(self):
        return self.text

    @property
    def event_stream(self):
        return f"product:{self.product_id}"


class CommentMention(models.Model):
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="mentions")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "user"], name="one_mention_a_person")]

    def __str__(self):
        return f"{self.user_id} in {self.comment_id}"


def attachment_path(attachment, filename):
    """A name of our own: what people call a file never becomes a path."""
    return f"attachments/{attachment.product_id}/{uuid.uuid4().hex}"


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Files, not removed, of items that the person may see."""
        return self.filter(removed_at=None, item__in=Item.objects.visible_to(user).values("pk"))


class Attachment(models.Model):
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="Bytes.")
    file = models.FileField(upload_to=attachment_path)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    removed_at = models.DateTimeField(null=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        constraints = [
            CompositeForeignKey(
                name="attachment_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def event_stream(self):
        return f"product:{self.product_id}"
