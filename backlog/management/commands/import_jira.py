"""Import a Jira export: manage.py import_jira FILE --product KEY."""

import csv
from collections import Counter, defaultdict
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from backlog.management.importing import add_arguments, apply, chosen, refusals_as_errors, upload
from backlog.models import ImportRun, Product
from backlog.queries import imports


class Command(BaseCommand):
    help = (
        "Import Jira's “Export CSV (all fields)”. A file of one project goes into --product; with several projects "
        "each becomes a product of its own, unless --product picks one of them."
    )

    def add_arguments(self, parser):
        add_arguments(parser)
        parser.add_argument(
            "--value-from-priority", action="store_true", help="take the business value that the priority suggests"
        )

    def handle(self, *args, **options):
        with refusals_as_errors():
            run = upload(options, ImportRun.Source.JIRA)
            mapping = chosen(options) | {"use_values": options["value_from_priority"]}
            suggested = imports.suggest(run, imports.survey(run), by=run.by)
            mapping["products"] = _picked(suggested["products"], options["product"])
            run = apply(self, run, mapping, options)
        if run:
            self._compare(options["file"], run, mapping["products"])

    def _compare(self, path, run, products):
        here = Product.objects.filter(organization=run.organization, key__in=products.values())
        carried = imports.carried(here, run.source)
        counted = count_with_csv(path, products)
        self.stdout.write(f"\n{'':30}{'the file':>12}{'Underpin':>12}")
        for label in carried:
            mark = "" if counted[label] == carried[label] else "  differs"
            self.stdout.write(f"{label:30}{counted[label]:>12,}{carried[label]:>12,}{mark}")


def count_with_csv(path: Path, products: dict[str, str]) -> Counter:
    """Count a Jira export with nothing but the csv module. products: project → key; "" is left out."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        columns = defaultdict(list)
        for number, name in enumerate(next(reader)):
            columns[name.strip()].append(number)
        rows = [cells for cells in reader if cells]

    def filled(cells, *names):
        return [cells[number] for name in names for number in columns[name] if cells[number]]

    def project(cells):
        return products.get(filled(cells, "Issue key")[0].rpartition("-")[0], "")

    rows = [cells for cells in rows if project(cells)]
    keys = {filled(cells, "Issue key")[0] for cells in rows}
    ids = {text for cells in rows for text in filled(cells, "Issue id")}
    pairs = defaultdict(set)
    for cells in rows:
        key = filled(cells, "Issue key")[0]
        for kind in ("Blocks", "Duplicate", "Relates"):
            pairs[kind] |= {(key, other) for other in filled(cells, f"Outward issue link ({kind})") if other in keys}
            pairs[kind] |= {(other, key) for other in filled(cells, f"Inward issue link ({kind})") if other in keys}
    points = [float(text) for cells in rows for text in filled(cells, "Custom field (Story Points)", "Story Points")]
    parts = [(project(cells), name) for cells in rows for name in filled(cells, "Component/s", "Components")]
    counts = Counter({f"items of {key}": count for key, count in Counter(map(project, rows)).items()})
    return counts + Counter(
        {
            "items": len(rows),
            "open or in progress": sum(
                filled(cells, "Status")[:1] not in (["Closed"], ["Resolved"], ["Done"]) for cells in rows
            ),
            "dependencies": len(pairs["Blocks"]),
            "related pairs": len({frozenset(pair) for pair in pairs["Relates"]}),
            "duplicate pairs": len(pairs["Duplicate"]),
            "with a parent": sum(
                filled(cells, "Parent id")[:1] != [] and filled(cells, "Parent id")[0] in ids for cells in rows
            ),
            "components": len(set(parts)),
            "component mentions": len(parts),
            "with points": len(points),
            "points": int(sum(points)),
            "tag mentions": sum(len(filled(cells, "Labels")) for cells in rows),
            "fix version mentions": sum(len(filled(cells, "Fix Version/s", "Fix versions")) for cells in rows),
        }
    )


def _picked(products, key):
    if key is None or (key in products.values() and len(products) == 1):
        return products
    if len(products) == 1:
        return dict.fromkeys(products, key)
    if key not in products:
        raise CommandError(
            f"The file holds the projects {', '.join(sorted(products))}: pick one of them, or leave --product out."
        )
    return {project: products[project] if project == key else "" for project in products}
