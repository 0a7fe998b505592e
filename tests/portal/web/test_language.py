import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


class TestLanguageSwitch:
    def test_changes_the_language_and_keeps_it(self) -> None:
        client = Client()
        assert '<html lang="zh-hans"' in client.get("/complaints/").content.decode()
        answer = client.post("/language/", {"language": "en", "next": "/complaints/"})
        assert (answer.status_code, answer["Location"]) == (302, "/complaints/")
        assert '<html lang="en"' in client.get("/complaints/").content.decode()
        cookie = answer.cookies["django_language"]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")

    def test_follows_the_browser_until_somebody_chooses(self) -> None:
        page = Client().get("/complaints/", headers={"Accept-Language": "en-GB,en;q=0.9"}).content.decode()
        assert '<html lang="en"' in page

    @pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "/\\evil.example"])
    def test_leads_to_no_other_site(self, wanted: str) -> None:
        answer = Client().post("/language/", {"language": "en", "next": wanted})
        assert (answer.status_code, answer["Location"]) == (302, "/")

    def test_stays_chinese_for_a_language_that_the_hall_does_not_speak(self) -> None:
        client = Client()
        client.post("/language/", {"language": "fr", "next": "/complaints/"})
        assert '<html lang="zh-hans"' in client.get("/complaints/").content.decode()
