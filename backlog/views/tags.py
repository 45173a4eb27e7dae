"""The tags of a product."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from backlog.actions import tags
from backlog.queries.tag_page import tag_page
from backlog.views.lookups import permitted_product
from backlog.views.told import EVENT
from core.answers import changed
from core.errors import InvalidInput


@require_GET
def page(request, product_key):
    product = permitted_product(request, product_key)
    return render(request, "backlog/tags/page.html", {"page": tag_page(product, request.user)})


@require_POST
def rename(request, product_key, tag_id):
    tag = _tag(request, product_key, tag_id)
    tag = tags.rename(tag, request.POST.get("name", ""), by=request.user)
    return _changed(request, product_key, f"The tag is called {tag.name} now.")


@require_POST
def merge(request, product_key, tag_id):
    tag = _tag(request, product_key, tag_id)
    name = request.POST.get("into", "").strip()
    into = tag.product.tags.filter(name__iexact=name).first()
    if into is None:
        raise InvalidInput("There is no tag of that name here. Write the name of the one that stays.", field="into")
    gone = tags.merge(tag, into, by=request.user)
    return _changed(request, product_key, f"{gone.name} is merged into {into.name}.", gone)


@require_POST
def drop(request, product_key, tag_id):
    gone = tags.drop(_tag(request, product_key, tag_id), by=request.user)
    return _changed(request, product_key, f"{gone.name} is off every item.", gone)


@require_POST
def restore(request, product_key, gone_tag_id):
    product = permitted_product(request, product_key)
    tag = tags.restore(get_object_or_404(product.gone_tags, pk=gone_tag_id), by=request.user)
    return _changed(request, product_key, f"{tag.name} is back on its items.")


def _tag(request, product_key, tag_id):
    product = permitted_product(request, product_key)
    return get_object_or_404(product.tags.select_related("product"), pk=tag_id)


def _changed(request, product_key, text, gone=None):
    undo_url = reverse("backlog:tag-restore", args=[product_key, gone.pk]) if gone else ""
    return changed(request, reverse("backlog:tags", args=[product_key]), text, event=EVENT, undo_url=undo_url)
