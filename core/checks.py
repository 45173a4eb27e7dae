"""System checks of the house."""

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def runtime_role_is_not_owner(app_configs, **kwargs):
    databases = settings.DATABASES
    if databases["default"].get("USER") != databases["owner"].get("USER"):
        return []
    return [
        Error(
            "DATABASE_URL and DATABASE_OWNER_URL name the same role: the app could rewrite its audit trail.",
            hint="Create a second role and give it to DATABASE_URL; docs/operations.md says how.",
            id="core.E001",
        )
    ]
