"""The collected files: complete, under changing names, and free of what we may not ship."""

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage


def test_the_script_imports_the_module_under_its_changing_name() -> None:
    script = (settings.STATIC_ROOT / staticfiles_storage.url("pharmrefer/app.js")[8:]).read_text()
    imported = re.search(r'from "\.\./nhsuk/(nhsuk\.[0-9a-f]{12}\.js)"', script)
    assert imported, script
    assert (settings.STATIC_ROOT / "nhsuk" / imported[1]).exists()


@pytest.mark.parametrize("name", ["session", "lock"])
def test_modules_import_each_other_under_changing_names(name: str) -> None:
    address = staticfiles_storage.url(f"pharmrefer/{name}.js")
    script = (settings.STATIC_ROOT / address[8:]).read_text()
    imported = re.findall(r'from "(\.[^"]+)"', script)
    assert imported
    for path in imported:
        assert re.search(r"\.[0-9a-f]{12}\.js$", path), path
        assert (settings.STATIC_ROOT / "pharmrefer" / path).exists()


def test_nothing_names_the_nhs_font_or_another_host() -> None:
    for file in settings.STATIC_ROOT.rglob("*"):
        if file.suffix in {".css", ".js"}:
            text = file.read_text().lower()
            assert "frutiger" not in text, file
            assert "assets.nhs.uk" not in text, file
