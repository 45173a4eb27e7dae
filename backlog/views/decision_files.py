"""Decisions in and out as MADR markdown files."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from backlog.actions import decision_files
from backlog.formats.markdown_files import LARGEST_ARCHIVE
from backlog.forms.decisions import FileForm
from backlog.models import Decision
from backlog.queries.decision_files import archive, file_of, with_all
from backlog.views.lookups import permitted_product
from core.answers import refuse
from core.errors import RuleViolation


@require_http_methods(["GET", "POST"])
def take_over(request, product_key):
    product = permitted_product(request, product_key)
    form = FileForm(request.POST or None, request.FILES or None)
    taken = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            # One byte more than is allowed says that it is too large.
            content = file.read(LARGEST_ARCHIVE + 1)
            taken = decision_files.take_over(product, file.name, content, by=request.user)
        except RuleViolation as refusal:
            refuse(form, refusal)
    values = {"product": product, "form": form, "taken": taken}
    return render(request, "backlog/decisions/import.html", values, status=422 if form.errors else 200)


@require_GET
def one(request, product_key, number):
    product = permitted_product(request, product_key)
    rows = Decision.objects.readable_by(request.user).filter(product=product)
    name, text = file_of(get_object_or_404(with_all(rows, request.user), number=number))
    return _download(text.encode(), name, "text/markdown; charset=utf-8")


@require_GET
def every(request, product_key):
    product = permitted_product(request, product_key)
    name = f"{product.key}-decisions-{timezone.now():%Y-%m-%d}.zip"
    return _download(archive(product, request.user), name, "application/zip")


def _download(content, name, content_type):
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
