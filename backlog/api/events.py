"""What happened: the audit trail of a product, the activity of an item."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from backlog.api.lookups import item_of, product_of
from backlog.api.references import PersonReference
from core.models import Event
from core.rest import KeysetPage
from core.rest.views import ApiViewSet


class EventSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    name = serializers.CharField(help_text="Such as item.edited.")
    by = PersonReference(allow_null=True)
    on_behalf_of = PersonReference(allow_null=True)
    via = serializers.ChoiceField(Event.Via.choices)
    target_type = serializers.CharField()
    target_id = serializers.IntegerField()
    data = serializers.DictField(help_text="What changed, as the event's name has it.")
    request_id = serializers.CharField()


class Events(ApiViewSet):
    tag = "events"
    pagination_class = KeysetPage
    page_order = ("-id",)

    @extend_schema(operation_id="events_of_product", responses=EventSerializer(many=True))
    def of_product(self, request, key):
        """List what happened in a product, newest first."""
        return self._page(Event.objects.in_stream(product_of(request, key).event_stream))

    @extend_schema(operation_id="events_of_item", responses=EventSerializer(many=True))
    def of_item(self, request, key, number):
        """List what happened to an item, newest first."""
        return self._page(Event.objects.about(item_of(request, key, number)))

    def _page(self, events):
        page = self.paginate_queryset(events.select_related("by", "on_behalf_of"))
        return self.get_paginated_response(EventSerializer(page, many=True).data)
