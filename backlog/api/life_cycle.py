"""The steps of an item's life, from proposed to accepted or dropped."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from backlog.actions import items, life_cycle
from backlog.api.items import ItemChanges, ItemSerializer, PlaceInput, answer, place_of, read
from backlog.api.lookups import item_of, item_to_restore
from core.rest import idempotent, require_scope
from core.rest.views import ApiViewSet


class ReasonInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class NeededReasonInput(serializers.Serializer):
    reason = serializers.CharField(max_length=500)


class AcceptProposalInput(ReasonInput):
    place = PlaceInput(required=False)
    changes = ItemChanges(required=False, help_text="What is taken otherwise than it was proposed.")


class LifeCycle(ApiViewSet):
    tag = "life cycle"

    @extend_schema(request=AcceptProposalInput, responses=ItemSerializer)
    @idempotent
    def accept_proposal(self, request, key, number):
        """Take a proposed item into the order, as proposed or with a change, at the place it is proposed for."""
        item = item_of(request, key, number)
        values = read(self, AcceptProposalInput, item.product)
        place, changes = place_of(values.pop("place", None)), values.pop("changes", {})
        for verb in (verb for verb, names in items.VERBS.items() if changes.keys() & set(names)):
            require_scope(request, verb)
        taken = life_cycle.accept_proposal(item, by=request.user, place=place, **values, **changes)
        return answer(self, taken)

    @extend_schema(request=NeededReasonInput, responses=ItemSerializer)
    @idempotent
    def decline(self, request, key, number):
        """Say no to a proposed item, and why."""
        return self._step(life_cycle.decline, NeededReasonInput, item_of(request, key, number))

    @extend_schema(request=None, responses=ItemSerializer)
    @idempotent
    def begin(self, request, key, number):
        """Start to work on an open item."""
        return answer(self, life_cycle.begin(item_of(request, key, number), by=request.user))

    @extend_schema(request=ReasonInput, responses=ItemSerializer)
    @idempotent
    def stop(self, request, key, number):
        """Put an item back that nobody works on."""
        return self._step(life_cycle.stop, ReasonInput, item_of(request, key, number))

    @extend_schema(request=None, responses=ItemSerializer)
    @idempotent
    def finish(self, request, key, number):
        """Say that an item meets the Definition of Done; it leaves the order."""
        return answer(self, life_cycle.finish(item_of(request, key, number), by=request.user))

    @extend_schema(request=None, responses=ItemSerializer)
    @idempotent
    def accept(self, request, key, number):
        """Accept a done item."""
        return answer(self, life_cycle.accept(item_of(request, key, number), by=request.user))

    @extend_schema(request=NeededReasonInput, responses=ItemSerializer)
    @idempotent
    def send_back(self, request, key, number):
        """Send a done item back into work, and say why."""
        return self._step(life_cycle.send_back, NeededReasonInput, item_of(request, key, number))

    @extend_schema(request=ReasonInput, responses=ItemSerializer)
    @idempotent
    def drop(self, request, key, number):
        """Give an item up; it keeps its history and its place."""
        return self._step(life_cycle.drop, ReasonInput, item_of(request, key, number))

    @extend_schema(request=ReasonInput, responses=ItemSerializer)
    @idempotent
    def restore(self, request, key, number):
        """Bring a dropped item back."""
        return self._step(life_cycle.restore, ReasonInput, item_to_restore(request, key, number))

    def _step(self, act, input_class, item):
        values = read(self, input_class, item.product)
        return answer(self, act(item, by=self.request.user, **values))
