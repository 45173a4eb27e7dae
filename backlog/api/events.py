"""What happened: the audit trail of a product, the activity of an item."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from backlog.api.lookups import item_of, product_of, visible_items
from backlog.api.references import PersonReference
from backlog.models import Item
from backlog.queries.unseen import events_as_seen
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
    data = serializers.DictField(
        help_text="What changed, as the event's name has it. 0 stands for an item that you may not see."
    )
    request_id = serializers.CharField()


class Events(ApiViewSet):
    tag = "events"
    pagination_class = KeysetPage
    page_order = ("-id",)

    @extend_schema(operation_id="events_of_product", responses=EventSerializer(many=True))
    def of_product(self, request, key):
        """List what happened in a product, newest first."""
        product = product_of(request, key)
        # Admins read the audit, not what is restricted.
        restricted = Item.objects.filter(product=product, is_restricted=True)
        hidden = restricted.exclude(pk__in=visible_items(request).values("pk")).values("pk")
        events = Event.objects.in_stream(product.event_stream)
        return self._page(events.exclude(target_type=Item._meta.label_lower, target_id__in=hidden))

    @extend_schema(operation_id="events_of_item", responses=EventSerializer(many=True))
    def of_item(self, request, key, number):
        """List what happened to an item, newest first."""
        return self._page(Event.objects.about(item_of(request, key, number)))

    def _page(self, events):
        page = self.paginate_queryset(events.select_related("by", "on_behalf_of"))
        page = events_as_seen(page, self.request.user)
        return self.get_paginated_response(EventSerializer(page, many=True).data)
