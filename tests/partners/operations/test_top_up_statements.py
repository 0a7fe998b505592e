import base64
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from accounts.models import Line
from billing.models import TopUp
from billing.operations.top_ups import credit_partner_top_up
from kernel.clock import SHANGHAI
from kernel.errors import NotFound
from kernel.ids import NIL, PublicId
from kernel.phone import national_number
from partners.models import StatementState, TopUpStatement
from partners.operations.partner_clients import revoke_partner_client
from partners.operations.top_up_statements import make_due_statements, report_statement
from tests.factories.billing import NOW, make_line, make_top_up
from tests.factories.partners import Partner, make_partner
from tests.rest.documents import undocumented
from tests.rest.test_every_resource import refusal

pytestmark = pytest.mark.django_db

# NOW is the afternoon of the 22nd in Shanghai, the day on which the partners are made.
MIDNIGHT = datetime(2026, 11, 23, tzinfo=SHANGHAI)
CLOSED = MIDNIGHT + timedelta(minutes=10)
PATH = "/tmf-api/settlement/v1/topupStatement"


@pytest.fixture
def line() -> Line:
    return make_line()


@pytest.fixture
def partner(line: Line) -> Partner:
    return make_partner(line)


def top_up(partner: Partner, line: Line, order: str, amount_fen: int, *, now: datetime = NOW) -> TopUp:
    return credit_partner_top_up(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        amount_fen=amount_fen,
        client_id=partner.client_id,
        idempotency_key=order,
        now=now,
    )


def statement_of(partner: Partner, *, now: datetime = CLOSED) -> TopUpStatement:
    make_due_statements(now=now)
    return TopUpStatement.objects.get(client__client_id=partner.client_id)


class TestMakeDueStatements:
    def test_lists_the_day_by_order_id(self, partner: Partner, line: Line) -> None:
        first = top_up(partner, line, "order-1", 50_00)
        last = top_up(partner, line, "=cmd()", 49_90, now=MIDNIGHT - timedelta(microseconds=1))
        top_up(partner, line, "order-3", 10_00, now=MIDNIGHT)
        top_up(make_partner(line), line, "order-4", 20_00)
        make_top_up(line)
        statement = statement_of(partner)
        assert (statement.day_date, statement.count, statement.total_fen) == (date(2026, 11, 22), 2, 99_90)
        number = national_number(line.msisdn)
        assert statement.content.removeprefix("\ufeff").split("\r\n") == [
            "order_id,top_up_id,number,amount_yuan,credited_at",
            f"order-1,{PublicId(line.account_id, first.id)},{number},50.00,2026-11-22T14:30:00+08:00",
            f"'=cmd(),{PublicId(line.account_id, last.id)},{number},49.90,2026-11-22T23:59:59.999999+08:00",
            "",
        ]

    def test_signs_what_a_stranger_can_check(self, partner: Partner, line: Line) -> None:
        top_up(partner, line, "order-1", 50_00)
        statement = statement_of(partner)
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(statement.public_key))
        key.verify(base64.b64decode(statement.signature), statement.content.encode())
        with pytest.raises(InvalidSignature):
            key.verify(base64.b64decode(statement.signature), statement.content.encode() + b" ")

    def test_makes_each_once_when_its_day_is_closed(self, partner: Partner) -> None:
        assert make_due_statements(now=CLOSED - timedelta(seconds=1)) == 0
        assert make_due_statements(now=CLOSED) == 1
        assert make_due_statements(now=CLOSED) == 0
        assert statement_of(partner).count == 0

    def test_makes_up_for_days_on_which_it_stood_still(self, partner: Partner) -> None:
        assert make_due_statements(now=CLOSED + timedelta(days=3)) == 4
        days = TopUpStatement.objects.order_by("day_date").values_list("day_date", flat=True)
        assert [day.day for day in days] == [22, 23, 24, 25]

    def test_leaves_out_who_tops_up_nothing(self, partner: Partner) -> None:
        make_partner(scope="balance:read")
        revoke_partner_client(client_id=partner.client_id, revoked_by="test", now=NOW)
        make_due_statements(now=CLOSED)
        assert not TopUpStatement.objects.filter(client__client_id=partner.client_id).exists()


class TestReportStatement:
    @pytest.mark.parametrize(
        ("count", "total_fen", "orders", "differences"),
        [
            (2, 99_90, None, []),
            (2, 99_90, {"order-1": 50_00, "order-2": 49_90}, []),
            (1, 99_90, None, [("COUNT", "", 2, 1)]),
            (2, 100_00, None, [("TOTAL", "", 99_90, 100_00)]),
            (
                3,
                100_00,
                {"order-1": 50_10, "order-2": 49_90, "order-9": 1},
                [
                    ("COUNT", "", 2, 3),
                    ("TOTAL", "", 99_90, 100_00),
                    ("ORDER", "order-1", 50_00, 50_10),
                    ("ORDER", "order-9", None, 1),
                ],
            ),
            (2, 99_90, {"order-2": 49_90}, [("ORDER", "order-1", 50_00, None)]),
        ],
    )
    def test_names_what_differs(
        self, partner: Partner, line: Line, count: int, total_fen: int, orders: Any, differences: Any
    ) -> None:
        top_up(partner, line, "order-1", 50_00)
        top_up(partner, line, "order-2", 49_90)
        made = statement_of(partner)
        told = report_statement(statement_id=made.id, count=count, total_fen=total_fen, orders=orders, now=CLOSED)
        assert [tuple(found.values()) for found in told.differences] == differences
        assert told.state == (StatementState.DIFFERENT if differences else StatementState.AGREED)
        again = report_statement(statement_id=made.id, count=2, total_fen=99_90, orders=None, now=CLOSED)
        assert (again.state, again.differences) == (StatementState.AGREED, [])

    def test_finds_none(self) -> None:
        with pytest.raises(NotFound):
            report_statement(statement_id=NIL, count=0, total_fen=0, orders=None, now=NOW)


class TestOverRest:
    def test_is_fetched_and_answered(self, partner: Partner, line: Line) -> None:
        top_up(partner, line, "order-1", 50_00)
        statement = statement_of(partner)
        listed = partner.get(PATH, day="2026-11-22")
        [shown] = listed.json()
        assert undocumented("GET", PATH, listed) == []
        assert (shown["count"], shown["total"], shown["state"]) == (1, {"unit": "CNY", "value": 50}, "made")
        file = partner.get(f"{PATH}/{statement.id}/file")
        assert (file.status_code, file["Content-Type"]) == (200, "text/csv; charset=utf-8")
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(shown["file"]["publicKey"]))
        key.verify(base64.b64decode(shown["file"]["signature"]), file.content)
        said = {
            "reportedCount": 1,
            "reportedTotal": {"unit": "CNY", "value": 50},
            "reportedOrder": [{"id": "order-1", "amount": {"unit": "CNY", "value": 49.99}}],
        }
        answer = partner.patch(f"{PATH}/{statement.id}", said)
        assert undocumented("PATCH", f"{PATH}/{{id}}", answer) == []
        assert answer.json()["state"] == "different"
        assert answer.json()["difference"] == [{"kind": "order", "order": "order-1", "here": "50.00", "there": "49.99"}]
        assert partner.get(PATH, state="agreed").json() == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"reportedCount": 1},
            {"reportedTotal": {"unit": "CNY", "value": 1}},
            {"reportedCount": -1, "reportedTotal": {"unit": "CNY", "value": 1}},
            {"count": 1},
        ],
    )
    def test_refuses_half_an_answer(self, partner: Partner, changes: dict[str, Any]) -> None:
        statement = statement_of(partner)
        assert refusal(partner.patch(f"{PATH}/{statement.id}", changes)) == (400, "ATTRIBUTE_INVALID")
        assert TopUpStatement.objects.get().state == StatementState.MADE

    def test_is_limited_to_the_partners_own(self, partner: Partner) -> None:
        statement = statement_of(partner)
        stranger = make_partner()
        assert stranger.get(PATH).json() == []
        for path in (f"{PATH}/{statement.id}", f"{PATH}/{statement.id}/file"):
            assert refusal(stranger.get(path))[0] == 404
