from typing import Any

import pytest
from django.test import Client

from accounts.models import Line
from messaging.models import TextPreference
from tests.factories.accounts import make_line, signed_in_client

pytestmark = pytest.mark.django_db

PAGE = "/preferences/"


@pytest.fixture
def line() -> Line:
    return make_line()


@pytest.fixture
def client(line: Line) -> Client:
    return signed_in_client(line)


def save(client: Client, section: str = "texts", **fields: str) -> Any:
    return client.post(PAGE, {"section": section, **fields}, headers={"accept-language": "en"})


def kept() -> tuple[list[str], int | None, int | None]:
    preference = TextPreference.objects.get()
    return preference.unwanted_groups, preference.quiet_from_hour, preference.quiet_to_hour


class TestPreferences:
    def test_need_a_signed_in_line(self) -> None:
        answer = Client().get(PAGE)
        assert (answer.status_code, answer["Location"]) == (302, "/sign-in/?next=%2Fpreferences%2F")

    def test_show_what_holds_now(self, client: Client) -> None:
        page = client.get(PAGE, headers={"accept-language": "en"})
        forms = {entry["section"].name: entry["form"] for entry in page.context["sections"]}
        assert forms["texts"]["USAGE"].value() is True
        assert forms["texts"]["quiet_from"].value() == ""
        assert forms["language"]["language"].value() == "zh-hans"
        assert "22:00 as usual" in page.content.decode()

    def test_offer_no_switch_without_effect(self, client: Client) -> None:
        page = client.get(PAGE, headers={"accept-language": "en"}).content.decode()
        assert "REQUIRED" not in page
        assert "Send me offers" not in page

    def test_do_not_find_another_section(self, client: Client) -> None:
        assert save(client, "money").status_code == 404
        assert save(client, "").status_code == 404

    def test_need_the_form_token(self, line: Line) -> None:
        client = signed_in_client(line)
        client.handler.enforce_csrf_checks = True
        assert save(client).status_code == 403


class TestTextsSection:
    def test_keeps_what_was_chosen(self, client: Client) -> None:
        answer = save(client, STAR="on", PARTNER="on", EXPIRY="on", quiet_from="20", quiet_to="9")
        assert (answer.status_code, answer["Location"]) == (302, "/preferences/#texts")
        assert kept() == (["USAGE"], 20, 9)
        page = client.get(PAGE, headers={"accept-language": "en"})
        assert "Saved." in page.content.decode()
        form = page.context["sections"][0]["form"]
        assert [form[name].value() for name in ("USAGE", "EXPIRY", "quiet_from", "quiet_to")] == [False, True, 20, 9]

    def test_completes_one_hour_by_the_usual_other(self, client: Client) -> None:
        save(client, STAR="on", PARTNER="on", USAGE="on", EXPIRY="on", quiet_from="", quiet_to="10")
        assert kept() == ([], 22, 10)

    def test_goes_back_to_the_usual_hours(self, client: Client) -> None:
        save(client, STAR="on", PARTNER="on", USAGE="on", EXPIRY="on", quiet_from="20", quiet_to="9")
        save(client, STAR="on", PARTNER="on", USAGE="on", EXPIRY="on", quiet_from="", quiet_to="")
        assert kept() == ([], None, None)

    def test_keeps_what_there_is_no_box_for(self, client: Client, line: Line) -> None:
        save(client, STAR="on", PARTNER="on", USAGE="on", EXPIRY="on")
        TextPreference.objects.update(unwanted_groups=["OFFER"])
        save(client, STAR="on", PARTNER="on", USAGE="on")
        assert kept()[0] == ["EXPIRY", "OFFER"]

    @pytest.mark.parametrize(("quiet_from", "quiet_to"), [("3", "9"), ("20", "15"), ("x", "9"), ("-1", "")])
    def test_says_what_cannot_be_chosen(self, client: Client, quiet_from: str, quiet_to: str) -> None:
        answer = save(client, USAGE="on", quiet_from=quiet_from, quiet_to=quiet_to)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Please check what you entered" in page
        assert 'href="#texts-quiet_' in page
        assert TextPreference.objects.count() == 0


class TestLanguageSection:
    def test_keeps_the_language_of_texts(self, client: Client, line: Line) -> None:
        answer = save(client, "language", language="en")
        assert (answer.status_code, answer["Location"]) == (302, "/preferences/#language")
        line.refresh_from_db()
        assert line.language == "en"

    def test_refuses_another(self, client: Client, line: Line) -> None:
        assert save(client, "language", language="fr").status_code == 422
        line.refresh_from_db()
        assert line.language == "zh-hans"
