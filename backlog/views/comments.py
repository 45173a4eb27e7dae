"""Comments on an item."""

from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from backlog.actions import comments
from backlog.forms.items import OneTextForm
from backlog.views.lookups import visible_item
from backlog.views.told import told
from core.errors import InvalidInput


@require_POST
def add(request, product_key, number):
    item = visible_item(request, product_key, number)
    comments.add(item, _text(request), by=request.user)
    return told(request, item, "The comment is there.")


@require_POST
def edit(request, product_key, number, comment_id):
    item, comment = _comment(request, product_key, number, comment_id)
    comments.edit(comment, _text(request), by=request.user)
    return told(request, item, "The comment is saved.")


@require_POST
def remove(request, product_key, number, comment_id):
    item, comment = _comment(request, product_key, number, comment_id)
    comments.remove(comment, by=request.user)
    return told(request, item, "The comment is removed.")


def _comment(request, product_key, number, comment_id):
    item = visible_item(request, product_key, number)
    return item, get_object_or_404(item.comments, pk=comment_id, removed_at=None)


def _text(request):
    form = OneTextForm(request.POST)
    if not form.is_valid():
        raise InvalidInput("Write the comment first.", field="text")
    return form.cleaned_data["text"]
