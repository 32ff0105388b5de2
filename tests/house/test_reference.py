"""The generated pages are fresh, and every setting says what it is."""

import pytest

from bot import reference
from bot.settings import Settings
from tests.conftest import ROOT


@pytest.mark.parametrize("page", reference.PAGES)
def test_a_generated_page_is_fresh(page):
    path = ROOT / reference.FOLDER / page
    assert path.is_file(), "run `tend docs`"
    assert path.read_text(encoding="utf-8") == reference.PAGES[page](ROOT), "run `tend docs`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_explained(name):
    assert len(Settings.model_fields[name].description or "") > 10
    assert f"`TEND_{name.upper()}`" in reference.settings_page(ROOT)


def test_no_page_shows_a_secret_or_somebodys_folder():
    for page in reference.PAGES.values():
        content = page(ROOT)
        assert "tend-local-" not in content
        assert str(ROOT) not in content


def test_a_stale_page_is_named_and_written(tmp_path):
    (tmp_path / "data").symlink_to(ROOT / "data")
    missing = reference.write_pages(tmp_path, only_check=True)
    assert len(missing) == len(reference.PAGES)
    assert not (tmp_path / reference.FOLDER).exists()
    assert reference.write_pages(tmp_path, only_check=False) == missing
    assert reference.write_pages(tmp_path, only_check=True) == []
