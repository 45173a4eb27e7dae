"""What helps while one writes about an item: how the text will look, and whom one can mention."""

from django.http import JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from backlog.queries.mentions import completions
from backlog.queries.references import references
from backlog.views.lookups import visible_item
from core.permissions import require_route


@require_POST
def preview(request, product_key, number):
    item = visible_item(request, product_key, number)
    require_route(request, item)
    text = request.POST.get("text", "")
    values = {"text": text, "references": references([text], request.user)}
    return render(request, "backlog/items/preview.html", values)


@require_GET
def people(request, product_key, number):
    item = visible_item(request, product_key, number)
    require_route(request, item)
    found = completions(item, request.GET.get("start", "")[:60])
    return JsonResponse({"people": [{"name": person.name, "initials": person.initials} for person in found]})
