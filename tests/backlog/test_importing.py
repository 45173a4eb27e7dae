import csv
import io
import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from backlog import tasks
from backlog.actions import importing, items
from backlog.formats.tables import BadFile
from backlog.management.commands.import_jira import count_with_csv
from backlog.models import (
    Component,
    Dependency,
    ImportRun,
    Item,
    ItemLink,
    OrderEntry,
    Product,
    SourceKey,
    Tag,
)
from backlog.queries import imports
from core import jobs
from core.errors import InvalidInput
from core.models import Event
from launcher.run import QUEUES
from tests import factories

HEADER = ["Issue key", "Issue id", "Parent id", "Issue Type", "Status", "Resolution", "Priority", "Summary"]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def export(*rows, header=()):
    """A Jira export: each row is a dict of its cells, columns named in header come twice or more."""
    names = [*HEADER, *header]
    for row in rows:
        names += [name for name in row if name not in names]
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(names)
    for row in rows:
        cells = {name: list(value) if isinstance(value, (list, tuple)) else [value] for name, value in row.items()}
        writer.writerow([(cells.get(name) or [""]).pop(0) if cells.get(name) else "" for name in names])
    return lines.getvalue()


def row(number, **cells):
    return {
        "Issue key": f"OLD-{number}",
        "Issue id": str(1000 + number),
        "Issue Type": "Story",
        "Status": "Open",
        "Summary": f"Thing {number}",
    } | {name.replace("_", " "): value for name, value in cells.items()}


def run_of(product, text, by, source="jira", mapping=None):
    content = text if isinstance(text, bytes) else text.encode()
    run = importing.upload(
        ContentFile(content, name="export.csv"),
        source=source,
        organization=product.organization,
        product=product,
        by=by,
    )
    return importing.choose(run, mapping or {}, by=by)


def imported(product, text, by, **options):
    return importing.apply(run_of(product, text, by, **options), by=by)


def listed(product):
    return [item.title for item in Item.objects.filter(product=product).ranked()]


def left_out(run):
    return [(left["key"], left["what"], left["value"], left["why"]) for left in run.report["left_out"]]


def test_a_row_becomes_an_item_with_all_it_says(payments, ines):
    text = export(
        row(1, Summary="Parent"),
        row(
            7,
            **{
                "Parent id": "1001",
                "Issue Type": "Bug",
                "Status": "Closed",
                "Resolution": "Fixed",
                "Created": "11/Nov/09 10:05 AM",
                "Resolved": "04/Jan/10 12:57 PM",
                "Due Date": "2009-12-04",
                "Description": "Two\nlines",
                "Component/s": ["Storage", "Web"],
                "Labels": ["slow", "java"],
                "Fix Version/s": ["1.0", "1.1"],
                "Custom field (Story Points)": "2.5",
                "Assignee": "dev.patel@northwind.example",
            },
        ),
        header=["Component/s", "Component/s", "Labels", "Labels", "Fix Version/s", "Fix Version/s"],
    )

    run = imported(payments, text, ines)

    item = Item.objects.select_related("component").get(source_keys__key="OLD-7")
    assert (item.number, item.kind, item.type, item.title) == (2, "functional", "bug", "Thing 7")
    assert (item.description, item.points, item.due_on) == ("Two\nlines", Decimal("2.5"), date(2009, 12, 4))
    assert (item.status, item.done_at) == ("done", datetime(2010, 1, 4, 12, 57, tzinfo=UTC))
    assert (item.created_at, item.created_by) == (datetime(2009, 11, 11, 10, 5, tzinfo=UTC), ines)
    assert (item.component.name, item.parent.title) == ("Storage", "Parent")
    assert list(item.further_components.values_list("component__name", flat=True)) == ["Web"]
    assert sorted(item.tag_links.values_list("tag__name", flat=True)) == ["java", "slow"]
    assert item.source_fix_versions == ["1.0", "1.1"]
    assert left_out(run) == [
        ("OLD-7", "Assignee", "dev.patel@northwind.example", "Nobody in the organization was chosen for this name.")
    ]
    assert listed(payments) == ["Parent"]
    assert set(Event.objects.about(item).values_list("name", flat=True)) == {"item.imported"}


def test_the_old_key_leads_to_the_item(payments, ines):
    imported(payments, export(row(7)), ines)

    assert Item.objects.visible_to(ines).by_key("OLD-7").get() == Item.objects.by_key("PAY-1").get()


def test_people_are_found_by_address_or_name(payments, ines, dev):
    imported(payments, export(row(1, Assignee="dev.patel@northwind.example"), row(2, Assignee="Dev Patel")), ines)

    assert set(Item.objects.values_list("assignee", flat=True)) == {dev.pk}


def test_blocks_links_become_dependencies_and_others_become_links(payments, ines):
    text = export(
        row(1, **{"Outward issue link (Blocks)": "OLD-2", "Outward issue link (Relates)": "OLD-3"}),
        row(2, **{"Inward issue link (Blocks)": "OLD-1", "Outward issue link (Blocks)": "OLD-3"}),
        row(3, **{"Outward issue link (Blocks)": "OLD-1", "Outward issue link (Relates)": "OLD-1"}),
        row(4, **{"Outward issue link (Duplicate)": "OLD-3", "Outward issue link (Blocks)": "PAY-1"}),
    )

    run = imported(payments, text, ines)

    pairs = Dependency.objects.values_list("enabler__title", "dependent__title")
    links = ItemLink.objects.values_list("kind", "source__title", "target__title")
    assert sorted(pairs) == [("Thing 1", "Thing 2"), ("Thing 2", "Thing 3")]
    assert sorted(links) == [("duplicates", "Thing 4", "Thing 3"), ("relates", "Thing 1", "Thing 3")]
    assert left_out(run) == [
        ("OLD-4", "enables", "PAY-1", "No such item is here."),
        ("OLD-3", "enables", "OLD-1", "It would close the cycle OLD-3 → OLD-1 → OLD-2 → OLD-3."),
    ]


@pytest.mark.parametrize(
    "status, resolution, expected, is_listed",
    [
        ("Open", "", "open", True),
        ("Reopened", "Fixed", "open", True),
        ("In Progress", "", "in_progress", True),
        ("In Review", "Ready for Test", "in_progress", True),
        ("Ready for Test", "", "in_progress", True),
        ("Closed", "Fixed", "done", False),
        ("Resolved", "", "done", False),
        ("Closed", "Won't Fix", "dropped", False),
        ("Closed", "Duplicate", "dropped", False),
        ("Closed", "Cannot Reproduce", "dropped", False),
        ("Closed", "Incomplete", "dropped", False),
        ("Closed", "Answered", "dropped", False),
    ],
)
def test_status_and_resolution_say_where_an_item_stands(payments, ines, status, resolution, expected, is_listed):
    imported(payments, export(row(1, Status=status, Resolution=resolution)), ines)

    assert Item.objects.get().status == expected
    assert OrderEntry.objects.get().is_listed == is_listed


def test_value_from_priority_is_taken_only_when_chosen(payments, ines):
    text = export(row(1, Priority="Blocker"), row(2, Priority="Trivial"))
    suggested = imports.preview(run_of(payments, text, ines), by=ines).mapping

    imported(payments, text, ines)
    before = list(Item.objects.order_by("number").values_list("business_value", flat=True))
    imported(payments, text, ines, mapping={"use_values": True})

    assert suggested["values"] == {"Blocker": 20, "Trivial": 2}
    assert before == [None, None]
    assert list(Item.objects.order_by("number").values_list("business_value", flat=True)) == [20, 2]


@pytest.mark.parametrize(
    "order, expected",
    [
        ("rank", ["Thing 3", "Thing 1", "Thing 2"]),
        ("file", ["Thing 1", "Thing 2", "Thing 3"]),
        ("priority", ["Thing 2", "Thing 3", "Thing 1"]),
    ],
)
def test_the_order_is_the_one_chosen(payments, ines, order, expected):
    text = export(
        row(1, Rank="0|i0000b:", Priority="Minor"),
        row(2, Rank="", Priority="Blocker"),
        row(3, Rank="0|hzzzzz:", Priority="Major"),
    )

    imported(payments, text, ines, mapping={"order": order})

    assert listed(payments) == expected


def test_the_kind_is_suggested_with_its_reason_and_can_be_chosen(payments, ines):
    text = export(row(1, **{"Issue Type": "Technical task"}), row(2, Labels="java7"), row(3))
    preview = imports.preview(run_of(payments, text, ines), by=ines)

    imported(payments, text, ines, mapping={"types": {"Technical task": "technical/debt", "Story": "functional/story"}})

    assert preview.kinds == [
        ("technical, by type Technical task", 1),
        ("technical, by label java7", 1),
        ("functional, by type Story", 1),
    ]
    assert list(Item.objects.order_by("number").values_list("type", flat=True)) == ["debt", "enabler", "story"]


def test_a_second_run_of_the_same_file_changes_nothing(payments, ines):
    text = export(row(1, Labels="slow"), row(2, **{"Parent id": "1001", "Outward issue link (Blocks)": "OLD-1"}))
    imported(payments, text, ines)
    before = list(Item.objects.order_by("pk").values()), list(OrderEntry.objects.order_by("pk").values())

    run = imported(payments, text, ines)

    assert run.report["counts"] == {"unchanged": 2, "new": 0, "updated": 0}
    assert (list(Item.objects.order_by("pk").values()), list(OrderEntry.objects.order_by("pk").values())) == before
    assert Dependency.objects.count() == 1


def test_a_newer_file_updates_all_but_what_was_changed_here(payments, ines):
    imported(payments, export(row(1, Description="a", Labels="x"), row(2), row(3)), ines)
    first = Item.objects.get(number=1)
    items.edit(first, by=ines, title="Ours")
    text = export(
        row(4),
        row(3, Status="Closed", Resolution="Fixed", Resolved="2020-01-01"),
        row(2, Labels="y", **{"Parent id": "1004", "Outward issue link (Blocks)": "OLD-4"}),
        row(1, Summary="Theirs", Description="b", Labels="x"),
    )

    run = imported(payments, text, ines)

    first.refresh_from_db()
    assert (first.title, first.description) == ("Ours", "b")
    assert run.report["conflicts"] == [
        {"line": 5, "key": "OLD-1", "what": "title", "value": "Theirs", "why": "Somebody has changed it here since."}
    ]
    assert listed(payments) == ["Ours", "Thing 2", "Thing 4"]
    second = Item.objects.get(number=2)
    assert second.parent.title == "Thing 4"
    assert list(second.tag_links.values_list("tag__name", flat=True)) == ["y"]
    assert Dependency.objects.get().dependent.title == "Thing 4"
    assert run.report["counts"] | {"dependencies": 1} == {
        "new": 1,
        "updated": 3,
        "unchanged": 0,
        "dependencies": 1,
    }


def test_what_was_finished_there_and_is_open_again_returns_to_the_order(payments, ines):
    closed = row(2, Status="Closed", Resolution="Fixed", Resolved="2020-01-01")
    imported(payments, export(row(1), closed, row(3)), ines)

    imported(payments, export(row(1), row(2), row(3)), ines)

    assert listed(payments) == ["Thing 1", "Thing 2", "Thing 3"]


def test_what_cannot_be_carried_over_is_listed(payments, ines):
    text = export(
        row(1, **{"Custom field (Story Points)": "1e999", "Due Date": "soon", "Parent id": "1002"}),
        row(2, Summary="", **{"Parent id": "1001", "Custom field (Story Points)": "NaN"}),
        row(1, Summary="Again"),
        row(3, Summary="x" * 301, Votes="4"),
    )

    run = imported(payments, text, ines)

    assert left_out(run) == [
        ("OLD-1", "key", "OLD-1", "The same key as in line 2."),
        ("OLD-1", "Points", "1e999", "It goes from 0 to 9,999.99."),
        ("OLD-1", "Due on", "soon", "It is no date."),
        ("OLD-2", "Title", "", "It has no title; “OLD-2” stands in for it."),
        ("OLD-2", "Points", "NaN", "It is no number."),
        ("OLD-3", "Title", "x", "Longer than 300 characters; the rest was cut off."),
        ("OLD-2", "parent", "OLD-1", "It would make an item a part of itself."),
    ]
    assert run.report["left_columns"] == [["Votes", 1]]


@pytest.mark.parametrize(
    "dates, expected",
    [(["03/04/2020", "13/04/2020"], date(2020, 4, 3)), (["03/04/2020", "03/14/2020"], date(2020, 3, 4))],
)
def test_the_order_of_day_and_month_is_detected(payments, ines, dates, expected):
    imported(payments, export(*(row(n, **{"Due Date": text}) for n, text in enumerate(dates, 1))), ines)

    assert Item.objects.get(number=1).due_on == expected


def test_the_order_of_day_and_month_is_asked_where_it_does_not_show(payments, ines):
    text = export(row(1, **{"Due Date": "03/04/2020"}))
    assert imports.preview(run_of(payments, text, ines), by=ines).must_ask_dates

    run = importing.apply_or_fail(run_of(payments, text, ines), by=ines)
    assert run.status == "failed"
    assert "fit both orders" in run.report["error"]

    importing.apply(importing.choose(run, {"date_order": "month_first"}, by=ines), by=ines)
    assert Item.objects.get().due_on == date(2020, 3, 4)


def test_formula_cells_stay_text(payments, ines):
    imported(payments, export(row(1, Summary="=1+1", Description="@SUM(A1)")), ines)

    assert Item.objects.values_list("title", "description").get() == ("=1+1", "@SUM(A1)")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"A,B\n1,2\n",
        "Issue key,Summary,Issue Type\nÄ-1,ä,Story\n".encode("latin-1"),
        b"Issue key,Summary,Issue Type\n\0,,\n",
    ],
)
def test_a_bad_file_leaves_no_trace(payments, ines, settings, content):
    with pytest.raises(BadFile):
        run_of(payments, content, ines)

    assert not ImportRun.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_an_import_that_fails_half_way_leaves_no_trace(payments, ines):
    run = run_of(payments, export(row(1, Labels="x", **{"Component/s": "Web"})), ines)
    # No choice of anybody's: only what the database itself refuses fails so late.
    run.mapping = {"types": {"Story": "technical/bug"}}
    run.save()

    with pytest.raises(Exception, match="item_type_fits_kind"):
        importing.apply_or_fail(run, by=ines)

    run.refresh_from_db()
    assert (run.status, run.report["error"]) == ("failed", importing.UNEXPECTED)
    assert not Item.objects.exists()
    assert not Component.objects.exists()
    assert not Tag.objects.exists()


def test_a_repeated_delivery_has_one_effect(payments, ines):
    run = imported(payments, export(row(1)), ines)

    assert importing.apply(run, by=ines).report == run.report
    assert Item.objects.count() == 1


def test_links_never_reach_into_another_organization(payments, ines, eve):
    elsewhere = factories.ItemFactory(product=Product.objects.get(key="EVE"), created_by=eve)
    SourceKey.objects.create(organization=elsewhere.organization, item=elsewhere, source="jira", key="FAR-1")

    run = imported(payments, export(row(1, **{"Outward issue link (Blocks)": "FAR-1"})), ines)

    assert left_out(run) == [("OLD-1", "enables", "FAR-1", "No such item is here.")]


@pytest.mark.parametrize("person", ["dev", "stan", "marek", "mia", "eve"])
def test_only_the_product_owner_and_the_admin_may_import(payments, person, request):
    with pytest.raises(PermissionDenied):
        run_of(payments, export(row(1)), request.getfixturevalue(person))

    assert not ImportRun.objects.exists()


def test_a_new_product_needs_the_right_to_create_it(payments, ines, ada):
    text = export(row(1), {"Issue key": "NEW-1", "Summary": "Thing", "Issue Type": "Story", "Status": "Open"})

    refused = importing.apply_or_fail(run_of(payments, text, ines), by=ines)
    assert refused.status == "failed"

    imported(payments, text, ada)
    assert set(Product.objects.filter(items__isnull=False).values_list("key", flat=True)) == {"OLD", "NEW"}


@pytest.fixture
def duraspace():
    folder = os.environ.get("UNDERPIN_DATA")
    if folder is None:
        pytest.skip("UNDERPIN_DATA is not set: it names the folder with the real Jira export")
    return Path(folder) / "jira_export_duraspace.csv"


def test_the_real_export_arrives_whole(organization, ada, duraspace, capsys):
    call_command("import_jira", str(duraspace))
    printed = capsys.readouterr().out
    before = list(Item.objects.order_by("pk").values("pk", "version", "updated_at"))
    call_command("import_jira", str(duraspace))

    products = Product.objects.filter(organization=organization)
    carried = imports.carried(products, "jira")
    assert carried == dict(count_with_csv(duraspace, {"DURACLOUD": "DURACLOUD", "FCREPO": "FCREPO"}))
    assert {name: carried[name] for name in ("items", "open or in progress", "dependencies")} == {
        "items": 1758,
        "open or in progress": 492,
        "dependencies": 108,
    }
    assert OrderEntry.objects.filter(is_listed=True).count() == 492
    assert "differs" not in printed
    assert list(Item.objects.order_by("pk").values("pk", "version", "updated_at")) == before


def test_one_project_of_several_can_be_picked(payments, ada, tmp_path, capsys):
    path = tmp_path / "export.csv"
    other = {"Issue key": "NEW-1", "Summary": "Thing", "Issue Type": "Story", "Status": "Open"}
    path.write_text(export(row(1), other))

    with pytest.raises(CommandError, match="pick one of them"):
        call_command("import_jira", str(path), "--product", "PAY")
    call_command("import_jira", str(path), "--product", "NEW")

    assert list(Item.objects.values_list("product__key", flat=True)) == ["NEW"]


def test_the_preview_of_the_command_keeps_nothing(payments, ada, tmp_path, capsys):
    path = tmp_path / "export.csv"
    path.write_text(export(row(1)))

    call_command("import_jira", str(path), "--product", "PAY", "--preview")

    assert "export.csv: 1 rows" in capsys.readouterr().out
    assert not ImportRun.objects.exists()
    assert not Item.objects.exists()


def test_a_csv_file_comes_in_by_the_columns_named(payments, ada, tmp_path, capsys):
    path = tmp_path / "list.csv"
    path.write_text("Was,Summary;Art\nOne,x,y\n".replace(";", ","))

    with pytest.raises(CommandError, match="There is no field “nonsense”"):
        call_command("import_csv", str(path), "--product", "PAY", "--map", "Was=nonsense")
    call_command("import_csv", str(path), "--product", "PAY", "--map", "Was=title", "--map", "Summary=")

    assert Item.objects.values_list("title", flat=True).get() == "One"
    assert "column “Art” not carried over: 1 cells" in capsys.readouterr().out


def test_an_import_never_rewrites_items_of_another_product(payments, ines, organization):
    imported(payments, export(row(1, Summary="Ours")), ines)
    ledger = factories.ProductFactory(organization=organization, key="LED", name="Ledger")
    lea = factories.ProductRoleFactory(
        product=ledger, user=factories.MemberFactory(organization=organization), role="product_owner"
    ).user

    run = imported(ledger, export(row(1, Summary="Taken over", Status="Closed", Resolution="Fixed"), row(2)), lea)

    item = Item.objects.get(product=payments)
    assert (item.title, item.status, item.version) == ("Ours", "open", 1)
    assert left_out(run)[-1] == ("OLD-1", "item", "OLD-1", "An import has brought it into another product.")
    assert [item.title for item in Item.objects.filter(product=ledger)] == ["Thing 2"]


def test_a_mapping_names_nobody_from_outside(payments, ines, eve):
    mapping = {"people": {"Someone": eve.pk}}

    run = imported(payments, export(row(1, Reporter="Someone", Assignee="Someone")), ines, mapping=mapping)

    item = Item.objects.get(product=payments)
    assert (item.created_by, item.assignee) == (ines, None)
    assert {(value, why) for _, _, value, why in left_out(run)} == {
        ("Someone", "Nobody in the organization was chosen for this name.")
    }


@pytest.mark.parametrize(
    "mapping",
    [
        {"people": {"x": "1"}},
        {"people": {"x": [1]}},
        {"people": "everybody"},
        {"types": {"Story": "functional"}},
        {"types": {"Story": {}}},
        {"statuses": {"Open": "gone"}},
        {"columns": {"Summary": "is_superuser"}},
        {"products": {"OLD": "no key"}},
        {"values": {"High": 10**30}},
        {"order": ["rank"]},
        {"date_order": "whatever"},
        {"keys_by_id": {}},
    ],
)
def test_a_mapping_holds_only_what_can_be_chosen(mapping, payments, ines):
    with pytest.raises(InvalidInput):
        run_of(payments, export(row(1)), ines, mapping=mapping)


# Files that nobody comes back to.


def test_files_that_nobody_imports_go_after_a_week(payments, ines, django_capture_on_commit_callbacks):
    long_ago, lately = timezone.now() - timedelta(days=8), timezone.now() - timedelta(days=6)
    with django_capture_on_commit_callbacks(execute=True):
        abandoned, failed, fresh, refused_lately, applied = (
            run_of(payments, export(row(number)), ines) for number in range(1, 6)
        )
        importing.apply(applied, by=ines)
    for run in (failed, refused_lately):
        importing.fail(run, "Not today.", by=ines)
    ImportRun.objects.update(created_at=long_ago)
    ImportRun.objects.filter(pk=fresh.pk).update(created_at=lately)
    ImportRun.objects.exclude(finished_at=None).update(finished_at=long_ago)
    ImportRun.objects.filter(pk=refused_lately.pk).update(finished_at=lately)

    with django_capture_on_commit_callbacks(execute=True):
        tasks.discard_imports(slot="2026-03-01T00:00Z")

    assert set(ImportRun.objects.all()) == {fresh, refused_lately, applied}
    assert {run: run.file.storage.exists(run.file.name) for run in (abandoned, failed, fresh, refused_lately)} == {
        abandoned: False,
        failed: False,
        fresh: True,
        refused_lately: True,
    }
    assert jobs.last_done("discard_imports").result == {"discarded": 2}
    gone = Event.objects.filter(name="import.discarded").order_by("id")
    assert [(event.target_id, event.by.is_service) for event in gone] == [(abandoned.pk, True), (failed.pk, True)]


def test_only_the_job_throws_files_of_others_away(payments, ines):
    run = run_of(payments, export(row(1)), ines)

    with pytest.raises(PermissionDenied):
        importing.discard_abandoned(before=timezone.now() + timedelta(days=1), by=ines)

    assert ImportRun.objects.get() == run


def test_imports_wait_in_a_queue_of_their_own():
    route = current_app.amqp.router.route({}, "backlog.tasks.apply_import")

    assert route["queue"].name == "import"


def test_workers_listen_to_every_queue_that_tasks_go_to():
    current_app.loader.import_default_modules()
    queues = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}

    assert set(settings.CELERY_TASK_ROUTES) <= set(current_app.tasks)
    assert queues | {settings.CELERY_TASK_DEFAULT_QUEUE} <= set(QUEUES.split(","))
