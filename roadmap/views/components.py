"""A fragment of the page of a component: when its work is forecast."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from backlog.views.lookups import permitted_product
from roadmap.queries.component_dates import component_dates


@require_GET
def dates(request, product_key, component_id):
    product = permitted_product(request, product_key)
    component = get_object_or_404(product.components, pk=component_id)
    found = component_dates(product, request.user, component, today=product.organization.today())
    return render(request, "roadmap/components/dates.html", {"dates": found})
