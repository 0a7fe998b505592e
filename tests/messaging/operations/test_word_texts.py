import pytest
from django.utils import translation
from pytest_django import DjangoCaptureOnCommitCallbacks

from billing.texts import CHARGE_NOTICE, CHARGE_NOTICE_IN_DAYTIME
from messaging.models import Sms, SmsWording
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch
from messaging.operations.word_texts import (
    PlaceholdersMissing,
    PlaceholdersUnknown,
    WordingChangedMeanwhile,
    WordsEmpty,
    WordsTooLong,
    WordsUnreadable,
    reset_text,
    word_text,
)
from messaging.queries import wordings as reading
from messaging.queries.templates import TemplateUnknown
from messaging.queries.wordings import forget_wordings, get_wordings
from messaging.texts import SmsTemplate
from tests.factories.messaging import NOW, make_line

pytestmark = pytest.mark.django_db

KEY = "CHARGE_NOTICE"
WORDS = "号码{number}因{name}扣费{amount}元（{at}），余额{balance}元。"
VALUES = {"number": "138****0000", "name": "月费", "amount": "5.00", "balance": "1.00", "at": "3月1日8时00分"}


@pytest.fixture(autouse=True)
def looked_up_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_FRESH_SECONDS", 0.0)
    forget_wordings()


def word(words: str = WORDS, *, version: int = 0, language: str = "zh-hans", key: str = KEY) -> SmsWording:
    return word_text(
        template_key=key, language=language, words=words, based_on_version=version, written_by="mei", now=NOW
    )


def queued(template: SmsTemplate = CHARGE_NOTICE, *, language: str = "zh-hans") -> str:
    line = make_line()
    queue_sms_batch(
        requests=[SmsRequest(line.account_id, line.msisdn, template, language, VALUES, "charge:1")], now=NOW
    )
    return Sms.objects.get(account_id=line.account_id).body


class TestWordText:
    def test_is_used_by_the_next_text(self) -> None:
        word()
        assert queued() == "【和风通信】号码138****0000因月费扣费5.00元（3月1日8时00分），余额1.00元。"

    def test_is_used_whether_the_text_is_urgent_or_not(self) -> None:
        word()
        assert queued(CHARGE_NOTICE_IN_DAYTIME) == queued(CHARGE_NOTICE)

    def test_leaves_the_other_language_alone(self) -> None:
        before = queued(language="en")
        word()
        assert queued(language="en") == before
        assert before.startswith("[Hefeng Telecom] Charge notice:")

    def test_keeps_every_version_with_its_author(self) -> None:
        word()
        word(WORDS + "！", version=1)
        versions = SmsWording.objects.order_by("version").values_list("version", "words", "written_by", "written_at")
        assert list(versions) == [(1, WORDS, "mei", NOW), (2, WORDS + "！", "mei", NOW)]
        assert get_wordings() == {(KEY, "zh-hans"): WORDS + "！"}

    def test_counts_parts_anew(self) -> None:
        word(WORDS + "长" * 70)
        queued()
        assert Sms.objects.get().parts == 2

    def test_forgives_line_ends_and_blanks(self) -> None:
        assert word(f"  {WORDS}\r\n谢谢 \n").words == f"{WORDS}\n谢谢"

    @pytest.mark.parametrize(
        ("words", "refusal", "sentence"),
        [
            ("", WordsEmpty, "There are no words."),
            (" \r\n ", WordsEmpty, "There are no words."),
            (WORDS + "长" * 600, WordsTooLong, "at most 600"),
            ("扣费{amount}元", PlaceholdersMissing, "{at}, {balance}, {name}, {number}"),
            (WORDS + "{price}", PlaceholdersUnknown, "{price}"),
            (WORDS + "{", WordsUnreadable, "Braces"),
            (WORDS + "}", WordsUnreadable, "Braces"),
            (WORDS + "{}", WordsUnreadable, "Braces"),
            (WORDS + "{0}", WordsUnreadable, "Braces"),
            (WORDS + "{amount!r}", WordsUnreadable, "Braces"),
            (WORDS + "{amount:>99}", WordsUnreadable, "Braces"),
            (WORDS + "{amount.__class__}", WordsUnreadable, "Braces"),
            (WORDS + "{amount[0]}", WordsUnreadable, "Braces"),
            (WORDS + "{金额}", PlaceholdersUnknown, "{金额}"),
        ],
    )
    def test_refuses_what_would_not_say_everything(self, words: str, refusal: type[Exception], sentence: str) -> None:
        with pytest.raises(refusal) as refused:
            word(words)
        assert sentence in _in_english(refused.value)
        assert SmsWording.objects.count() == 0

    def test_takes_braces_that_stand_for_themselves(self) -> None:
        word(WORDS + "{{}}")
        assert queued().endswith("。{}")

    def test_refuses_a_text_that_nobody_has(self) -> None:
        with pytest.raises(TemplateUnknown):
            word(key="NO_SUCH_TEXT")

    def test_notices_that_somebody_else_was_quicker(self) -> None:
        word()
        with pytest.raises(WordingChangedMeanwhile):
            word("别的" + WORDS)
        assert SmsWording.objects.get().words == WORDS


class TestResetText:
    def test_is_the_default_again(self) -> None:
        default = queued()
        word()
        assert queued() != default
        reset_text(template_key=KEY, language="zh-hans", based_on_version=1, written_by="mei", now=NOW)
        assert queued() == default
        assert SmsWording.objects.count() == 2

    def test_notices_that_somebody_else_was_quicker(self) -> None:
        word()
        with pytest.raises(WordingChangedMeanwhile):
            reset_text(template_key=KEY, language="zh-hans", based_on_version=0, written_by="mei", now=NOW)


class TestGetWordings:
    def test_asks_the_database_every_other_second(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clock = [100.0]
        monkeypatch.setattr(reading, "_FRESH_SECONDS", 2.0)
        monkeypatch.setattr("messaging.queries.wordings.time.monotonic", lambda: clock[0])
        assert get_wordings() == {}
        word()
        clock[0] = 101.9
        assert get_wordings() == {}
        clock[0] = 102.0
        assert get_wordings() == {(KEY, "zh-hans"): WORDS}

    def test_knows_at_once_what_this_process_has_changed(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        monkeypatch.setattr(reading, "_FRESH_SECONDS", 3600.0)
        assert get_wordings() == {}
        with django_capture_on_commit_callbacks(execute=True):
            word()
        assert get_wordings() == {(KEY, "zh-hans"): WORDS}


class TestAWordingThatNoLongerFits:
    def test_gives_way_to_the_default(self) -> None:
        SmsWording.objects.create(
            template_key=KEY, language="zh-hans", version=1, words="{gone}", written_by="mei", written_at=NOW
        )
        assert queued().startswith("【和风通信】扣费提醒：")


def _in_english(refusal: Exception) -> str:
    with translation.override("en"):
        return str(refusal)
