"""Every id of every request, replaced by one of another product, of another organization, or of nothing."""

from backlog.models import Product
from core.permissions import table
from tests import factories
from tests.api.calls import CALLS
from tests.attempts import Recorder, attempt, content_of
from tests.worlds import CANARY, COUNTED, SHARED_BY_PRODUCTS, SWAPPED, ids_of


def test_foreign_ids_are_as_good_as_missing_ones(world, others, client_of):
    own, wrong, count = ids_of(world), [], 0
    clients = {who: client_of(getattr(world, who)) for who in ("ines", "marek", "ada", "dev")}

    for call in CALLS:
        recorder = Recorder(own)
        attempt(call, clients[call.who], recorder, world)
        for name in sorted(recorder.read & set(SWAPPED)):
            answers = {}
            for where, ids in others.items():
                if where == "sibling" and name in SHARED_BY_PRODUCTS:
                    continue
                if where != "missing" and name in COUNTED:
                    continue
                if where == "sibling" and name == "key" and call.who == "ada":
                    continue
                response, written = attempt(call, clients[call.who], own | {name: ids[name]}, world)
                answers[where] = response.status_code
                count += 1
                told = CANARY.encode() in content_of(response).replace(b"CANARY", b"canary")
                if told or (written and response.status_code < 400):
                    wrong.append((str(call), name, where, response.status_code, written, content_of(response)[:200]))
            if len(set(answers.values())) != 1 or answers["missing"] not in _refusals(call, name):
                wrong.append((str(call), name, answers))

    assert wrong == []
    assert count > 250


def test_a_token_for_one_product_finds_no_other(world, others, bearer):
    elsewhere = Product.objects.get(key="LED")
    scopes = {verb.scope for verb in table().verbs.values() if verb.scope}
    ids, wrong, clients = ids_of(world), [], {}
    for who in ("ines", "marek", "ada", "dev"):
        factories.ProductRoleFactory(product=elsewhere, user=getattr(world, who), role="stakeholder")
        clients[who] = bearer(getattr(world, who), *scopes, products=[elsewhere])

    for call in CALLS:
        response, written = attempt(call, clients[call.who], ids, world)
        if "key" in call.addressed() or call.is_hers:
            is_right = response.status_code in (403, 404)
        else:
            is_right = response.status_code == (200 if call.method == "GET" else 403)
        if not is_right or written or b"sepia" in content_of(response).replace(b"Stakeholder sepia", b""):
            wrong.append((str(call), response.status_code, written, content_of(response)[:200]))

    assert wrong == []
    listed = clients["ines"].get("/api/v1/products").json()["results"]
    assert [product["key"] for product in listed] == ["LED"]


def test_an_import_by_a_limited_token_stays_in_its_product(world, bearer):
    sibling = factories.ProductFactory(organization=world.product.organization, key="SIB")
    factories.ProductRoleFactory(product=sibling, user=world.ines, role="product_owner")
    client = bearer(world.ines, "import:run", products=[world.product])
    address = f"/api/v1/products/PAY/imports/{world.run.pk}"
    client.patch(address, {"mapping": {"products": {"": "SIB"}}}, format="json")

    refused = client.post(f"{address}/apply")
    client.patch(address, {"mapping": {"products": {"": "PAY"}}}, format="json")
    started = client.post(f"{address}/apply")

    assert (refused.status_code, started.status_code) == (403, 200)
    assert "SIB" in refused.json()["detail"]


def _refusals(call, name):
    if name in call.query.values() and call.route != "filter":
        # A filter by what isn't there finds nothing.
        return (200,)
    # Not lent is what a technical owner hears of every other item, there or not.
    return (403,) if call.route == "technical-order" and name != "key" else (404, 409, 422)
