"""Pages that take a file in, and the file that gives a backlog out."""

from django.contrib import messages
from django.db.models import Q
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backlog.actions import importing
from backlog.forms.imports import UploadForm, chosen_mapping
from backlog.models import ImportRun, Product
from backlog.queries import export as backlog_export
from backlog.queries import imports
from core.errors import RuleViolation
from core.permissions import require_route


@require_http_methods(["GET", "POST"])
def new(request, product_key):
    product = _product(request, product_key)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _upload_page(request, product, form, status=422 if request.method == "POST" else 200)
    file, source = form.cleaned_data["file"], form.cleaned_data["source"]
    try:
        run = importing.upload(file, source=source, organization=product.organization, product=product, by=request.user)
    except RuleViolation as refusal:
        form.add_error("file", refusal.message)
        return _upload_page(request, product, form, status=422)
    return redirect("backlog:import-run", product.key, run.pk)


@require_http_methods(["GET", "POST"])
def run(request, product_key, run_id):
    product = _product(request, product_key)
    run = _run(product, run_id)
    if run.is_waiting:
        return (_choose if request.method == "POST" else _preview_page)(request, product, run)
    return _outcome_page(request, product, run)


@require_POST
def discard(request, product_key, run_id):
    product = _product(request, product_key)
    importing.discard(_run(product, run_id), by=request.user)
    messages.success(request, "The file was thrown away; nothing was imported.")
    return redirect("backlog:import", product.key)


@require_GET
def left_out(request, product_key, run_id):
    run = _run(_product(request, product_key), run_id)
    return _file(imports.left_out_lines(run), f"{run.pk}-not-carried-over.csv")


@require_GET
def export(request, product_key):
    product = _product(request, product_key)
    return _file(backlog_export.lines(product, by=request.user), f"{product.key}-{timezone.now():%Y-%m-%d}.csv")


def _product(request, product_key):
    visible = Product.objects.visible_to(request.user).select_related("organization")
    product = get_object_or_404(visible, key=product_key)
    require_route(request, product)
    return product


def _run(product, run_id):
    return get_object_or_404(product.imports.select_related("organization", "product", "by"), pk=run_id)


def _upload_page(request, product, form, *, status):
    runs = product.imports.filter(~Q(status=ImportRun.Status.UPLOADED) | Q(by=request.user)).order_by("-pk")[:20]
    context = {"product": product, "form": form, "runs": runs.select_related("by")}
    return render(request, "backlog/imports/new.html", context, status=status)


def _choose(request, product, run):
    try:
        mapping, sections = imports.choices(run, by=request.user)
        run = importing.choose(run, chosen_mapping(mapping, sections, request.POST), by=request.user)
        if "apply" in request.POST:
            imports.require_answers(run, by=request.user)
            importing.start(run, by=request.user)
    except importing.NotWaiting:
        return redirect("backlog:import-run", product.key, run.pk)
    except RuleViolation as refusal:
        return _preview_page(request, product, _run(product, run.pk), refusal=refusal, status=422)
    return redirect("backlog:import-run", product.key, run.pk)


def _preview_page(request, product, run, *, refusal=None, status=200):
    context = {
        "product": product,
        "run": run,
        "refusal": refusal,
        "orders": imports.ORDER_CHOICES,
        "date_orders": imports.DATE_CHOICES,
    }
    try:
        context["preview"] = preview = imports.preview(run, by=request.user)
        context["sections"] = preview.sections
    except RuleViolation as problem:
        _, sections = imports.choices(run, by=request.user)
        context |= {"refusal": refusal or problem, "sections": sections}
    return render(request, "backlog/imports/preview.html", context, status=status)


def _outcome_page(request, product, run):
    context = {"product": product, "run": run}
    if run.status == ImportRun.Status.APPLIED:
        response = render(request, "backlog/imports/report.html", context)
        # The page that asked shows the progress: the whole of it is old now.
        if request.htmx:
            response["HX-Refresh"] = "true"
        return response
    return render(request, "backlog/imports/progress.html" + ("#progress" if request.htmx else ""), context)


def _file(lines, name):
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
