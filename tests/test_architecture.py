"""The three sentences of docs/architecture.md, checked in the source."""

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

APPS = ("accounts", "backlog", "sprints", "roadmap", "nightly")
BUILDING_BLOCK = "a part of other actions, which have the transaction, the permission and the event"
# What is public in `actions` and not a use-case of its own, by module or function; every line says why.
NO_USE_CASE = {
    "accounts.actions.invitations.find": "reads",
    "accounts.actions.people.create_account": BUILDING_BLOCK,
    "accounts.actions.tokens.note_use": "a time stamp of each request; an event of each would drown the others",
    "backlog.actions.carrying.__init__": BUILDING_BLOCK,
    "backlog.actions.carrying.columns": BUILDING_BLOCK,
    "backlog.actions.carrying.creating": BUILDING_BLOCK,
    "backlog.actions.carrying.linking": BUILDING_BLOCK,
    "backlog.actions.carrying.matching": BUILDING_BLOCK,
    "backlog.actions.carrying.parts": BUILDING_BLOCK,
    "backlog.actions.carrying.placing": BUILDING_BLOCK,
    "backlog.actions.carrying.reading": BUILDING_BLOCK,
    "backlog.actions.carrying.telling": BUILDING_BLOCK,
    "backlog.actions.carrying.updating": BUILDING_BLOCK,
    "backlog.actions.decisions.insert": BUILDING_BLOCK,
    "backlog.actions.dependencies.queue": BUILDING_BLOCK,
    "backlog.actions.engagement.ask": BUILDING_BLOCK,
    "backlog.actions.engagement.give_by_accepting": BUILDING_BLOCK,
    "backlog.actions.feed": BUILDING_BLOCK,
    "backlog.actions.fields": BUILDING_BLOCK,
    "backlog.actions.item_rows": BUILDING_BLOCK,
    "backlog.actions.items.check": "reads",
    "backlog.actions.items.insert": BUILDING_BLOCK,
    "backlog.actions.items.next_numbers": BUILDING_BLOCK,
    "backlog.actions.life_cycle.held": "reads",
    "backlog.actions.life_cycle.possible": "reads",
    "backlog.actions.life_cycle.register_hold": "called once, when the app starts",
    "backlog.actions.moves": BUILDING_BLOCK,
    "backlog.actions.notifications.tell": BUILDING_BLOCK,
    "backlog.actions.notifications.tell_mentioned": BUILDING_BLOCK,
    "backlog.actions.notifications.tell_of_decision": BUILDING_BLOCK,
    "backlog.actions.ordering.enter": BUILDING_BLOCK,
    "backlog.actions.ordering.leave": BUILDING_BLOCK,
    "backlog.actions.ordering.rejoin": BUILDING_BLOCK,
    "backlog.actions.places": BUILDING_BLOCK,
    "backlog.actions.readiness.refresh": BUILDING_BLOCK,
    "backlog.actions.readiness.refresh_one": BUILDING_BLOCK,
    "backlog.actions.readiness.refresh_product": BUILDING_BLOCK,
    "backlog.actions.suggestions.make": BUILDING_BLOCK,
    "backlog.actions.suggestions.register": "called once, when the app starts",
    "backlog.actions.saved_views.follow_tag": BUILDING_BLOCK,
    "backlog.actions.tags.put_many": BUILDING_BLOCK,
    "backlog.actions.tags.replace": BUILDING_BLOCK,
    "sprints.actions.suggestions.register": "called once, when the app starts",
}
# Use-cases that lack one of the three on purpose.
EXCEPTIONS = {
    ("accounts.actions.invitations.accept", "requires a permission"): "the invitation's token is the permission",
    ("accounts.actions.invitations.accept_as_new", "requires a permission"): "the invitation's token is the permission",
    ("accounts.actions.organizations.create_first", "requires a permission"): "nobody is there yet who could have one",
    ("backlog.actions.learning.learn", "records an event"): "it remembers what events have told",
    ("backlog.actions.refinements.stay", "records an event"): "a sign of life each 20 seconds is no history",
    ("backlog.actions.importing.fail", "requires a permission"): "the job says that what was permitted has failed",
}
# Writes outside `actions`; every line says why.
WRITES_ELSEWHERE = {"accounts.models.users": "the manager that Django's createsuperuser calls"}

_WRITING = {
    *("create", "bulk_create", "get_or_create", "update_or_create", "acreate"),
    *("update", "bulk_update", "delete", "save", "aupdate", "adelete", "asave"),
}
_QUERYING = {"filter", "exclude", "all", "order_by", "select_for_update", "get_queryset", "annotate"}
_WRITING_SQL = re.compile(r"^\s*(INSERT\s+INTO|UPDATE\s+\w|DELETE\s+FROM|TRUNCATE)", re.IGNORECASE)


@dataclass
class Function:
    name: str
    is_public: bool
    is_atomic: bool = False
    calls: set[str] = field(default_factory=set)


@cache
def modules(app: str) -> dict[str, ast.Module]:
    root = Path(settings.BASE_DIR)
    return {
        ".".join(path.relative_to(root).with_suffix("").parts): ast.parse(path.read_text())
        for path in sorted((root / app).rglob("*.py"))
        if "migrations" not in path.parts
    }


def is_action(module: str) -> bool:
    return ".actions." in module


@cache
def actions() -> dict[str, Function]:
    found = {}
    for app in APPS:
        for module, tree in modules(app).items():
            if is_action(module):
                found |= functions(module, tree)
    return found


def functions(module: str, tree: ast.Module) -> dict[str, Function]:
    names = imported(tree)
    found = {}
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        function = Function(f"{module}.{node.name}", is_public=not node.name.startswith("_"))
        function.is_atomic = any("atomic" in ast.unparse(decorator) for decorator in node.decorator_list)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call | ast.Attribute | ast.Name):
                function.calls.add(resolved(inner.func if isinstance(inner, ast.Call) else inner, module, names))
            if isinstance(inner, ast.With) and "atomic" in ast.unparse(inner.items[0]):
                function.is_atomic = True
        found[function.name] = function
    return found


def imported(tree: ast.Module) -> dict[str, str]:
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return names


def resolved(node: ast.expr, module: str, names: dict[str, str]) -> str:
    match node:
        case ast.Name(id=name):
            return names.get(name, f"{module}.{name}")
        case ast.Attribute(value=ast.Name(id=name), attr=attribute):
            return f"{names.get(name, name)}.{attribute}"
    return ""


def reach(name: str, wanted) -> bool:
    """Does the function, or an action that it calls, satisfy `wanted`?"""
    seen, open_names = set(), [name]
    while open_names:
        current = open_names.pop()
        if current in seen or current not in actions():
            continue
        seen.add(current)
        if wanted(actions()[current]):
            return True
        open_names += actions()[current].calls
    return False


def asks(function: Function) -> bool:
    return bool(function.calls & {"core.permissions.require", "core.permissions.can", "core.permissions.require_route"})


def records(function: Function) -> bool:
    return bool(function.calls & {"core.events.record", "core.events.record_many"})


RULES = {
    "is atomic": lambda function: function.is_atomic,
    "requires a permission": asks,
    "records an event": records,
}


@pytest.mark.parametrize("rule", RULES)
def test_every_public_action(rule):
    use_cases = [name for name, function in actions().items() if function.is_public and not is_no_use_case(name)]

    lacking = {name for name in use_cases if not reach(name, RULES[rule])}

    excepted = {name for name, of_rule in EXCEPTIONS if of_rule == rule}
    assert lacking == excepted, f"what {rule} and what does not changed: {sorted(lacking ^ excepted)}"


def is_no_use_case(name: str) -> bool:
    return name in NO_USE_CASE or name.rpartition(".")[0] in NO_USE_CASE


def test_every_exception_is_a_function_and_has_a_reason():
    named = set(NO_USE_CASE) | {name for name, _ in EXCEPTIONS}
    existing = set(actions()) | {name.rpartition(".")[0] for name in actions()}

    assert named - existing == set()
    assert all([*NO_USE_CASE.values(), *EXCEPTIONS.values(), *WRITES_ELSEWHERE.values()])


def test_only_actions_write():
    writing = {
        f"{module}:{line}"
        for app in APPS
        for module, tree in modules(app).items()
        if not is_action(module) and module not in WRITES_ELSEWHERE
        for line in writes(module, tree)
    }

    assert writing == set()


def writes(module: str, tree: ast.Module):
    actions_here = {name for name, origin in imported(tree).items() if ".actions" in origin}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _WRITING_SQL.match(node.value):
            yield node.lineno
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in _WRITING:
            continue
        receiver = node.func.value
        if isinstance(receiver, ast.Name) and receiver.id in actions_here:
            continue
        chain = {inner.attr for inner in ast.walk(receiver) if isinstance(inner, ast.Attribute)}
        is_query = bool(chain & (_QUERYING | {"objects"}))
        is_row = node.func.attr in ("save", "delete", "asave", "adelete") and not is_own_save(receiver)
        if is_query or is_row:
            yield node.lineno


def is_own_save(receiver: ast.expr) -> bool:
    # `super().save()` and files in storage are no rows.
    return ast.unparse(receiver) in ("super()", "default_storage")


def test_a_write_in_a_view_would_be_seen():
    tree = ast.parse(
        "def view(request):\n    Item.objects.filter(pk=1).update(title='x')\n    item.save()\n    {}.update(a=1)\n"
    )

    assert list(writes("backlog.views.items", tree)) == [2, 3]


def test_the_template_names_of_views_exist():
    root = Path(settings.BASE_DIR)
    rendered = {
        node.args[1].value
        for app in (*APPS, "core")
        for tree in modules(app).values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "render"
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
    }

    missing = {name for name in rendered if not (root / "templates" / name.partition("#")[0]).exists()}

    assert missing == set()
