"""How long a session lasts, and what ends the others of a person."""

import time

from django.conf import settings
from django.contrib.auth import SESSION_KEY, update_session_auth_hash

from accounts.actions import profile

_BEGAN, _SEEN = "began_at", "seen_at"
# Noting each request would write a row for each.
_NOTED_EVERY_SECONDS = 300


class SessionAgeMiddleware:
    """Ends a session that is too old, or was left alone for too long, on the server."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if SESSION_KEY in request.session:
            _check(request.session, time.time())
        return self.get_response(request)


def begin(sender, request, user, **kwargs):
    request.session[_BEGAN] = request.session[_SEEN] = time.time()


def end_others(sender, request, user, **kwargs):
    """Two steps were switched on or off: whoever is signed in elsewhere shows again who they are."""
    update_session_auth_hash(request, profile.end_sessions(user, by=user))


def _check(session, now):
    began, seen = session.get(_BEGAN, 0), session.get(_SEEN, 0)
    if now - began > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_SECONDS:
        session.flush()
    elif now - seen > _NOTED_EVERY_SECONDS:
        session[_SEEN] = now
