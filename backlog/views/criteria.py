"""Acceptance criteria, readiness checks and the Definition of Done of an item."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from backlog.actions import criteria, done_checks, readiness
from backlog.forms.items import OneTextForm
from backlog.views.lookups import visible_item
from backlog.views.told import told
from core.errors import InvalidInput


@require_POST
def add(request, product_key, number):
    item = visible_item(request, product_key, number)
    criteria.add(item, _text(request), by=request.user)
    return told(request, item, "The criterion is added.")


@require_POST
def edit(request, product_key, number, criterion_id):
    item, criterion = _criterion(request, product_key, number, criterion_id)
    criteria.edit(criterion, _text(request), by=request.user)
    return told(request, item, "The criterion is saved.")


@require_POST
def meet(request, product_key, number, criterion_id):
    item, criterion = _criterion(request, product_key, number, criterion_id)
    criteria.meet(criterion, by=request.user)
    return told(request, item, "The criterion is met.", _url("backlog:criterion-unmeet", item, criterion))


@require_POST
def unmeet(request, product_key, number, criterion_id):
    item, criterion = _criterion(request, product_key, number, criterion_id)
    criteria.unmeet(criterion, by=request.user)
    return told(request, item, "The criterion is no longer met.", _url("backlog:criterion-meet", item, criterion))


@require_POST
def shift(request, product_key, number, criterion_id):
    """Up or down by one."""
    item, criterion = _criterion(request, product_key, number, criterion_id)
    ids = list(item.criteria.order_by("position").values_list("pk", flat=True))
    index = ids.index(criterion.pk)
    other = index + (1 if request.POST.get("to") == "down" else -1)
    if 0 <= other < len(ids):
        ids[index], ids[other] = ids[other], ids[index]
    criteria.reorder(item, ids, by=request.user)
    return told(request, item, "The criteria have a new order.")


@require_POST
def remove(request, product_key, number, criterion_id):
    item, criterion = _criterion(request, product_key, number, criterion_id)
    criteria.remove(criterion, by=request.user)
    return told(request, item, "The criterion is removed; the history keeps its text.")


@require_POST
def tick(request, product_key, number, check_key):
    item = visible_item(request, product_key, number)
    readiness.tick(item, check_key, by=request.user)
    undo_url = reverse("backlog:check-untick", args=[product_key, number, check_key])
    return told(request, item, "The check is ticked.", undo_url)


@require_POST
def untick(request, product_key, number, check_key):
    item = visible_item(request, product_key, number)
    readiness.untick(item, check_key, by=request.user)
    undo_url = reverse("backlog:check-tick", args=[product_key, number, check_key])
    return told(request, item, "The check is open again.", undo_url)


@require_POST
def tick_done(request, product_key, number, check_key):
    item = visible_item(request, product_key, number)
    done_checks.tick(item, check_key, by=request.user)
    undo_url = reverse("backlog:done-untick", args=[product_key, number, check_key])
    return told(request, item, "The line is ticked.", undo_url)


@require_POST
def untick_done(request, product_key, number, check_key):
    item = visible_item(request, product_key, number)
    done_checks.untick(item, check_key, by=request.user)
    undo_url = reverse("backlog:done-tick", args=[product_key, number, check_key])
    return told(request, item, "The line is open again.", undo_url)


def _criterion(request, product_key, number, criterion_id):
    item = visible_item(request, product_key, number)
    return item, get_object_or_404(item.criteria, pk=criterion_id)


def _text(request):
    form = OneTextForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Write the criterion first.", field="text")
    return form.cleaned_data["text"]


def _url(route, item, criterion):
    return reverse(route, args=[item.product.key, item.number, criterion.pk])
