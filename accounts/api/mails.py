"""Which mails one gets."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.actions import preferences
from accounts.models import NotificationPreference
from accounts.queries.preferences import DIGEST_CHOICES, NEVER, mail_choices
from core.permissions import require_route
from core.rest.views import ApiViewSet

Kind = NotificationPreference.Kind


class MailsSerializer(serializers.Serializer):
    digest = serializers.ChoiceField(DIGEST_CHOICES, help_text="When the digest of your products comes.")

    def get_fields(self):
        kinds = {kind.value: serializers.BooleanField(help_text=kind.label) for kind in Kind if kind != Kind.DIGEST}
        return kinds | super().get_fields()


class Mails(ApiViewSet):
    tag = "people"

    @extend_schema(operation_id="mails", responses=MailsSerializer)
    def retrieve(self, request):
        """Show which mails you get."""
        require_route(request, request.user)
        return _answer(request.user)

    @extend_schema(operation_id="mails_choose", request=MailsSerializer(partial=True), responses=MailsSerializer)
    def partial_update(self, request):
        """Choose which mails you get; what is left out stays as it is."""
        require_route(request, request.user)
        given = MailsSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        digest = wanted.pop(Kind.DIGEST, "")
        if digest:
            wanted[Kind.DIGEST] = digest != NEVER
        preferences.set_mails(request.user, wanted, rhythm="" if digest == NEVER else digest, by=request.user)
        return _answer(request.user)


def _answer(person):
    choices = mail_choices(person)
    shown = {choice.kind: choice.is_mailed for choice in choices.kinds} | {"digest": choices.digest}
    return Response(MailsSerializer(shown).data)
