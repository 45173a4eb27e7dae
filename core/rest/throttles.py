"""How many requests a person or a token may make; settings.RATES says the numbers."""

from rest_framework.throttling import BaseThrottle

from core import rates
from core.middleware import client_address


class RequestThrottle(BaseThrottle):
    """Raises TooFast by itself, so that the sentence is the same as elsewhere."""

    def allow_request(self, request, view):
        if request.auth is not None:
            rates.allow("api.token", request.auth.pk)
        elif request.user.is_authenticated:
            rates.allow("api.user", request.user.pk)
        else:
            rates.allow("api.address", client_address(request))
        return True
