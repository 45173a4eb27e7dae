"""The page on which an invited person joins."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseRedirect


@login_not_required
def open_link(request, token):
    """Keep the token in the session: no address that could leak carries it any further."""
    request.session["invitation"] = token
    return HttpResponseRedirect("/")
