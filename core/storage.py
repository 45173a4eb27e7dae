"""Static files: hashed names, compressed copies, module imports that follow the hashes, comments that stay at home."""

import re

from django.conf import settings
from django.contrib.staticfiles.apps import StaticFilesConfig
from django.core.files.base import ContentFile
from django.utils.functional import cached_property
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Comments that have their lines to themselves, as all of ours do.
_COMMENT = re.compile(rb"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)


class CollectedStaticFiles(StaticFilesConfig):
    """Collects what pages use: source maps and pages of libraries that we do not serve cost 12 s a start."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.map", "django_htmx", "redoc", "rest_framework"]


def _without_source_maps(patterns):
    return tuple(
        (glob, tuple(pattern for pattern in found if "sourceMappingURL" not in str(pattern)))
        for glob, found in patterns
    )


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    patterns = _without_source_maps(CompressedManifestStaticFilesStorage.patterns)
    support_js_module_import_aggregation = True
    # Our own modules only: libraries have import() in comments, which would be followed and not found.
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )

    def _save(self, name, content):
        # Comments are an eighth of what our modules weigh, compressed, and no browser reads them.
        if name.startswith("js/") and name.endswith(".js"):
            content = ContentFile(_COMMENT.sub(b"", b"".join(content.chunks())))
        return super()._save(name, content)

    @cached_property
    def _addresses(self):
        return {}

    def url(self, name, force=False):
        # Names stay as they were collected, and a page asks for nine hundred icons.
        known = name, force, settings.DEBUG
        if known not in self._addresses:
            self._addresses[known] = super().url(name, force)
        return self._addresses[known]
