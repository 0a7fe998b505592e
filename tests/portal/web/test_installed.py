"""The hall on a home screen: nothing of an account is ever kept on the phone."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from channels.models import Interaction
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db


class TestManifest:
    def test_names_the_hall_in_the_language_of_the_page(self) -> None:
        answer = Client().get("/manifest.webmanifest", headers={"accept-language": "en"})
        assert answer["Content-Type"] == "application/manifest+json"
        assert (answer.json()["short_name"], answer.json()["start_url"]) == ("Hefeng Telecom", "/")

    def test_stands_in_the_head_of_every_page(self) -> None:
        assert '<link rel="manifest" href="/manifest.webmanifest">' in Client().get("/").content.decode()


class TestServiceWorker:
    def test_keeps_the_page_without_a_network_and_its_looks_alone(self) -> None:
        script = Client().get("/service-worker.js").content.decode()
        kept = re.findall(r'"(/[^"]*)"', script)
        assert kept[0] == "/offline/"
        assert all(path.startswith("/static/") for path in kept[1:])
        assert [path for path in kept[1:] if finders.find(path.removeprefix("/static/")) is None] == []
        # Files are kept when it is installed and never afterwards.
        assert script.count("addAll(") == 1
        assert ".put(" not in script

    def test_is_asked_for_anew_each_time(self) -> None:
        assert Client().get("/service-worker.js")["Cache-Control"] == "no-cache"


class TestOffline:
    def test_is_the_same_for_everybody(self) -> None:
        assert signed_in_client(make_line()).get("/offline/").content == Client().get("/offline/").content

    def test_counts_as_no_visit(self) -> None:
        for path in ("/offline/", "/manifest.webmanifest", "/service-worker.js"):
            Client().get(path)
        assert not Interaction.objects.exists()
