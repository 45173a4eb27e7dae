"""Every id in an address or a form, replaced by one of another product, of another organization, or of nothing."""

from tests.attempts import Recorder, attempt, content_of
from tests.pages.visits import VISITS
from tests.worlds import CANARY, COUNTED, SHARED_BY_PRODUCTS, SWAPPED, ids_of

FOREIGN = f"{CANARY}-eve"
# A filter by what isn't there finds nothing.
_FILTERED = (200,)


def told(response):
    return (content_of(response) + str(response.headers).encode()).decode(errors="replace").lower()


def test_foreign_ids_are_as_good_as_missing_ones(world, others, client_of):
    own, wrong, count = ids_of(world), [], 0
    clients = {who: client_of(getattr(world, who)) for who in ("ines", "marek", "ada")}

    for visit in VISITS:
        client = clients.get(visit.who)
        recorder = Recorder(own)
        if client is None:
            continue
        attempt(visit, client, recorder, world)
        for name in sorted(recorder.read & set(SWAPPED)):
            answers, told_first = {}, ""
            for where, ids in others.items():
                if where == "sibling" and (name in SHARED_BY_PRODUCTS or (name == "key" and visit.who == "ada")):
                    continue
                if where != "missing" and name in COUNTED:
                    continue
                response, written = attempt(visit, client, own | {name: ids[name]}, world)
                told_first = told_first or told(response)
                answers[where] = response.status_code
                count += 1
                # Lists of people and teams show the whole organization, whatever is asked for; missing ids come first.
                tells = FOREIGN in told(response) or told(response).count(CANARY) > told_first.count(CANARY)
                if tells or (written and response.status_code < 400):
                    wrong.append((str(visit), name, where, response.status_code, written))
            expected = _FILTERED if name in visit.query.values() else (404, 409, 422)
            if len(set(answers.values())) != 1 or answers["missing"] not in expected:
                wrong.append((str(visit), name, answers))

    assert wrong == []
    assert count > 400
