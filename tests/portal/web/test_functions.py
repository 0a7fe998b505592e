import pytest
from django.test import Client
from django.utils import translation

from portal.web.functions import list_functions
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line
from tests.pages import words

pytestmark = pytest.mark.django_db


def found(searched: str, language: str = "zh-hans") -> list[str]:
    """Return the URL names of what is found."""
    with translation.override(language):
        return [function.page for function in list_functions() if function.is_called(searched)]


class TestFunctions:
    @pytest.mark.parametrize(
        ("searched", "page"),
        [
            ("话费", "home"),
            ("交费", "billing:top-up"),
            ("退订", "packages:subscriptions"),
            ("发票", "billing:e-invoices"),
            ("剩余 流量", "packages:allowance"),
            ("忘记密码", "accounts:service-password"),
            ("人工", "help"),
            ("ＩＮＶＯＩＣＥ", "billing:e-invoices"),
            ("cancel", "packages:subscriptions"),
        ],
    )
    def test_are_found_by_what_people_call_them(self, searched: str, page: str) -> None:
        assert page in found(searched)

    def test_are_all_there_without_words(self) -> None:
        everything = [function.page for function in list_functions()]
        assert found("") == everything
        assert len(everything) == len(set(everything)) > 20

    def test_lead_to_pages_that_answer(self) -> None:
        client = signed_in_client(make_line())
        answers = {function.page: client.get(function.url, follow=True).status_code for function in list_functions()}
        assert {page for page, status in answers.items() if status != 200} == set()

    def test_are_listed_for_visitors_too(self) -> None:
        assert "E-invoices" in words(Client().get("/functions/", headers={"accept-language": "en"}), main=True)

    def test_say_where_else_to_look_when_nothing_is_called_so(self) -> None:
        answer = Client().get("/functions/", {"q": '"><b>'}, headers={"accept-language": "en"})
        page = answer.content.decode()
        assert "<b>" not in page
        assert "/packages/?q=%22%3E%3Cb%3E" in page or "/packages/?q=&quot;&gt;&lt;b&gt;" in page
