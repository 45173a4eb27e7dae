"""Sign-in of programs: `Authorization: Bearer upn_…`, a personal API token."""

import hashlib

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from accounts.models import ApiToken


class TokenAuthentication(BaseAuthentication):
    """The token stands for its owner's present rights, within its own scopes and products."""

    def authenticate(self, request):
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = _living(secret.strip())
        if token is None:
            raise AuthenticationFailed("This token is wrong, has expired or was revoked.")
        return token.user, token

    def authenticate_header(self, request):
        return 'Bearer realm="underpin"'


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer"}


def _living(secret: str) -> ApiToken | None:
    return (
        ApiToken.objects.select_related("user")
        .filter(
            token_hash=hashlib.sha256(secret.encode()).hexdigest(),
            revoked_at=None,
            expires_at__gt=timezone.now(),
            user__is_active=True,
        )
        .first()
    )
