"""Filters that people keep by a name."""

from urllib.parse import urlencode

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from backlog.actions import saved_views
from backlog.models import SavedView
from backlog.views.lookups import permitted_product, visible_product
from core.answers import changed

# The menu of views refreshes on it, the list does not.
EVENT = "views-changed"


@require_POST
def save(request, product_key):
    product = permitted_product(request, product_key)
    sent = request.POST
    is_shared = bool(sent.get("is_shared"))
    view = saved_views.save(
        product, name=sent.get("name", ""), filter=sent.get("filter", ""), is_shared=is_shared, by=request.user
    )
    return _changed(request, view, f"{view.name} is kept{', for everybody here' if is_shared else ''}.")


@require_POST
def edit(request, product_key, view_id):
    view = _view(request, product_key, view_id)
    names = {name: request.POST[name] for name in ("name", "filter") if name in request.POST}
    shared = {"is_shared": request.POST["is_shared"] == "yes"} if "is_shared" in request.POST else {}
    view = saved_views.edit(view, by=request.user, **names, **shared)
    return _changed(request, view, _told(view, names, shared))


@require_POST
def drop(request, product_key, view_id):
    view = saved_views.drop(_view(request, product_key, view_id), by=request.user)
    undo_url = reverse("backlog:view-restore", args=[product_key, view.pk])
    return _changed(request, view, f"{view.name} is deleted.", undo_url)


@require_POST
def restore(request, product_key, view_id):
    # Deleted views are nobody's to see; what is one's own or was shared may come back.
    product = visible_product(request, product_key)
    view = get_object_or_404(SavedView.objects.restorable_by(request.user), product=product, pk=view_id)
    return _changed(request, saved_views.restore(view, by=request.user), f"{view.name} is back.")


def _view(request, product_key, view_id):
    product = visible_product(request, product_key)
    return get_object_or_404(SavedView.objects.visible_to(request.user), product=product, pk=view_id)


def _told(view, names, shared):
    if shared:
        return f"Everybody here sees {view.name} now." if view.is_shared else f"Only you see {view.name} now."
    return f"{view.name} shows this filter now." if "filter" in names else f"The view is called {view.name} now."


def _changed(request, view, text, undo_url=""):
    url = f"{reverse('backlog:backlog', args=[view.product.key])}?{urlencode({'filter': view.filter})}"
    return changed(request, url, text, event=EVENT, undo_url=undo_url)
