"""Files that people attach; handed out, never as a page of ours."""

from django.http import FileResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from backlog.actions import attachments
from backlog.models import Attachment
from backlog.views.lookups import visible_item
from backlog.views.told import told
from core.errors import InvalidInput, RuleViolation
from core.permissions import require_route


@require_safe
def download(request, attachment_id):
    attachment = get_object_or_404(Attachment.objects.visible_to(request.user), pk=attachment_id)
    require_route(request, attachment)
    response = FileResponse(
        attachment.file.open(), as_attachment=True, filename=attachment.name, content_type=attachment.content_type
    )
    # Whatever the file claims to be, a browser runs nothing of it.
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response


@require_POST
def add(request, product_key, number):
    item, file = visible_item(request, product_key, number), request.FILES.get("file")
    if file is None:
        raise InvalidInput("Choose a file first.", field="file")
    if request.headers.get("Accept") == "application/json":
        return _add_to_text(request, item, file)
    attachment = attachments.add(item, file, file.name, by=request.user)
    return told(request, item, f"{attachment.name} is attached.")


@require_POST
def remove(request, product_key, number, attachment_id):
    item = visible_item(request, product_key, number)
    attachment = get_object_or_404(item.attachments, pk=attachment_id)
    attachments.remove(attachment, by=request.user)
    return told(request, item, f"{attachment.name} is removed.")


def _add_to_text(request, item, file):
    """For a file that is put into a text: its name and address, or why not."""
    try:
        attachment = attachments.add(item, file, file.name, by=request.user)
    except RuleViolation as refusal:
        return JsonResponse({"detail": refusal.message}, status=refusal.status)
    url = reverse("backlog:attachment", args=[attachment.pk])
    return JsonResponse({"name": attachment.name, "url": url}, status=201)
