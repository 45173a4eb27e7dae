"""Writes docs/permissions.md from the table, so that people read what the code reads."""

from django.conf import settings
from django.core.management.base import BaseCommand

from core import permissions

_HEADINGS = {
    "stakeholder": "stakeholder",
    "team_member": "team member",
    "scrum_master": "scrum master",
    "technical_owner": "technical product owner",
    "product_owner": "product owner",
    "organization_admin": "organization admin",
    "instance_admin": "instance admin",
    "service": "service",
}
_INTRODUCTION = """# Who may do what

This page is made from `config/permissions.yml` by `manage.py permissions_doc`; the code reads the same file.
An empty cell says no. A cell with words says yes under that condition. Who is not a member of a product
does not see that it exists. A token needs the scope besides the rights of its owner; without a scope no token will do.
"""


class Command(BaseCommand):
    help = "Write docs/permissions.md from config/permissions.yml."

    def handle(self, **options):
        (settings.BASE_DIR / "docs" / "permissions.md").write_text(document())


def document() -> str:
    """The table as a page of Markdown."""
    table = permissions.table()
    roles = [role for role in permissions.ROLES if role != "anonymous"]
    lines = [
        _INTRODUCTION,
        f"| | {' | '.join(_HEADINGS[role] for role in roles)} | scope |",
        f"|---|{'---|' * (len(roles) + 1)}",
    ]
    for verb in table.verbs.values():
        cells = [_cell(verb.cells.get(role, "")) for role in roles]
        title = verb.title if verb.is_built else f"{verb.title} (to come)"
        scope = f"`{verb.scope}`" if verb.scope else ""
        lines.append(f"| {title} <br>`{verb.name}` | {' | '.join(cells)} | {scope} |")
    return "\n".join(lines) + "\n"


def _cell(value: str) -> str:
    return "yes" if value == "yes" else value.replace("_", " ")
