"""What was learnt from people's choices: which words go with which type, component and tag."""

from django.db import models
from django.db.models import Q

from accounts.models import Organization
from backlog.models.products import Product


class LearnedChoices(models.Model):
    """One model of planning.classify, packed. Types are learnt for the organization, the others for a product."""

    class Question(models.TextChoices):
        TYPE = "type", "Type"
        COMPONENT = "component", "Component"
        TAG = "tag", "Tag"

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    product = models.ForeignKey(Product, models.CASCADE, null=True, related_name="+")
    question = models.CharField(max_length=9, choices=Question)
    data = models.BinaryField(default=bytes)
    last_event = models.BigIntegerField(default=0, help_text="Id of the last event it has learnt from.")

    class Meta:
        verbose_name_plural = "learned choices"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "product", "question"],
                nulls_distinct=False,
                name="one_model_a_question",
            ),
            models.CheckConstraint(
                condition=Q(question="type", product=None) | (~Q(question="type") & Q(product__isnull=False)),
                name="learned_of_product_or_organization",
            ),
        ]

    def __str__(self):
        return self.question
