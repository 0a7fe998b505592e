import pytest

from accounts.models import Line, LineState
from accounts.operations.set_text_language import LanguageUnknown, set_text_language
from kernel.errors import NotFound
from tests.factories.accounts import make_line

pytestmark = pytest.mark.django_db


class TestSetTextLanguage:
    def test_sets_it_for_this_line_only(self) -> None:
        line, other = make_line(), make_line()
        set_text_language(account_id=line.account_id, line_id=line.id, language="en")
        line.refresh_from_db()
        other.refresh_from_db()
        assert (line.language, other.language) == ("en", "zh-hans")

    @pytest.mark.parametrize("language", ["fr", "", "EN"])
    def test_refuses_what_we_do_not_speak(self, language: str) -> None:
        line = make_line()
        with pytest.raises(LanguageUnknown):
            set_text_language(account_id=line.account_id, line_id=line.id, language=language)
        line.refresh_from_db()
        assert line.language == "zh-hans"

    def test_does_not_find_a_line_of_another_account_or_a_closed_one(self) -> None:
        mine, other = make_line(), make_line()
        with pytest.raises(NotFound):
            set_text_language(account_id=mine.account_id, line_id=other.id, language="en")
        Line.objects.filter(account_id=mine.account_id).update(state=LineState.CLOSED)
        with pytest.raises(NotFound):
            set_text_language(account_id=mine.account_id, line_id=mine.id, language="en")
