"""Every id of every request, replaced by one of another product, of another organization, or of nothing."""

from backlog.models import Product
from tests import factories
from tests.api.calls import CALLS
from tests.attempts import Recorder, attempt, content_of
from tests.worlds import CANARY, COUNTED, SHARED_BY_PRODUCTS, SWAPPED, ids_of


def test_foreign_ids_are_as_good_as_missing_ones(world, others, client_of):
    own, wrong, count = ids_of(world), [], 0
    clients = {who: client_of(getattr(world, who)) for who in ("ines", "marek", "ada")}

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
    factories.ProductRoleFactory(product=Product.objects.get(key="LED"), user=world.ines, role="stakeholder")
    client = bearer(world.ines, "product:read", "backlog:read", products=[world.product])

    listed = client.get("/api/v1/products").json()["results"]
    other = client.get("/api/v1/products/LED")

    assert [product["key"] for product in listed] == ["PAY"]
    assert other.status_code == 404


def _refusals(call, name):
    if name in call.query.values():
        # A filter by what isn't there finds nothing.
        return (200,)
    # Not lent is what a technical owner hears of every other item, there or not.
    return (403,) if call.route == "technical-order" and name != "key" else (404, 409, 422)
