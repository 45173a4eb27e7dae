"""How an answer names another thing, and how a request does."""

from rest_framework import serializers

from accounts.models import Membership, Team, User
from backlog.api.lookups import readable_items
from backlog.models import Decision

LARGEST_ID = 2**63 - 1
LARGEST_NUMBER = 2**31 - 1


class IdField(serializers.IntegerField):
    """An id that the database can hold: anything larger is no id, not an error of ours."""

    def __init__(self, **options):
        super().__init__(min_value=1, max_value=LARGEST_ID, **options)


class PersonReference(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class TeamReference(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class ComponentReference(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()


class GoalReference(serializers.Serializer):
    id = serializers.IntegerField()
    title = serializers.CharField()


class ItemReference(serializers.Serializer):
    """Needs the item's product: load it with select_related."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    status = serializers.CharField()


class DecisionReference(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    status = serializers.ChoiceField(Decision.Status.choices)


class Chosen(IdField):
    """The id of one of the rows that `among(context)` gives; any other id is refused as if it did not exist."""

    default_error_messages = {"missing": "There is no such thing here."}

    def __init__(self, among, **options):
        self.among = among
        super().__init__(**options)

    def to_internal_value(self, data):
        row_id = super().to_internal_value(data)
        super().run_validators(row_id)
        row = self.among(self.context).filter(pk=row_id).first()
        if row is None:
            self.fail("missing")
        return row

    def run_validators(self, value):
        """Done on the id, before it became a row."""


def components(context):
    return context["product"].components.active()


def teams(context):
    return Team.objects.active().filter(organization=context["product"].organization_id)


def teams_of_product(context):
    return Team.objects.active().filter(product_links__product=context["product"])


def people(context):
    members = Membership.objects.active().filter(organization=context["product"].organization_id)
    return User.objects.filter(pk__in=members.values("user"))


def goals(context):
    return context["product"].goals.open()


def items_of_product(context):
    return readable_items(context["request"]).filter(product=context["product"])


def items_of_organization(context):
    return readable_items(context["request"]).filter(organization=context["product"].organization_id)
