"""Sprints that an address names, as far as the person may see them."""

from urllib.parse import urlencode

from django.shortcuts import get_object_or_404
from django.urls import reverse

from backlog.models import Product
from backlog.views.lookups import visible_product
from sprints.models import Sprint


def found_sprint(request, product_key, sprint_id):
    product = visible_product(request, product_key)
    visible = Sprint.objects.visible_to(request.user).filter(team__product_links__product=product)
    return product, get_object_or_404(
        visible.select_related("team__organization", "started_by", "closed_by"), pk=sprint_id
    )


def sprint_url(product_key, sprint):
    return reverse("sprints:sprint", args=[product_key, sprint.pk])


def team_url(request, product_key, sprint):
    """The page of a running sprint as it is shown: its lanes, and where the daily is."""
    return sprint_url(product_key, sprint) + shown(request)


def shown(request) -> str:
    """How the page is shown, to go behind an address; empty for the usual way."""
    kept = {name: request.GET[name] for name in ("daily", "at", "lanes") if name in request.GET}
    return f"?{urlencode(kept)}" if kept else ""


def live_products(sprint, user) -> str:
    """Ids of the team's products that the person sees, as the page's live stream takes them."""
    seen = Product.objects.visible_to(user).filter(team_links__team=sprint.team_id).order_by("pk")
    return " ".join(map(str, seen.values_list("pk", flat=True)))
