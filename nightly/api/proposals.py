"""Proposed orders: moves with their reasons, verdicts on them, and the policy."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from backlog.api.items import read
from backlog.api.lookups import product_of
from core.rest import KeysetPage, idempotent
from core.rest.views import ApiViewSet
from nightly.actions import proposals
from nightly.models import OrderingProposal, ProposalPolicy, ProposedMove
from nightly.models.proposals import REASONS
from nightly.queries.proposals import proposal_page


class ProposalSerializer(serializers.Serializer):
    on = serializers.DateField(help_text="The local date of the organization on the morning after.")
    made_at = serializers.DateTimeField()
    item_count = serializers.IntegerField()
    looked_at = serializers.IntegerField(help_text="Items that moves were looked for among, from the top.")
    cost_before = serializers.FloatField(help_text="Value points a week times points of work, of the whole list.")
    cost_after = serializers.FloatField(help_text="The same, once every move is made.")
    lower_bound = serializers.FloatField(help_text="No order costs less.")


class ProposedMoveSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    key = serializers.CharField()
    title = serializers.CharField()
    direction = serializers.ChoiceField(ProposedMove.Direction.choices)
    from_position = serializers.IntegerField(help_text="From 1, as the order stands now.")
    to_position = serializers.IntegerField(help_text="If every move that is not rejected is made.")
    reason_key = serializers.ChoiceField(REASONS)
    reason = serializers.CharField(help_text="In words.")
    effect = serializers.CharField(source="lead")
    saving = serializers.CharField()
    share = serializers.FloatField(help_text="Of the cost of delay: 0.02 for 2 %.")
    robustness = serializers.FloatField(help_text="Share of draws of all values and sizes in which it gains.")
    verdict = serializers.ChoiceField(ProposedMove.Verdict.choices)
    verdict_reason = serializers.CharField()
    is_by_policy = serializers.BooleanField()
    applied_version = serializers.IntegerField(allow_null=True, help_text="Of the step in the order's log.")
    stale = serializers.CharField(help_text="Why it no longer fits; empty while it does.")
    note = serializers.CharField(help_text="Why it is left out of the accepted ones; empty while it is not.")


class DateChangeSerializer(serializers.Serializer):
    goal = serializers.CharField()
    before = serializers.DateField(allow_null=True)
    after = serializers.DateField(allow_null=True)


class ChangeSerializer(serializers.Serializer):
    """What the accepted moves change; while none is accepted, all that are left."""

    saving = serializers.CharField()
    share = serializers.FloatField(help_text="Of the cost of delay.")
    inverted_before = serializers.IntegerField(help_text="Items above something they need.")
    inverted_after = serializers.IntegerField()
    technical_before = serializers.FloatField(help_text="Technical share of the work ahead, 0 to 1.")
    technical_after = serializers.FloatField()
    dates = DateChangeSerializer(many=True, help_text="By goal, when its items are done at 85 %.")


class ProposalDetailSerializer(ProposalSerializer):
    moves = ProposedMoveSerializer(many=True)
    change = ChangeSerializer(allow_null=True, help_text="Null for earlier proposals.")


class VerdictInput(serializers.Serializer):
    move = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    verdict = serializers.ChoiceField(ProposedMove.Verdict.choices)
    reason = serializers.CharField(
        max_length=proposals.LONGEST_REASON, required=False, allow_blank=True, default="", help_text="Of a rejection."
    )


class VerdictsInput(serializers.Serializer):
    verdicts = VerdictInput(many=True, allow_empty=False, max_length=100)


class AppliedSerializer(serializers.Serializer):
    version = serializers.IntegerField(
        allow_null=True, help_text="Of the step in the order's log, to undo it; null where the items stood so already."
    )
    made = serializers.ListField(child=serializers.IntegerField(), help_text="Ids of the moves that were made.")
    stale = serializers.ListField(child=serializers.IntegerField(), help_text="Of accepted ones that no longer fit.")


class PolicySerializer(serializers.Serializer):
    classes = serializers.ListField(
        child=serializers.ChoiceField(ProposalPolicy.Class.choices),
        help_text="Moves that the night makes without being asked; empty: none.",
    )


class Proposals(ApiViewSet):
    tag = "ordering proposals"
    pagination_class = KeysetPage
    page_order = ("-on", "-id")

    @extend_schema(responses=ProposalSerializer(many=True))
    def list(self, request, key):
        """List the proposed orders of a product, the latest first."""
        page = self.paginate_queryset(OrderingProposal.objects.filter(product=product_of(request, key)))
        return self.get_paginated_response(ProposalSerializer(page, many=True).data)

    @extend_schema(responses=ProposalDetailSerializer)
    def retrieve(self, request, key, on):
        """Show a proposed order, its moves made on the order as it stands now."""
        product = product_of(request, key)
        return _answer(product, _proposal(product, on), request.user)

    @extend_schema(request=VerdictsInput, responses=ProposalDetailSerializer)
    @idempotent
    def decide(self, request, key, on):
        """Accept or reject moves of the latest proposal; nothing moves yet."""
        product = product_of(request, key)
        proposal = _proposal(product, on)
        given = read(self, VerdictsInput, product)["verdicts"]
        verdicts = {each["move"]: (each["verdict"], each["reason"]) for each in given}
        return _answer(product, proposals.decide(proposal, verdicts, by=request.user), request.user)

    @extend_schema(request=None, responses=AppliedSerializer)
    @idempotent
    def apply(self, request, key, on):
        """Make the accepted moves as one step of the order."""
        product = product_of(request, key)
        applied = proposals.apply(_proposal(product, on), by=request.user)
        return Response(
            {
                "version": applied.step.version if applied.step else None,
                "made": [move.pk for move in applied.made],
                "stale": [move.pk for move in applied.stale],
            }
        )


class Policies(ApiViewSet):
    tag = "ordering proposals"

    @extend_schema(operation_id="proposal_policy", responses=PolicySerializer)
    def retrieve(self, request, key):
        """Show which classes of moves are accepted without being looked at."""
        policy = ProposalPolicy.objects.filter(product=product_of(request, key)).first()
        return Response({"classes": policy.classes if policy else []})

    @extend_schema(operation_id="proposal_policy_set", request=PolicySerializer, responses=PolicySerializer)
    def update(self, request, key):
        """Choose which classes of moves are accepted without being looked at."""
        product = product_of(request, key)
        classes = read(self, PolicySerializer, product)["classes"]
        return Response({"classes": proposals.set_policy(product, classes, by=request.user).classes})


def _proposal(product, on):
    return get_object_or_404(OrderingProposal, product=product, on=on)


def _answer(product, proposal, user):
    page = proposal_page(product, proposal, user)
    document = ProposalSerializer(proposal).data
    moves = ProposedMoveSerializer(page.moves, many=True).data
    return Response(document | {"moves": moves, "change": page.change and ChangeSerializer(page.change).data})
