"""TMF681: what partners may tell customers, and what becomes of it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import Line, PartnerMessage
from accounts.operations.retention import apply_retention
from kernel.models import IdempotencyRecord
from kernel.sight import SightKind
from messaging.models import Sms, SmsState, TextGroup, TextPreference
from tests.factories.billing import NOW, make_line
from tests.factories.partners import Partner, make_partner

pytestmark = pytest.mark.django_db
MESSAGE = "/tmf-api/communicationManagement/v4/communicationMessage"
WORDS = "您的包裹已到达取件点。"


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line() -> Line:
    return make_line()


@pytest.fixture
def partner(line: Line) -> Partner:
    return make_partner(line)


def wish(line: Line, content: str = WORDS, **more: Any) -> dict[str, Any]:
    return {
        "content": content,
        "messageType": "SMS",
        "receiver": [{"phoneNumber": line.msisdn.removeprefix("+86")}],
        "sender": {"name": "和风通信客服"},
        **more,
    }


class TestSend:
    def test_goes_through_the_outbox_in_the_name_of_the_partner(self, partner: Partner, line: Line) -> None:
        made = partner.post(MESSAGE, wish(line), key="k")
        number = line.msisdn.removeprefix("+86")
        assert made.status_code == 201, made.content
        assert made.json() == {
            "id": made.json()["id"],
            "href": made.json()["href"],
            "content": WORDS,
            "messageType": "SMS",
            "receiver": [{"id": number, "phoneNumber": number}],
            "sender": {"id": partner.client_id, "name": "partner"},
            "state": "initial",
            "scheduledSendTime": "2026-11-22T06:30:00Z",
            "@type": "CommunicationMessage",
        }
        sms = Sms.objects.get(account_id=line.account_id)
        assert sms.body.endswith(f"】partner托我们告知您：{WORDS}")
        assert (sms.kind, sms.msisdn, sms.urgent) == ("PARTNER_MESSAGE", line.msisdn, False)

    def test_waits_for_the_morning(self, partner: Partner, line: Line) -> None:
        with time_machine.travel(NOW.replace(hour=15), tick=False):  # 23:00 in Shanghai
            late = make_partner(line, expires_at=NOW + timedelta(days=1))
            made = late.post(MESSAGE, wish(line), key="k").json()
        assert made["scheduledSendTime"] == "2026-11-22T23:00:00Z"

    def test_is_not_sent_to_who_wants_none(self, partner: Partner, line: Line) -> None:
        TextPreference.objects.create(
            account_id=line.account_id, msisdn=line.msisdn, unwanted_groups=[TextGroup.PARTNER], changed_at=NOW
        )
        made = partner.post(MESSAGE, wish(line), key="k").json()
        assert (made["state"], Sms.objects.get().state) == ("cancelled", SmsState.SUPPRESSED)

    def test_sends_once_when_the_kept_answer_is_gone(self, partner: Partner, line: Line) -> None:
        first = partner.post(MESSAGE, wish(line), key="k")
        IdempotencyRecord.objects.all().delete()
        assert partner.post(MESSAGE, wish(line), key="k").json() == first.json()
        IdempotencyRecord.objects.all().delete()
        other = partner.post(MESSAGE, wish(line, "Another"), key="k")
        assert (other.status_code, other.json()["code"]) == (422, "MESSAGE_KEY_REUSED")
        assert (Sms.objects.count(), PartnerMessage.objects.count()) == (1, 1)

    def test_is_counted_by_number_and_by_partner(self, partner: Partner, line: Line, settings: Settings) -> None:
        settings.PARTNER_MESSAGES_PER_NUMBER_DAY, settings.PARTNER_MESSAGES_PER_CLIENT_DAY = 2, 3
        lines = [make_line(), make_line()]
        talker = make_partner(line, *lines)
        said = [(partner, line), (talker, line), (talker, line), (talker, lines[0]), (talker, lines[1]),
                (talker, lines[1])]  # fmt: skip
        answers = [who.post(MESSAGE, wish(whom), key=f"k{number}") for number, (who, whom) in enumerate(said)]
        assert [answer.status_code for answer in answers] == [201, 201, 429, 201, 201, 429]
        assert {answer.json()["code"] for answer in answers if answer.status_code == 429} == {"MESSAGES_SPENT"}
        assert answers[2]["Retry-After"] == "86400"
        assert Sms.objects.count() == 4

    @pytest.mark.parametrize(
        ("content", "part"),
        [
            ("您的验证码已发送", "验证码"),
            ("您的验 证-码是甲", "验证码"),
            ("请输入 482913", "482913"),
            ("请输入 ４８２９１３", "482913"),
            ("Your PIN is on its way", "pin"),
            ("Verification  code follows", "verification code"),
            ("请回复是", "回复"),
            ("Reply YES", "reply"),
            ("全场优惠", "优惠"),
            ("Special\noffer for you", "special offer"),
            ("看 https://example.org", "://"),
            ("See hall-example.com", ".com"),
        ],
    )
    def test_carries_no_codes_links_or_advertising(self, partner: Partner, line: Line, content: str, part: str) -> None:
        response = partner.post(MESSAGE, wish(line, content), key="k")
        assert (response.status_code, response.json()["code"]) == (422, "CONTENT_NOT_ALLOWED")
        assert f": {part}" in response.json()["message"]
        assert (Sms.objects.count(), PartnerMessage.objects.count()) == (0, 0)

    @pytest.mark.parametrize(
        "content",
        [
            "订单202611220001已发货，2026年11月23日到达",
            "Shipping 3.5 kg, 128.50 yuan",
            "Your hotpot pinboard is ready",
            "ok 13800138000",
        ],
    )
    def test_says_what_is_harmless(self, partner: Partner, line: Line, content: str) -> None:
        assert partner.post(MESSAGE, wish(line, content), key="k").json()["content"] == content

    @pytest.mark.parametrize(
        ("change", "status", "named"),
        [
            ({"content": "  "}, 400, "content"),
            ({"content": "x" * 301}, 400, "content"),
            ({"messageType": "Email"}, 400, "messageType"),
            ({"receiver": []}, 400, "receiver"),
            ({"receiver": [{"phoneNumber": "13800138000"}] * 2}, 400, "receiver"),
            ({"receiver": [{"email": "a@example.com"}]}, 400, "receiver[0].phoneNumber"),
            ({"receiver": [{"phoneNumber": "10086"}]}, 400, "receiver[0].phoneNumber"),
            ({"receiver": [{"phoneNumber": "13999999999"}]}, 404, "receiver[0].phoneNumber"),
            ({"sender": "me"}, 400, "sender"),
            ({"scheduledSendTime": "2026-12-01T00:00:00Z"}, 400, "scheduledSendTime"),
        ],
    )
    def test_names_what_it_refuses(
        self, partner: Partner, line: Line, change: dict[str, Any], status: int, named: str
    ) -> None:
        response = partner.post(MESSAGE, wish(line) | change, key="k")
        assert response.status_code == status
        assert f"“{named}”" in response.json()["message"]
        assert Sms.objects.count() == 0

    def test_reaches_no_number_of_an_account_that_it_does_not_see(self, partner: Partner) -> None:
        other = make_line()
        known, unknown = (partner.post(MESSAGE, wish(other), key=key) for key in ("a", "b"))
        assert (known.status_code, unknown.status_code, known.content) == (404, 404, unknown.content)
        assert Sms.objects.count() == 0


class TestList:
    @pytest.mark.parametrize(
        ("state", "told"),
        [
            (SmsState.SENDING, "inProgress"),
            (SmsState.SENT, "completed"),
            (SmsState.DELIVERED, "completed"),
            (SmsState.PARKED, "failed"),
            (SmsState.EXPIRED, "failed"),
        ],
    )
    def test_tells_what_became_of_it(self, partner: Partner, line: Line, state: SmsState, told: str) -> None:
        made = partner.post(MESSAGE, wish(line), key="k").json()
        Sms.objects.filter(account_id=line.account_id).update(state=state, sent_at=NOW)
        [seen] = partner.get(MESSAGE, state=told).json()
        assert (seen["id"], seen["state"], seen["sendTime"]) == (made["id"], told, "2026-11-22T06:30:00Z")
        assert partner.get(MESSAGE, state="initial").json() == []

    def test_asks_as_many_queries_for_many_as_for_one(self, partner: Partner, line: Line) -> None:
        counts = []
        for number in range(3):
            partner.post(MESSAGE, wish(line), key=f"k{number}")
            with CaptureQueriesContext(connection) as queries:
                assert len(partner.get(MESSAGE).json()) == number + 1
            counts.append(len(queries))
        assert len(set(counts)) == 1

    def test_forgets_what_is_old(self, partner: Partner, line: Line) -> None:
        partner.post(MESSAGE, wish(line), key="k")
        apply_retention(now=NOW + timedelta(days=366))
        assert PartnerMessage.objects.count() == 0


class TestTakeBack:
    def test_leaves_nothing_of_what_waits(self, partner: Partner, line: Line) -> None:
        path = f"{MESSAGE}/{partner.post(MESSAGE, wish(line), key='k').json()['id']}"
        assert partner.call("DELETE", path).status_code == 204
        assert (Sms.objects.count(), PartnerMessage.objects.count()) == (0, 0)

    @pytest.mark.parametrize("state", [SmsState.SENDING, SmsState.SENT, SmsState.SUPPRESSED])
    def test_refuses_what_has_left(self, partner: Partner, line: Line, state: SmsState) -> None:
        path = f"{MESSAGE}/{partner.post(MESSAGE, wish(line), key='k').json()['id']}"
        Sms.objects.update(state=state)
        response = partner.call("DELETE", path)
        assert (response.status_code, response.json()["code"]) == (409, "MESSAGE_HAS_LEFT")
        assert (Sms.objects.count(), PartnerMessage.objects.count()) == (1, 1)

    def test_refuses_what_another_partner_sent(self, partner: Partner, line: Line) -> None:
        path = f"{MESSAGE}/{partner.post(MESSAGE, wish(line), key='k').json()['id']}"
        response = make_partner(sees=SightKind.ALL).call("DELETE", path)
        assert (response.status_code, response.json()["code"]) == (409, "MESSAGE_OF_ANOTHER")
        assert Sms.objects.count() == 1
