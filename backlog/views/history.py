"""What happened to the order, and the way back."""

from datetime import datetime, time, timedelta

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from backlog.actions import ordering
from backlog.queries.history import difference, order_history
from backlog.views.lookups import permitted_product, visible_product
from backlog.views.told import EVENT
from core.answers import changed
from core.errors import InvalidInput
from core.permissions import can


@require_GET
def page(request, product_key):
    product = permitted_product(request, product_key)
    values = {
        "product": product,
        "history": order_history(product, request.user, before=_cursor(request)),
        "may_undo_any": can(request.user, "order.undo_any", product),
    }
    if request.htmx and "before" in request.GET:
        return render(request, "backlog/history/page.html#steps", values)
    values |= _difference(request, product)
    return render(request, "backlog/history/page.html", values)


@require_POST
def undo(request, product_key, version):
    product = visible_product(request, product_key)
    ordering.undo_move(product, version, by=request.user)
    return _changed(request, product, "The move is taken back.")


@require_POST
def restore(request, product_key, version):
    product = visible_product(request, product_key)
    made = ordering.restore(product, version, by=request.user)
    if made is None:
        return _changed(request, product, "The order is the same already.")
    return _changed(request, product, "The order is as it was then.")


def _changed(request, product, text):
    url = reverse("backlog:history", args=[product.key])
    return changed(request, url, text, event=EVENT, undo_url=reverse("backlog:undo", args=[product.key]))


def _cursor(request):
    sent = request.GET.get("before", "")
    if sent and not (sent.isdecimal() and len(sent) < 19):
        raise InvalidInput("This is no version of the order.", field="before")
    return int(sent) if sent else None


def _difference(request, product):
    """Since a version if the address names one, else since a day: by default Monday."""
    version = request.GET.get("version", "")
    if version.isdecimal() and len(version) < 19:
        return {"difference": difference(product, request.user, since_version=int(version)), "since": None}
    today = timezone.localdate()
    since = _day(request.GET.get("since", "")) or today - timedelta(days=today.weekday())
    start = timezone.make_aware(datetime.combine(since, time.min))
    return {"difference": difference(product, request.user, since_time=start), "since": since}


def _day(text):
    try:
        return parse_date(text)
    except ValueError:
        return None
