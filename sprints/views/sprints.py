"""The sprints of a product's teams."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from backlog.views.lookups import permitted_product
from sprints.queries import sprint_lists


@require_GET
def active(request, product_key):
    """The fragment above the backlog."""
    product = permitted_product(request, product_key)
    sections = sprint_lists.active_sections(product, request.user, today=timezone.localdate())
    return render(request, "sprints/sprints/active.html", {"sections": sections, "product": product})
