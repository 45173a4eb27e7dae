"""Hand out files that people attached: never as a page of ours."""

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from backlog.models import Attachment
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
