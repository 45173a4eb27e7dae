"""The pages of products and of the backlog."""

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backlog.actions import delegations, dependencies, items, ordering
from backlog.models import Item, Move, Product
from tests import factories

HTMX = {"HX-Request": "true"}


@pytest.fixture
def browse(db):
    """A signed-in client: browse(ines)."""

    def browse(user):
        client = Client()
        client.force_login(user)
        return client

    return browse


@pytest.fixture
def three(payments):
    return [factories.ItemFactory(product=payments, title=f"Item {name}") for name in "ABC"]


def url(name, *arguments):
    return reverse(f"backlog:{name}", args=arguments)


def order_of(product):
    return list(Item.objects.filter(product=product).ranked().values_list("title", flat=True))


def statements(client, path):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


# Reading


@pytest.mark.parametrize("name", ["backlog", "components", "history"])
@pytest.mark.parametrize(
    ("person", "status"),
    [("ines", 200), ("marek", 200), ("mia", 200), ("dev", 200), ("stan", 403), ("ada", 403), ("eve", 404)],
)
def test_who_may_read_the_backlog_reads_its_pages(browse, three, payments, name, person, status, request):
    response = browse(request.getfixturevalue(person)).get(url(name, "PAY"))

    assert response.status_code == status


@pytest.mark.parametrize(("person", "status"), [("ines", 200), ("stan", 200), ("ada", 200), ("eve", 404)])
def test_the_settings_are_open_to_whom_the_product_is_no_secret(browse, payments, person, status, request):
    assert browse(request.getfixturevalue(person)).get(url("settings", "PAY")).status_code == status


@pytest.mark.parametrize("name", ["backlog", "components", "history"])
def test_a_page_takes_as_many_statements_for_three_rows_as_for_one(browse, payments, payouts, ines, name):
    client = browse(ines)
    items.create(payments, by=ines, title="One", kind="technical", type="debt", component=payouts)
    few = statements(client, url(name, "PAY"))
    for title in ("Two", "Three"):
        made = items.create(payments, by=ines, title=title, kind="technical", type="debt", component=payouts)
        dependencies.add(made, Item.objects.get(title="One"), by=ines)

    assert statements(client, url(name, "PAY")) == few


def test_the_list_shows_rows_in_their_order_with_their_marks(browse, payments, ines, three):
    dependencies.add(three[2], three[0], by=ines)
    ordering.pin(three[1], by=ines)

    html = browse(ines).get(url("backlog", "PAY")).content.decode()

    assert html.index("Item A") < html.index("Item B") < html.index("Item C")
    assert "Above PAY-3" in html
    assert "Pinned" in html


def test_the_start_page_tells_role_goal_and_counts(browse, ines, three, payments):
    ledger = factories.ProductFactory(organization=payments.organization, key="LED", name="Ledger")
    factories.ProductRoleFactory(product=ledger, user=ines, role="stakeholder")

    page = browse(ines).get("/").context["page"]

    assert [(card.key, card.role, card.item_count) for card in page.cards] == [
        ("LED", "Stakeholder", None),
        ("PAY", "Product owner", 3),
    ]


def test_the_start_page_takes_as_many_statements_for_three_products(browse, ines, payments):
    client = browse(ines)
    few = statements(client, "/")
    for _ in range(2):
        product = factories.ProductFactory(organization=payments.organization)
        factories.ProductRoleFactory(product=product, user=ines, role="stakeholder")

    assert statements(client, "/") == few


@pytest.mark.parametrize(
    ("person", "address"),
    [("ines", "/products/PAY/backlog/"), ("stan", "/products/PAY/settings/"), ("ada", "/products/PAY/settings/")],
)
def test_a_product_opens_at_what_a_person_may_see(browse, payments, person, address, request):
    assert browse(request.getfixturevalue(person)).get("/products/PAY/")["Location"] == address


# Filters


def test_the_filter_stands_in_the_address(browse, payments, payouts, ines, three):
    factories.ItemFactory(product=payments, kind="technical", title="Ledger export", component=payouts)

    screen = browse(ines).get(url("backlog", "PAY"), {"filter": "component:payouts kind:technical"}).context["screen"]

    assert [(row.item.title, row.position) for row in screen.rows] == [("Ledger export", 4)]
    assert [(chip.name, chip.value, chip.without) for chip in screen.chips] == [
        ("component", "payouts", "filter=kind%3Atechnical"),
        ("kind", "technical", "filter=component%3Apayouts"),
    ]


def test_what_is_added_to_the_filter_joins_it_in_the_address(browse, payments, ines, three):
    sent = {"filter": "kind:functional", "add": ["refund OR report", "", "kind:functional"]}

    answer = browse(ines).get(url("backlog", "PAY"), sent)

    assert answer["Location"] == f"{url('backlog', 'PAY')}?filter=kind%3Afunctional+%28refund+OR+report%29"


def test_a_mistake_in_the_filter_is_marked_and_mended(browse, payments, ines, three):
    answer = browse(ines).get(url("backlog", "PAY"), {"filter": "kind:functional", "add": "x kind:tecnical y"})

    assert answer.status_code == 422
    screen = answer.context["screen"]
    assert (screen.filter, screen.typed, len(screen.rows)) == ("kind:functional", "x kind:tecnical y", 3)
    mistake = screen.mistake
    assert (mistake.before, mistake.marked, mistake.after) == ("x kind:", "tecnical", " y")
    assert mistake.instead == "x kind:technical y"
    assert "“tecnical” is no kind. Did you mean technical?" in answer.content.decode()


def test_a_filter_that_can_not_be_read_shows_no_rows(browse, payments, ines, three):
    answer = browse(ines).get(url("backlog", "PAY"), {"filter": "tag:gone"})

    screen = answer.context["screen"]
    assert (screen.typed, screen.rows, screen.mistake.marked) == ("tag:gone", (), "gone")
    assert "This filter can't be read" in answer.content.decode()


def test_words_find_also_what_is_no_longer_in_the_list(browse, payments, ines, three):
    factories.ItemFactory(product=payments, title="Refund a card payment")
    factories.ItemFactory(product=payments, title="Refund by voucher", status="dropped")

    screen = browse(ines).get(url("backlog", "PAY"), {"filter": "refund"}).context["screen"]

    assert [row.item.title for row in screen.rows] == ["Refund a card payment"]
    assert [hit.title for hit in screen.unlisted] == ["Refund by voucher"]


@pytest.mark.parametrize("query", ["after=nonsense"])
def test_an_address_that_makes_no_sense_is_refused(browse, payments, ines, three, query):
    assert browse(ines).get(f"{url('backlog', 'PAY')}?{query}").status_code == 422


def test_the_next_page_comes_as_rows_alone(browse, payments, ines):
    factories.enter_items(payments, 103, by=ines)
    client = browse(ines)
    first = client.get(url("backlog", "PAY")).context["screen"]

    response = client.get(url("backlog", "PAY"), {"after": first.next}, headers=HTMX)

    html = response.content.decode()
    assert "<html" not in html
    assert html.count('class="row"') == 3
    assert "Item 103" in html


# Moving


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"place": "top"}, ["Item C", "Item A", "Item B"]),
        ({"place": "position", "position": "2"}, ["Item A", "Item C", "Item B"]),
        ({"place": "before", "key": "PAY-1"}, ["Item C", "Item A", "Item B"]),
        ({"place": "after", "key": "1"}, ["Item A", "Item C", "Item B"]),
    ],
)
def test_a_move_puts_an_item_where_the_form_says(browse, payments, ines, three, sent, expected):
    response = browse(ines).post(url("move", "PAY"), {"items": three[2].pk, **sent}, headers=HTMX)

    assert response.status_code == 204
    assert json.loads(response["HX-Trigger"])["toast"]["undo_url"] == url("undo", "PAY")
    assert order_of(payments) == expected


def test_a_move_beside_a_neighbour_works_without_scripts(browse, payments, ines, three):
    sent = {"items": three[2].pk, "place": f"before:{three[1].pk}"}

    response = browse(ines).post(url("move", "PAY"), sent, follow=True)

    assert order_of(payments) == ["Item A", "Item C", "Item B"]
    assert "PAY-3 moved to 2." in response.content.decode()


def test_undo_and_redo_go_back_and_forth(browse, payments, ines, three):
    client = browse(ines)
    client.post(url("move", "PAY"), {"items": three[2].pk, "place": "top"})

    client.post(url("undo", "PAY"))
    assert order_of(payments) == ["Item A", "Item B", "Item C"]
    client.post(url("redo", "PAY"))
    assert order_of(payments) == ["Item C", "Item A", "Item B"]


@pytest.mark.parametrize(
    "sent", [{"place": "position"}, {"place": "before"}, {"place": "sideways"}, {"place": "before", "key": "PAY-99"}]
)
def test_a_move_that_says_no_place_moves_nothing(browse, payments, ines, three, sent):
    response = browse(ines).post(url("move", "PAY"), {"items": three[2].pk, **sent}, headers=HTMX)

    assert response.status_code == 422
    assert order_of(payments) == ["Item A", "Item B", "Item C"]


def test_a_stale_neighbour_is_told(browse, payments, ines, three):
    items.create(payments, by=ines, title="Gone", kind="functional", type="story")
    gone = Item.objects.get(title="Gone")
    browse(ines).post(url("item-drop", "PAY", gone.number))

    response = browse(ines).post(url("move", "PAY"), {"items": three[0].pk, "place": f"after:{gone.pk}"}, headers=HTMX)

    assert response.status_code == 409
    assert "no longer in the list" in response["HX-Trigger"]


@pytest.mark.parametrize(("person", "status"), [("stan", 403), ("dev", 403), ("eve", 404)])
def test_others_move_nothing(browse, payments, three, person, status, request):
    response = browse(request.getfixturevalue(person)).post(url("move", "PAY"), {"items": three[2].pk, "place": "top"})

    assert response.status_code == status
    assert order_of(payments) == ["Item A", "Item B", "Item C"]


def test_a_technical_owner_is_offered_moves_only_for_what_is_lent(browse, payments, payouts, ines, marek, three):
    own = factories.ItemFactory(product=payments, kind="technical", component=payouts)
    delegations.grant(payouts, "order", marek, by=ines)

    screen = browse(marek).get(url("backlog", "PAY")).context["screen"]

    assert {row.item.id for row in screen.rows if row.may_move} == {own.pk}


def test_pinning_is_taken_back_from_the_toast(browse, payments, ines, three):
    response = browse(ines).post(url("pin", "PAY", 1), headers=HTMX)
    undo_url = json.loads(response["HX-Trigger"])["toast"]["undo_url"]
    browse(ines).post(undo_url)

    assert [move.kind for move in Move.objects.order_by("version")] == ["pin", "unpin"]


# New items


def test_a_new_item_goes_to_its_place(browse, payments, ines, three):
    sent = {"title": "First of all", "type": "security", "place": "position", "position": "2"}

    response = browse(ines).post(url("item-create", "PAY"), sent, headers=HTMX)

    assert response.status_code == 204
    assert order_of(payments) == ["Item A", "First of all", "Item B", "Item C"]
    assert Item.objects.get(title="First of all").kind == "technical"


def test_a_new_item_without_a_title_is_refused_in_the_form(browse, payments, ines, three):
    response = browse(ines).post(url("item-create", "PAY"), {"title": " ", "type": "story", "place": "top"})

    assert response.status_code == 422
    assert "be empty." in response.content.decode()


def test_a_developer_proposes_and_the_owner_decides(browse, payments, ines, dev, three):
    browse(dev).post(url("item-create", "PAY"), {"title": "Try it", "type": "spike", "place": "bottom"})
    proposed = Item.objects.get(title="Try it")
    assert proposed.status == "proposed"

    browse(ines).post(url("proposal-accept", "PAY", proposed.number), {"place": "top"})

    assert order_of(payments)[0] == "Try it"


@pytest.mark.parametrize(("person", "status"), [("stan", 403), ("eve", 404)])
def test_others_propose_nothing(browse, payments, person, status, request):
    sent = {"title": "Mine", "type": "story", "place": "top"}

    assert browse(request.getfixturevalue(person)).post(url("item-create", "PAY"), sent).status_code == status


# History


def test_the_owner_takes_back_anybodys_move_and_restores_an_order(browse, payments, ines, three):
    client = browse(ines)
    first = ordering.move(payments, [three[2].pk], ordering.Place.top(), by=ines)
    ordering.move(payments, [three[1].pk], ordering.Place.top(), by=ines)
    page = client.get(url("history", "PAY"), {"since": "2020-01-01"})
    assert {one.item.title for one in page.context["difference"].moved} <= {"Item A", "Item B", "Item C"}
    assert len(page.context["history"].steps) == 2

    client.post(url("order-restore", "PAY", first.version - 1))
    assert order_of(payments) == ["Item A", "Item B", "Item C"]


@pytest.mark.parametrize(("person", "status"), [("marek", 403), ("dev", 403), ("eve", 404)])
def test_others_take_back_nothing(browse, payments, ines, three, person, status, request):
    move = ordering.move(payments, [three[2].pk], ordering.Place.top(), by=ines)

    response = browse(request.getfixturevalue(person)).post(url("move-undo", "PAY", move.version))

    assert response.status_code == status
    assert order_of(payments) == ["Item C", "Item A", "Item B"]


# Products and their settings


def test_an_admin_makes_a_product(browse, organization, ada, ines):
    sent = {"name": "Ledger", "key": "LED", "owner": ines.pk}

    response = browse(ada).post(url("product-create", "northwind"), sent)

    assert response.status_code == 303
    assert Product.objects.get(key="LED").roles.get().user == ines


def test_a_taken_key_is_told_at_its_field(browse, payments, ada):
    response = browse(ada).post(url("product-create", "northwind"), {"name": "Second", "key": "PAY"})

    assert response.status_code == 422
    assert response.context["form"].errors["key"] == ["Another product has this key, or had it before."]


@pytest.mark.parametrize(("person", "status"), [("ines", 403), ("stan", 403), ("eve", 404)])
def test_others_make_no_product(browse, payments, person, status, request):
    client = browse(request.getfixturevalue(person))

    assert client.get(url("product-create", "northwind")).status_code == status


def test_the_owner_changes_the_agreement_and_the_definition_of_ready(browse, payments, ines):
    client = browse(ines)
    agreement = {
        "name": "Payments",
        "sprint_length_days": 7,
        "largest_ready_points": 5,
        "technical_share_min": 10,
        "technical_share_max": 30,
        "debt_share": "",
        "currency": "EUR",
        "version": payments.version,
    }
    client.post(url("product-edit", "PAY"), agreement)
    client.post(
        url("product-ready", "PAY"),
        {"functional-key": ["", ""], "functional-label": ["Has points", ""], "functional-rule": ["is_estimated", ""]},
    )

    payments.refresh_from_db()
    assert payments.sprint_length_days == 7
    assert payments.definition_of_ready == {
        "functional": [{"key": "has_points", "label": "Has points", "rule": "is_estimated"}]
    }


def test_a_share_the_wrong_way_round_is_told_at_its_field(browse, payments, ines):
    sent = {
        "name": "Payments",
        "sprint_length_days": 7,
        "largest_ready_points": 5,
        "technical_share_min": 60,
        "technical_share_max": 30,
        "currency": "EUR",
        "version": payments.version,
    }

    response = browse(ines).post(url("product-edit", "PAY"), sent)

    assert response.status_code == 422
    assert "technical_share_min" in response.context["form"].errors


def test_goals_stakeholders_and_teams_are_set_in_the_settings(browse, payments, ines, dev):
    heron = factories.TeamFactory(organization=payments.organization, name="Heron")
    client = browse(ines)
    client.post(url("goal-add", "PAY"), {"title": "Paid in 10 seconds", "is_product_goal": "on"})
    client.post(url("stakeholder-add", "PAY"), {"user": dev.pk})
    client.post(url("team-link", "PAY"), {"team": heron.pk})

    page = client.get(url("settings", "PAY")).context["page"]
    assert [(goal.title, goal.is_product_goal) for goal in page.goals] == [("Paid in 10 seconds", True)]
    assert page.stakeholders == (dev,)
    assert [team.name for team in page.teams] == ["Heron", "Kestrel"]


def test_a_product_is_handed_over_in_two_steps(browse, payments, ines, dev):
    browse(ines).post(url("product-offer", "PAY"), {"user": dev.pk})
    assert "offers you Payments" in browse(dev).get("/").content.decode()

    browse(dev).post(url("product-offer-accept", "PAY"))

    assert payments.roles.get(role="product_owner").user == dev


def test_links_with_the_old_key_lead_to_the_items(browse, payments, ines, three):
    client = browse(ines)
    client.post(url("product-key", "PAY"), {"key": "CASH"})

    for old in ("/items/PAY-2/", "/products/PAY/items/2/"):
        assert client.get(old)["Location"] == "/products/CASH/items/2/"


def test_an_archived_product_stands_apart_and_comes_back(browse, payments, ada):
    client = browse(ada)
    client.post(url("product-archive", "PAY"))
    assert [card.key for card in client.get("/").context["page"].archived] == ["PAY"]

    client.post(url("product-restore", "PAY"))
    assert [card.key for card in client.get("/").context["page"].cards] == ["PAY"]


# Components


def test_components_get_parts_owners_and_loans(browse, payments, payouts, ines, marek):
    client = browse(ines)
    client.post(url("component-create", "PAY"), {"name": "Batches", "type": "component", "parent": payouts.pk})
    client.post(url("component-owner-add", "PAY", payouts.pk), {"user": ines.pk})
    client.post(url("delegation-grant", "PAY"), {"component": payouts.pk, "power": "order", "grantee": marek.pk})

    page = client.get(url("components", "PAY")).context["page"]
    assert [(row.component.name, row.depth) for row in page.rows] == [("Payouts", 0), ("Batches", 1)]
    assert {owner.name for owner in page.rows[0].owners} == {"Ines Falkner", "Marek Osei"}
    assert [(loan.grantee, loan.state) for loan in page.loans] == [("Marek Osei", "live")]

    client.post(url("delegation-revoke", "PAY", page.loans[0].id))
    assert client.get(url("components", "PAY")).context["page"].loans == ()


def test_a_refused_loan_is_told_in_the_form(browse, payments, payouts, ines, dev):
    sent = {"component": payouts.pk, "power": "order", "grantee": dev.pk}

    response = browse(ines).post(url("delegation-grant", "PAY"), sent)

    assert response.status_code == 422
    assert "technical owner of the component" in response.content.decode()


@pytest.mark.parametrize(("person", "status"), [("marek", 403), ("stan", 403), ("eve", 404)])
def test_others_make_no_component(browse, payments, person, status, request):
    response = browse(request.getfixturevalue(person)).post(
        url("component-create", "PAY"), {"name": "Mine", "type": "component"}
    )

    assert response.status_code == status
    assert not payments.components.filter(name="Mine").exists()
