"""What the import commands share: who signs, which file, and what is printed."""

from contextlib import contextmanager
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.management.base import CommandError

from accounts.models import Membership, Organization, User
from backlog.actions import importing
from backlog.models import ImportRun, Product
from backlog.queries import imports
from core.errors import RuleViolation


def add_arguments(parser):
    parser.add_argument("file", type=Path)
    parser.add_argument("--product", metavar="KEY", help="the product that takes the file")
    parser.add_argument("--organization", metavar="SLUG", help="needed where there are several")
    parser.add_argument("--by", metavar="E-MAIL", help="who signs; without it the organization's only admin")
    parser.add_argument("--dates", choices=["day_first", "month_first"], help="what stands first in 03/04/2026")
    parser.add_argument("--order", choices=list(imports.ORDER_CHOICES), help="by what new items are ordered")
    parser.add_argument("--preview", action="store_true", help="only tell what would be imported")


@contextmanager
def refusals_as_errors():
    """What the rules refuse ends the command with their sentence."""
    try:
        yield
    except (RuleViolation, PermissionDenied) as refusal:
        raise CommandError(str(refusal)) from refusal


def upload(options, source) -> ImportRun:
    """Keep the file of the command line."""
    organization = _organization(options["organization"])
    by = _signer(organization, options["by"])
    if not options["file"].is_file():
        raise CommandError(f"There is no file {options['file']}.")
    product = Product.objects.filter(organization=organization, key=options["product"] or "").first()
    if product is None and source == ImportRun.Source.CSV:
        raise CommandError(f"{organization} has no product {options['product']}.")
    with options["file"].open("rb") as file:
        named = File(file, name=options["file"].name)
        return importing.upload(named, source=source, organization=organization, product=product, by=by)


def chosen(options) -> dict:
    """The parts of the mapping that options of the command line choose."""
    asked = {"date_order": options["dates"], "order": options["order"]}
    return {name: value for name, value in asked.items() if value}


def apply(command, run, mapping, options) -> ImportRun | None:
    """Print what would come, then apply it and print what came; None if only a preview was asked for."""
    try:
        preview = imports.preview(run, run.mapping | mapping, by=run.by)
    except RuleViolation:
        importing.discard(run, by=run.by)
        raise
    _print_preview(command, preview)
    if options["preview"]:
        importing.discard(run, by=run.by)
        return None
    importing.choose(run, preview.mapping, by=run.by)
    run = importing.apply_or_fail(run, by=run.by)
    if run.status == ImportRun.Status.FAILED:
        raise CommandError(run.report["error"])
    _print_report(command, run.report)
    return run


def _print_preview(command, preview):
    command.stdout.write(f"{preview.run.file_name}: {preview.row_count:,} rows")
    command.stdout.write("".join(f"  {label}: {count:,}\n" for label, count in preview.totals).rstrip())
    command.stdout.write("Kinds suggested, with their reasons:")
    command.stdout.write("".join(f"  {reason}: {count:,}\n" for reason, count in preview.kinds).rstrip())


def _print_report(command, report):
    for product in report["products"]:
        command.stdout.write(f"{product['key']}: {'created' if product['is_new'] else 'was here'}")
    for label, count in report["counts"].items():
        command.stdout.write(f"  {label}: {count:,}")
    for name, count in report["left_columns"]:
        command.stdout.write(f"  column “{name}” not carried over: {count:,} cells")
    if report["left_out_count"]:
        command.stdout.write(f"Not carried over: {report['left_out_count']:,}")
    _print_lines(command, report["left_out"])
    if report["conflict_count"]:
        command.stdout.write(f"Changed here since, so left as they are: {report['conflict_count']:,}")
    _print_lines(command, report["conflicts"])


def _print_lines(command, lines):
    for line in lines:
        value = f" “{line['value']}”" if line["value"] else ""
        command.stdout.write(f"  line {line['line']}, {line['key'] or 'no key'}, {line['what']}{value}: {line['why']}")


def _organization(slug):
    found = Organization.objects.filter(slug=slug) if slug else Organization.objects.all()
    if len(found) != 1:
        raise CommandError("Name the organization with --organization SLUG." if found else "There is no organization.")
    return found[0]


def _signer(organization, email):
    if email:
        user = User.objects.filter(email__iexact=email, memberships__organization=organization).first()
        if user is None:
            raise CommandError(f"Nobody in {organization} has the e-mail address {email}.")
        return user
    admins = Membership.objects.active().filter(organization=organization, role=Membership.Role.ADMIN)
    if len(admins) != 1:
        raise CommandError("Say who signs for the import with --by E-MAIL.")
    return admins[0].user
