"""What a person is told about an item or a decision."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from backlog.models.decisions import Decision
from backlog.models.discussion import Comment, Question
from backlog.models.items import Item
from backlog.models.products import Product
from backlog.models.suggestions import Suggestion
from core.constraints import CompositeForeignKey


class NotificationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own, about items that one may still read and decisions that one may see."""
        own = Notification.objects.filter(user=user).values("pk")
        of_items = own.filter(item__in=Item.objects.readable_by(user).values("pk"))
        of_decisions = own.filter(decision__in=Decision.objects.visible_to(user).values("pk"))
        # With OR PostgreSQL would look at every item of the products first, instead of these few.
        return self.filter(pk__in=of_items.union(of_decisions, all=True))

    def unread(self):
        return self.filter(read_at=None)


class Notification(models.Model):
    """Written with what it tells of. comment, question, suggestion: where it happened, if not in the item itself."""

    class Kind(models.TextChoices):
        MENTIONED = "mentioned", "mentioned you in"
        ASSIGNED = "assigned", "assigned to you"
        ANSWERED = "answered", "answered your question about"
        ESTIMATED = "estimated", "shows the cards of"
        REOPENED = "reopened", "opened the question again that you had answered about"
        REMINDED = "reminded", "still waits for an answer about"
        PROPOSAL_ACCEPTED = "proposal_accepted", "took your proposal into the backlog:"
        PROPOSAL_CHANGED = "proposal_changed", "took your proposal into the backlog, with a change:"
        PROPOSAL_DECLINED = "proposal_declined", "declined your proposal"
        TO_DECIDE = "to_decide", "asks for your word on"
        DECIDED = "decided", "decided on"
        WORD_DUE = "word_due", "needs your word on"
        SUGGESTION_TAKEN = "suggestion_taken", "took what you suggested about"
        SUGGESTION_DECLINED = "suggestion_declined", "declined what you suggested about"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications")
    product = models.ForeignKey(Product, models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, models.CASCADE, null=True, related_name="+")
    decision = models.ForeignKey(Decision, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+")
    question = models.ForeignKey(Question, models.CASCADE, null=True, related_name="+")
    suggestion = models.ForeignKey(Suggestion, models.CASCADE, null=True, related_name="+")
    read_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(user=models.F("by")), name="notification_from_another"),
            models.CheckConstraint(
                condition=Q(item=None, decision__isnull=False) | Q(item__isnull=False, decision=None),
                name="notification_about_one_thing",
            ),
            CompositeForeignKey(
                name="notification_item",
                fields=["product", "item"],
                to="backlog.Item",
                to_fields=["product", "id"],
            ),
            CompositeForeignKey(
                name="notification_decision",
                fields=["product", "decision"],
                to="backlog.Decision",
                to_fields=["product", "id"],
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notifications_newest"),
            models.Index(fields=["user", "item"], condition=Q(read_at=None), name="notifications_unread"),
        ]

    def __str__(self):
        return f"{self.by_id} {self.get_kind_display()} {self.item_id or self.decision_id}"
