import pytest
from django.test import Client

from messaging.models import SmsWording
from tests.factories.accounts import staff_client

pytestmark = pytest.mark.django_db

LIST = "/staff/messaging/smswording/"
PAGE = f"{LIST}BILL_READY/"
WORDS = "{month}的账单来了，共{total}元。"


@pytest.fixture
def supervisor() -> Client:
    return staff_client("supervisor")


def post(
    client: Client, words: str = WORDS, *, button: str = "save", version: int = 0, language: str = "zh-hans"
) -> str:
    fields = {"language": language, f"{language}-words": words, f"{language}-version": version, button: "1"}
    answer = client.post(PAGE, fields, follow=True, headers={"accept-language": "en"})
    assert answer.status_code == 200
    return answer.content.decode()


class TestTheList:
    def test_shows_every_text_with_its_parts_and_who_worded_it(self, supervisor: Client) -> None:
        post(supervisor)
        page = supervisor.get(LIST, headers={"accept-language": "en"}).content.decode()
        assert "BILL_READY" in page
        assert "TOP_UP_RECEIVED.WITH_BONUS" in page
        assert WORDS in page
        assert "bill ready, unusually high" in page

    def test_is_for_staff_only(self) -> None:
        assert Client().get(LIST).status_code == 302
        assert Client().get(PAGE).status_code == 302


class TestThePageOfAText:
    def test_shows_both_languages_with_sample_values(self, supervisor: Client) -> None:
        page = supervisor.get(PAGE, headers={"accept-language": "en"}).content.decode()
        assert "【和风通信】2026年3月账单已出" in page
        assert "[Hefeng Telecom] Your bill of Mar 2026 is ready" in page
        assert "<code>{month}</code>" in page
        assert "Nobody has changed this text." in page

    def test_previews_without_keeping(self, supervisor: Client) -> None:
        page = post(supervisor, WORDS + "长" * 70, button="preview")
        assert "2026年3月的账单来了，共30 GB元。" in page
        assert "2 parts" in page
        assert SmsWording.objects.count() == 0

    def test_keeps_words_with_their_author(self, supervisor: Client) -> None:
        page = post(supervisor)
        assert "These words are used from now on." in page
        wording = SmsWording.objects.get()
        assert (wording.template_key, wording.language, wording.words) == ("BILL_READY", "zh-hans", WORDS)
        assert wording.written_by.startswith("supervisor-")

    def test_says_what_is_missing_and_keeps_what_was_typed(self, supervisor: Client) -> None:
        page = post(supervisor, "账单{total}元")
        assert "This has to be said too: {month}." in page
        assert "账单{total}元" in page
        assert SmsWording.objects.count() == 0

    def test_goes_back_to_the_default(self, supervisor: Client) -> None:
        post(supervisor)
        page = post(supervisor, "", button="reset", version=1)
        assert "The default is in use again." in page
        assert list(SmsWording.objects.order_by("version").values_list("words", flat=True)) == [WORDS, ""]

    def test_notices_that_somebody_else_was_quicker(self, supervisor: Client) -> None:
        post(supervisor)
        assert "Somebody else has changed this text" in post(supervisor, "新" + WORDS)

    @pytest.mark.parametrize("key", ["NO_SUCH_TEXT", "bill_ready"])
    def test_is_of_a_text_that_exists(self, supervisor: Client, key: str) -> None:
        assert supervisor.get(f"{LIST}{key}/").status_code == 404

    def test_is_of_a_language_that_exists(self, supervisor: Client) -> None:
        assert supervisor.post(PAGE, {"language": "fr"}).status_code == 404

    def test_may_be_looked_at_by_a_clerk_and_not_changed(self) -> None:
        clerk = staff_client("clerk")
        page = clerk.get(PAGE).content.decode()
        assert 'name="save"' not in page
        fields = {"language": "zh-hans", "zh-hans-words": WORDS, "zh-hans-version": 0, "save": "1"}
        assert clerk.post(PAGE, fields).status_code == 403
        assert SmsWording.objects.count() == 0
