from datetime import datetime
from typing import Any

import pytest

from accounts.models import DocumentDirectory, IdentityDocument, Line, NumberDirectory, SimCard
from accounts.operations.numbers import NumberTaken
from billing.models import Charge
from kernel.clock import SHANGHAI, Month
from messaging.models import Sms
from packages_app.models import Bucket, FirstMonthRule, Subscription, UsageKind
from packages_app.operations.eligibility import NotInProvince, NotOnSale
from packages_app.operations.open_line import PlanNeeded, open_line
from packages_app.operations.turn_month import turn_month
from tests.books import broken_invariants
from tests.factories.accounts import fresh_document, fresh_sim
from tests.factories.packages_app import GB, make_offering, make_plan

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 21, 12, tzinfo=SHANGHAI)
NUMBER = "+8613912345678"


def plan(**fields: Any) -> str:
    fields = {"first_month": FirstMonthRule.BY_DAYS, **fields}
    return make_plan({UsageKind.DATA: 30 * GB, UsageKind.VOICE: 30_000, UsageKind.SMS: 60}, **fields).code


def opened(code: str, **changes: Any) -> Line:
    who: dict[str, Any] = {
        "customer_name": "韩梅",
        "document": fresh_document(),
        "msisdn": NUMBER,
        "province": "CN-GD",
        "language": "zh-hans",
    }
    return open_line(**{**who, **changes}, offering_code=code, now=NOON)


class TestOpenLine:
    @pytest.mark.django_db(transaction=True)
    def test_gives_plan_allowances_and_fee_for_the_days_that_are_left(self) -> None:
        line = opened(plan())
        subscription = Subscription.objects.get(account_id=line.account_id)
        assert (subscription.started_at, subscription.ends_at, subscription.line_id) == (NOON, None, line.id)
        totals = dict(Bucket.objects.values_list("usage_kind", "total"))
        assert totals == {"DATA": 10 * GB, "VOICE": 10_000, "SMS": 20}
        charge = Charge.objects.get(account_id=line.account_id)
        assert (charge.amount_fen, charge.settled_at, charge.reason_id) == (19_67, None, subscription.id)
        assert broken_invariants() == {}

    def test_welcomes_once_with_all_that_counts(self) -> None:
        line = opened(plan())
        welcome = Sms.objects.get(account_id=line.account_id, kind="WELCOME")
        assert welcome.body == (
            "【和风通信】欢迎使用，您的号码139 1234 5678已开通。套餐“畅享套餐59元”每月59.00元，"
            "含流量30 GB、语音500分钟、短信60条；首月收费19.67元。"
            "网上营业厅可变更套餐、退订业务，发送CXYE查话费、CXLL查余量、"
            "0000查已订业务。咨询请拨10086。"
        )
        assert welcome.due_at == NOON

    def test_welcomes_in_english(self) -> None:
        line = opened(plan(), language="en")
        welcome = Sms.objects.get(account_id=line.account_id, kind="WELCOME")
        assert (
            "includes 30 GB of data, 500 minutes of calls, 60 texts; the first month costs 19.67 yuan" in welcome.body
        )

    def test_pays_the_next_month_at_its_turn(self) -> None:
        line = opened(plan())
        december = Month(2026, 12)
        turned = turn_month(month=december, now=datetime(2026, 12, 1, 0, 5, tzinfo=SHANGHAI))
        assert (turned.due, turned.buckets) == (1, 3)
        amounts = Charge.objects.filter(account_id=line.account_id).order_by("charged_at").values_list("amount_fen")
        assert list(amounts) == [(19_67,), (59_00,)]

    def test_keeps_the_document_and_the_card_sealed(self) -> None:
        document, sim = fresh_document(), fresh_sim()
        line = opened(plan(), document=document, sim=sim)
        kept = IdentityDocument.objects.get()
        card = SimCard.objects.get()
        assert (kept.account_id, kept.kind, kept.masked) == (
            line.account_id,
            "RESIDENT_CARD",
            "999*************" + document.number[-2:],
        )
        assert (card.line_id, card.iccid, card.reason, card.to_at) == (line.id, sim.iccid, "FIRST", None)
        assert document.number not in kept.number_sealed
        assert sim.puk not in card.puk_sealed
        assert DocumentDirectory.objects.get().lines == 1

    def test_refuses_a_number_in_use_and_makes_nothing(self) -> None:
        code = plan()
        opened(code)
        before = (Line.objects.count(), Subscription.objects.count(), Sms.objects.count())
        with pytest.raises(NumberTaken):
            opened(code, customer_name="李雷")
        assert (Line.objects.count(), Subscription.objects.count(), Sms.objects.count()) == before
        assert DocumentDirectory.objects.filter(lines__gt=0).count() == 1

    @pytest.mark.parametrize(
        ("fields", "refusal"),
        [({"provinces": ["CN-ZJ"]}, NotInProvince), ({"on_sale_to": NOON}, NotOnSale)],
    )
    def test_refuses_what_the_line_may_not_have_and_makes_nothing(
        self, fields: dict[str, Any], refusal: type[Exception]
    ) -> None:
        code = plan(**fields)
        with pytest.raises(refusal):
            opened(code)
        assert (Line.objects.count(), NumberDirectory.objects.count(), Sms.objects.count()) == (0, 0, 0)

    def test_refuses_what_is_no_plan(self) -> None:
        with pytest.raises(PlanNeeded):
            opened(make_offering().code)
        assert Line.objects.count() == 0
