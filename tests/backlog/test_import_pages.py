import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backlog.models import ImportRun, Item, OrderEntry
from backlog.tasks import apply_import
from core.models import OutboxMessage
from tests import factories

EXPORT = b"Issue key,Issue Type,Status,Summary,Due Date\nOLD-1,Story,Open,One,13/04/2026\nOLD-2,Research,Closed,Two,\n"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def as_ines(client, ines):
    client.force_login(ines)
    return client


def upload(client, content=EXPORT, source="jira"):
    file = SimpleUploadedFile("export.csv", content)
    return client.post(reverse("backlog:import", args=["PAY"]), {"file": file, "source": source})


def test_a_file_goes_from_upload_to_report(as_ines):
    address = upload(as_ines).url
    preview = as_ines.get(address).content.decode()
    again = as_ines.post(address, {"types-0": "technical/debt", "types-1": "functional/story", "order": "file"})
    started = as_ines.post(address, {"types-0": "technical/debt", "types-1": "functional/story", "apply": "1"})
    progress = as_ines.get(address, headers={"HX-Request": "true"})
    apply_import(**OutboxMessage.objects.get(topic="backlog.tasks.apply_import").payload)
    done = as_ines.get(address, headers={"HX-Request": "true"})

    assert "Nothing is written yet" in preview
    assert "Its name says that a question is open" in preview
    assert (again.status_code, started.status_code) == (302, 302)
    assert "<html" not in progress.content.decode()
    assert "0 % done" in progress.content.decode()
    assert done.headers["HX-Refresh"] == "true"
    assert list(Item.objects.order_by("number").values_list("title", "type")) == [("One", "story"), ("Two", "debt")]
    assert as_ines.get(address).context["run"].report["counts"]["new"] == 2
    assert as_ines.get(reverse("backlog:import", args=["PAY"])).status_code == 200


def test_the_navigation_stays_with_the_product(as_ines, ines, payments):
    first = factories.ProductFactory(organization=payments.organization, key="AAA", name="A product")
    factories.ProductRoleFactory(product=first, user=ines, role="product_owner")

    page = as_ines.get(reverse("backlog:import", args=["PAY"]))

    assert page.context["nav"].product.key == "PAY"


def test_any_csv_file_asks_for_its_columns(as_ines):
    address = upload(as_ines, b"Was,Wert\nOne,8\n", source="csv").url

    asked = as_ines.get(address).content.decode()
    shown = as_ines.post(address, {"columns-0": "title", "columns-1": "business_value"}, follow=True).content.decode()
    as_ines.post(address, {"apply": "1"})
    apply_import(run_id=ImportRun.objects.get().pk)

    assert "Choose the column that holds the title" in asked
    assert "rows in the file" in shown
    assert list(Item.objects.values_list("title", "business_value")) == [("One", 8)]


def test_a_bad_file_is_refused_beside_its_field(as_ines):
    response = upload(as_ines, b"A,B\n")

    assert response.status_code == 422
    assert "This is no Jira export" in response.content.decode()


def test_a_choice_that_does_not_exist_is_refused(as_ines):
    address = upload(as_ines).url

    response = as_ines.post(address, {"types-0": "functional/epic", "apply": "1"})

    assert response.status_code == 422
    assert "is no choice for" in response.content.decode()
    assert ImportRun.objects.get().status == "uploaded"


def test_dates_that_fit_both_orders_are_asked_before_the_start(as_ines):
    address = upload(as_ines, EXPORT.replace(b"13/", b"03/")).url

    asked = as_ines.post(address, {"apply": "1"})
    started = as_ines.post(address, {"apply": "1", "date_order": "day_first"})

    assert asked.status_code == 422
    assert "Say whether the day or the month stands first" in asked.content.decode()
    assert started.status_code == 302


def test_a_file_can_be_thrown_away(as_ines):
    address = upload(as_ines).url

    as_ines.post(address + "discard/")

    assert not ImportRun.objects.exists()
    assert as_ines.get(address).status_code == 404


def test_what_was_not_carried_over_can_be_downloaded(as_ines):
    address = upload(as_ines, EXPORT.replace(b"13/04/2026", b"=soon()")).url
    as_ines.post(address, {"apply": "1"})
    apply_import(run_id=ImportRun.objects.get().pk)

    lines = as_ines.get(address + "not-carried-over.csv").getvalue().decode().splitlines()

    assert lines[:2] == ["Line,Key,What,Value,Why", "2,OLD-1,Due on,'=soon(),It is no date."]
    assert lines[2].startswith("3,OLD-2,Done,,No date tells when it was done")


def test_a_second_click_on_apply_changes_nothing(as_ines):
    address = upload(as_ines).url

    as_ines.post(address, {"apply": "1"})
    as_ines.post(address, {"apply": "1"})

    assert OutboxMessage.objects.filter(topic="backlog.tasks.apply_import").count() == 1


@pytest.mark.parametrize("route", ["backlog:import", "backlog:export"])
@pytest.mark.parametrize("person, status", [("eve", 404), ("stan", 403)])
def test_who_may_not_is_told_so(client, payments, request, person, status, route):
    client.force_login(request.getfixturevalue(person))

    assert client.get(reverse(route, args=["PAY"])).status_code == status


def test_an_import_of_another_product_is_not_found(as_ines, eve, client):
    address = upload(as_ines).url
    client.force_login(eve)

    assert client.get(address.replace("PAY", "EVE")).status_code == 404
    assert OrderEntry.objects.count() == 0
