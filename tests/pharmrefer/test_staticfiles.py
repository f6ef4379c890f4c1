"""The collected files: complete, under changing names, and free of what we may not ship."""

import re

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage


def test_the_script_imports_the_module_under_its_changing_name() -> None:
    script = (settings.STATIC_ROOT / staticfiles_storage.url("pharmrefer/app.js")[8:]).read_text()
    imported = re.search(r'from "\.\./nhsuk/(nhsuk\.[0-9a-f]{12}\.js)"', script)
    assert imported, script
    assert (settings.STATIC_ROOT / "nhsuk" / imported[1]).exists()


def test_nothing_names_the_nhs_font_or_another_host() -> None:
    for file in settings.STATIC_ROOT.rglob("*"):
        if file.suffix in {".css", ".js"}:
            text = file.read_text().lower()
            assert "frutiger" not in text, file
            assert "assets.nhs.uk" not in text, file
