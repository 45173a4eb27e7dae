"""Sign a request of the API in by a personal token."""

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed

from accounts.actions import tokens
from accounts.models import ApiToken

_TOKENS = ApiToken.objects.filter(user__is_active=True).select_related("user")


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer upn_…`; request.auth is the token, whose scopes core.rest.RoutePermission checks.

    The secret is found by its hash in an index, so that no comparison tells how much of a guess is right.
    """

    def authenticate(self, request):
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = _TOKENS.live(timezone.now()).filter(token_hash=ApiToken.hash(secret.strip())).first()
        if token is None:
            raise AuthenticationFailed("This token is unknown, has run out or was revoked.")
        tokens.note_use(token)
        return token.user, token

    def authenticate_header(self, request):
        return 'Bearer realm="api"'


class TokenAuthenticationScheme(OpenApiAuthenticationExtension):
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "http", "scheme": "bearer", "description": "A personal token from the profile page."}
