"""The style guide draws every component through the partials; only demo mode has it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django.fixtures import Settings

from portal.web.styleguide import PAGES

COMPONENTS = settings.BASE_DIR / "templates/components"
STATIC = settings.BASE_DIR / "static"


@pytest.mark.django_db
class TestStyleguide:
    @pytest.mark.parametrize("page", PAGES)
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_draws_each_page_with_one_heading_and_nothing_inline(
        self, client: Client, page: str, language: str
    ) -> None:
        response = client.get(f"/styleguide/{page}/", headers={"accept-language": language})

        html = response.content.decode()
        assert response.status_code == 200
        assert len(re.findall(r"<h1\b", html)) == 1
        assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", html) == []
        assert [name for name in set(re.findall(r'\sid="([^"]+)"', html)) if html.count(f' id="{name}"') > 1] == []

    def test_is_the_component_page_by_default(self, client: Client) -> None:
        page = client.get("/styleguide/", headers={"accept-language": "en"}).content.decode()

        assert "<title>Style guide: components · Hefeng Telecom</title>" in page

    def test_has_no_page_of_another_name(self, client: Client) -> None:
        assert client.get("/styleguide/nothing/").status_code == 404

    def test_is_only_looked_at(self, client: Client) -> None:
        assert client.post("/styleguide/").status_code == 405

    def test_is_absent_without_demo_mode(self, client: Client, settings: Settings) -> None:
        settings.DEMO_MODE = False

        assert client.get("/styleguide/").status_code == 404


class TestComponents:
    @pytest.mark.parametrize("partial", sorted(COMPONENTS.glob("*.html")), ids=lambda path: path.name)
    def test_say_their_parameters_first(self, partial: Path) -> None:
        assert partial.read_text().startswith("{% comment %}\n")


class TestStatic:
    def test_every_icon_that_templates_and_samples_name_is_in_the_sprite(self) -> None:
        drawn = set(re.findall(r'symbol id="([a-z-]+)"', (STATIC / "img/icons.svg").read_text()))
        templates = "".join(path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html"))
        named = set(re.findall(r'{% icon "([a-z-]+)"', templates)) | set(re.findall(r'\bicon="([a-z-]+)"', templates))

        assert len(named) > 20
        assert named - drawn == set()

    def test_every_file_that_templates_name_is_there(self) -> None:
        templates = "".join(path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html"))
        named = set(re.findall(r"""{% static ['"]([^'"]+)['"] %}""", templates))

        assert len(named) > 10
        assert [name for name in named if finders.find(name) is None] == []

    def test_vendored_files_carry_their_licence_and_no_source_map(self) -> None:
        folders = sorted(path for path in (STATIC / "vendor").iterdir())

        assert [folder.name for folder in folders] == ["bootstrap-5.3.9", "htmx-2.0.11"]
        assert [folder for folder in folders if not (folder / "LICENSE.txt").exists()] == []
        assert [path for path in (STATIC / "vendor").rglob("*.*s") if "sourceMappingURL" in path.read_text()] == []
