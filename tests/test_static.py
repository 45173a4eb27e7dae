"""Static files as production serves them."""

import re

from django.core.files.base import ContentFile
from django.core.management import call_command

from core.storage import StaticFilesStorage


def test_collected_files_name_each_other_by_content(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "core.storage.StaticFilesStorage"}}

    call_command("collectstatic", verbosity=0)

    storage = StaticFilesStorage(location=tmp_path)
    script = (tmp_path / storage.stored_name("js/main.js")).read_text()
    imported = re.findall(r'from "\./([^"]+)"', script)
    assert imported != []
    assert all(re.search(r"\.[0-9a-f]{12}\.js$", name) for name in imported)
    assert re.search(
        r"fonts/[\w-]+\.[0-9a-f]{12}\.woff2", (tmp_path / storage.stored_name("css/tokens.css")).read_text()
    )
    assert (tmp_path / f"{storage.stored_name('js/main.js')}.br").exists()


def test_comments_of_our_modules_are_not_sent(tmp_path):
    storage = StaticFilesStorage(location=tmp_path)
    storage.save(
        "js/one.js",
        ContentFile(b"""/* What it is
   for. */
// Why.
const address = "https://example.org/*"; // not on its own line
  /* how */
const other = `/* text */`;
"""),
    )
    storage.save("vendor/two.js", ContentFile(b"/* A licence stays. */\n"))

    assert (tmp_path / "js/one.js").read_text().splitlines() == [
        'const address = "https://example.org/*"; // not on its own line',
        "const other = `/* text */`;",
    ]
    assert "licence" in (tmp_path / "vendor/two.js").read_text()
