"""Answers after a change: over htmx a toast and a named event that regions listen to, else a message and a redirect."""

import json

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from core.errors import RuleViolation


def changed(request, url, text, *, event, undo_url=""):
    """Tell that it is done. event: what regions of the page refresh on; undo_url: where a POST takes it back."""
    if request.htmx:
        # The event first: the toast replaces the one whose button may have sent this request.
        told = {event: {}, "toast": {"text": text} | ({"undo_url": undo_url} if undo_url else {})}
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
    messages.success(request, text)
    return HttpResponseRedirect(url, status=303)


def refuse(form, refusal: RuleViolation) -> None:
    """Show a broken rule in the form: at its field where it names one."""
    form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
