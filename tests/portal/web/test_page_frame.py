"""Header and footer are drawn once for all visitors alike: nobody may find a trace of somebody else in them."""

import re

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from tests.factories.accounts import make_line, signed_in_client

pytestmark = pytest.mark.django_db

HEADER = re.compile(r"<header.*?</header>", re.DOTALL)
FOOTER = re.compile(r"<footer.*?</footer>", re.DOTALL)


def frame_of(client: Client, address: str) -> str:
    page = client.get(address).content.decode()
    return f"{HEADER.findall(page)[0]}{FOOTER.findall(page)[0]}"


class TestTheFrame:
    def test_is_the_same_for_every_customer_and_names_neither_address_nor_token(self) -> None:
        one, other = (signed_in_client(make_line()) for _ in range(2))
        frame = frame_of(one, "/help/?from=one")
        assert frame == frame_of(other, "/accessibility/")
        assert "csrfmiddlewaretoken" not in frame
        assert "from=one" not in frame

    def test_offers_to_sign_out_to_those_only_who_are_signed_in(self) -> None:
        address = 'formaction="/sign-out/"'
        assert address in frame_of(signed_in_client(make_line()), "/help/")
        assert address not in frame_of(Client(), "/help/")

    @pytest.mark.parametrize(
        ("cookie", "value"), [("hall_mode", "elder"), ("hall_theme", "dark"), ("django_language", "en")]
    )
    def test_follows_how_a_visitor_likes_pages_to_look(self, cookie: str, value: str) -> None:
        plain, choosing = Client(), Client()
        choosing.cookies[cookie] = value
        assert frame_of(plain, "/help/") != frame_of(choosing, "/help/")

    def test_follows_the_operator(self, settings: LazySettings) -> None:
        assert "12580" not in frame_of(Client(), "/help/")
        settings.SERVICE_NUMBER = "12580"
        assert "tel:12580" in frame_of(Client(), "/help/")

    def test_marks_the_place_that_is_open(self) -> None:
        client = signed_in_client(make_line())
        catalogue = reverse("packages:catalogue")
        assert f'href="{catalogue}" aria-current="page"' in frame_of(client, catalogue)
        assert "aria-current" not in frame_of(client, "/help/")

    def test_sends_its_choices_by_one_form_of_the_page(self) -> None:
        page = Client().get("/help/").content.decode()
        [form] = re.findall(r'<form id="frame-choices".*?</form>', page)
        assert 'name="next" value="/help/"' in form
        assert "csrfmiddlewaretoken" in form
