"""What every change in a backlog answers with."""

from django.urls import reverse

from core.answers import changed

# Regions of all pages of the backlog refresh on it.
EVENT = "backlog-changed"


def told(request, item, text, undo_url=""):
    """Tell what has become of an item; without htmx, on its page."""
    url = reverse("backlog:item", args=[item.product.key, item.number])
    return changed(request, url, text, event=EVENT, undo_url=undo_url)
