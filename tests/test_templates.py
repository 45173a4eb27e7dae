"""Every template compiles, keeps to the content security policy, and error pages need nothing."""

import re

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string

ROOT = settings.BASE_DIR / "templates"
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.suffix in {".html", ".txt"})
PAGES = [name for name in TEMPLATES if not re.match(r"mail/|.*/email/", name)]
FORBIDDEN = re.compile(r"""\sstyle\s*=|<style|\son[a-z]+\s*=\s*["']|<script(?![^>]*\ssrc=)|href=["']javascript:""")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_compiles(name):
    get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_inline_style_or_script(name):
    assert FORBIDDEN.findall((ROOT / name).read_text()) == []


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"])
def test_an_error_page_needs_no_context_and_leads_onward(name):
    page = render_to_string(name)

    assert '<a class="btn primary" href="/">' in page
    assert page.startswith("<!doctype html>")
