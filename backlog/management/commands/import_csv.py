"""Import any CSV file: manage.py import_csv FILE --product KEY --map "Column=field"."""

from django.core.management.base import BaseCommand, CommandError

from backlog.formats.records import LABELS
from backlog.management.importing import add_arguments, apply, chosen, refusals_as_errors, upload
from backlog.models import ImportRun


class Command(BaseCommand):
    help = "Import any CSV file, also a backlog that was exported here. Columns with names known here map themselves."

    def add_arguments(self, parser):
        add_arguments(parser)
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="COLUMN=FIELD",
            help=f"what a column fills; fields: {', '.join(LABELS)}; nothing after = leaves it out",
        )

    def handle(self, *args, **options):
        if not options["product"]:
            raise CommandError("Say which product takes the file with --product KEY.")
        with refusals_as_errors():
            run = upload(options, ImportRun.Source.CSV)
            apply(self, run, chosen(options) | {"columns": run.mapping["columns"] | _columns(options["map"])}, options)


def _columns(pairs):
    for pair in pairs:
        if "=" not in pair:
            raise CommandError(f"“{pair}” is no mapping: write COLUMN=FIELD.")
    return {name.strip(): field.strip() for name, _, field in (pair.rpartition("=") for pair in pairs)}
