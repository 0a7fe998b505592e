from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Line
from billing.gateways.base import StatementUnreadable
from billing.gateways.plain_statement import COLUMNS
from billing.gateways.sandbox import SandboxProvider, payment_of
from billing.models import Reconciliation, ReconciliationDifference, Refund, TopUp
from billing.operations.payment_callbacks import settle_payment
from billing.operations.reconcile_payments import DayNotOver, reconcile_payments
from billing.operations.refunds import approve_refund, request_refund
from billing.operations.sandbox_cashier import decide_sandbox_payment
from billing.operations.settle_refunds import settle_refunds
from billing.queries.sandbox_payments import get_sandbox_payment
from billing.queries.sandbox_statement import list_sandbox_statement
from kernel.clock import SHANGHAI
from kernel.errors import NotFound
from tests.factories.billing import PAYER, make_line, make_top_up

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 21)
STARTS = datetime(2026, 11, 21, tzinfo=SHANGHAI)
NOON = STARTS + timedelta(hours=12)
NEXT_DAY = STARTS + timedelta(days=1, hours=9)


def pay(line: Line, *, amount_fen: int = 50_00, at: datetime = NOON, heard: bool = True) -> TopUp:
    """Pay a top-up at the sandbox; unless `heard`, the hall does not learn of it."""
    top_up = make_top_up(line, amount_fen=amount_fen, now=at)
    SandboxProvider().create_payment(
        payment_number=top_up.payment_number, amount_fen=amount_fen, title="", return_path="/", payer=PAYER,
        expires_at=top_up.expires_at, now=at,
    )  # fmt: skip
    decide_sandbox_payment(payment_number=top_up.payment_number, paid=True, now=at)
    if heard:
        payment = payment_of(get_sandbox_payment(top_up.payment_number))
        settle_payment(top_up=top_up, payment=payment, now=at + timedelta(seconds=30))
    return top_up


def give_back(top_up: TopUp, *, amount_fen: int, at: datetime = NOON) -> Refund:
    refund = request_refund(
        account_id=top_up.account_id, top_up_id=top_up.id, amount_fen=amount_fen, reason="x", staff_id=1,
        request_key="k", now=at,
    )  # fmt: skip
    approve_refund(account_id=top_up.account_id, refund_id=refund.id, staff_id=2, now=at)
    settle_refunds(now=at)
    return refund


def sandbox_file(day_starts_at: datetime = STARTS) -> bytes:
    return b"".join(list_sandbox_statement(starts_at=day_starts_at, ends_at=day_starts_at + timedelta(days=1)))


def file_of(*rows: str) -> bytes:
    return "\r\n".join([",".join(COLUMNS), *(f"online-business-hall,{row}" for row in rows)]).encode()


def reconcile(content: bytes, *, provider: str = "sandbox", now: datetime = NEXT_DAY) -> Reconciliation:
    return reconcile_payments(provider=provider, day=DAY, content=content, file_name="day.csv", now=now)


def differences() -> list[tuple[str, str, str, int | None, int | None, str]]:
    return list(
        ReconciliationDifference.objects.order_by("position").values_list(
            "kind", "movement", "number", "our_fen", "their_fen", "our_state"
        )
    )


class TestReconcilePayments:
    def test_finds_nothing_when_both_books_agree(self) -> None:
        top_up = pay(make_line())
        pay(make_line(), amount_fen=1234_56, at=STARTS)
        give_back(top_up, amount_fen=20_00)
        report = reconcile(sandbox_file())
        assert (report.our_count, report.our_fen) == (3, 50_00 + 1234_56 - 20_00)
        assert (report.their_count, report.their_fen) == (3, 50_00 + 1234_56 - 20_00)
        assert (report.difference_count, differences()) == (0, [])

    def test_takes_a_day_from_midnight_to_midnight_by_the_providers_clock(self) -> None:
        pay(make_line(), at=STARTS - timedelta(seconds=1))
        pay(make_line(), at=STARTS + timedelta(days=1) - timedelta(seconds=1))
        pay(make_line(), at=STARTS + timedelta(days=1))
        report = reconcile(sandbox_file())
        assert (report.our_count, report.their_count, report.difference_count) == (1, 1, 0)

    def test_finds_what_we_have_and_they_do_not(self) -> None:
        top_up = pay(make_line())
        reconcile(file_of())
        assert differences() == [("MISSING_THERE", "PAYMENT", top_up.payment_number, 50_00, None, "SUCCEEDED")]
        assert ReconciliationDifference.objects.get().account_id == top_up.account_id

    def test_finds_what_they_have_and_we_do_not(self) -> None:
        reconcile(file_of("PAYMENT,20261121ffff,SB9,50.00,x", "REFUND,R9,SR9,1.00,x"))
        assert differences() == [
            ("MISSING_HERE", "PAYMENT", "20261121ffff", None, 50_00, ""),
            ("MISSING_HERE", "REFUND", "R9", None, 1_00, ""),
        ]

    def test_finds_what_was_paid_without_our_hearing_of_it(self) -> None:
        top_up = pay(make_line(), heard=False)
        reconcile(sandbox_file())
        assert differences() == [("STATE_DIFFERS", "PAYMENT", top_up.payment_number, 50_00, 50_00, "PENDING")]

    def test_finds_amounts_that_differ(self) -> None:
        top_up = pay(make_line())
        refund = give_back(top_up, amount_fen=20_00)
        reconcile(sandbox_file().replace(b"50.00", b"50.01").replace(b"20.00", b"19.99"))
        assert differences() == [
            ("AMOUNT_DIFFERS", "PAYMENT", top_up.payment_number, 50_00, 50_01, "SUCCEEDED"),
            ("AMOUNT_DIFFERS", "REFUND", refund.refund_number, 20_00, 19_99, "SUCCEEDED"),
        ]

    def test_finds_what_stands_on_another_day_here(self) -> None:
        top_up = pay(make_line(), at=STARTS + timedelta(days=1))
        reconcile(sandbox_file(STARTS + timedelta(days=1)))
        assert differences() == [("DAY_DIFFERS", "PAYMENT", top_up.payment_number, 50_00, 50_00, "SUCCEEDED")]

    def test_finds_what_the_file_names_twice(self) -> None:
        top_up = pay(make_line())
        line = f"PAYMENT,{top_up.payment_number},SB,50.00,x"
        report = reconcile(file_of(line, line))
        assert (report.their_count, report.their_fen) == (2, 100_00)
        assert differences() == [("REPEATED_THERE", "PAYMENT", top_up.payment_number, 50_00, 50_00, "SUCCEEDED")]

    def test_gives_the_same_result_again_and_keeps_one_report(self) -> None:
        for _number in range(3):
            pay(make_line())
        pay(make_line(), heard=False)
        content = file_of("PAYMENT,a,b,1.00,x", "PAYMENT,c,d,1.00,x")
        first, found = reconcile(content), differences()
        second = reconcile(content, now=NEXT_DAY + timedelta(days=5))
        assert (second.our_count, second.difference_count) == (first.our_count, 5)
        assert (differences(), Reconciliation.objects.count()) == (found, 1)

    def test_replaces_the_report_when_the_books_were_put_right(self) -> None:
        top_up = pay(make_line(), heard=False)
        assert reconcile(sandbox_file()).difference_count == 1
        payment = payment_of(get_sandbox_payment(top_up.payment_number))
        settle_payment(top_up=top_up, payment=payment, now=NEXT_DAY)
        assert reconcile(sandbox_file()).difference_count == 0
        assert differences() == []

    @pytest.mark.parametrize(
        "content", [b"", b"PK\x03\x04", file_of("PAYMENT,a,b,-1.00,x"), file_of("GIFT,a,b,1.00,x")]
    )
    def test_refuses_a_file_it_cannot_read_and_keeps_the_report_that_was_there(self, content: bytes) -> None:
        reconcile(file_of("PAYMENT,a,b,1.00,x"))
        with pytest.raises(StatementUnreadable):
            reconcile(content)
        assert len(differences()) == 1

    def test_refuses_a_day_that_is_not_over(self) -> None:
        with pytest.raises(DayNotOver):
            reconcile(file_of(), now=STARTS + timedelta(hours=23, minutes=59))
        assert not Reconciliation.objects.exists()

    @pytest.mark.parametrize("provider", ["alipay", "PARTNER", ""])
    def test_refuses_a_provider_that_is_not_in_use(self, provider: str) -> None:
        with pytest.raises(NotFound):
            reconcile(file_of(), provider=provider)
        assert not Reconciliation.objects.exists()


class TestCommands:
    def test_write_the_sandboxes_file_and_find_no_difference_in_it(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pay(make_line())
        path = tmp_path / "day.csv"
        call_command("write_sandbox_statement", str(path), "--date", "2026-11-21")
        call_command("reconcile_payments", str(path), "--provider", "sandbox", "--date", "2026-11-21")
        assert capsys.readouterr().out.splitlines() == [
            f"1 movements of 2026-11-21 written to {path}.",
            "1 movements here, 1 in the file, 0 differences.",
        ]

    def test_end_with_one_when_there_is_a_difference(self, tmp_path: Path) -> None:
        pay(make_line())
        path = tmp_path / "day.csv"
        path.write_bytes(file_of())
        with pytest.raises(SystemExit) as ended:
            call_command("reconcile_payments", str(path), "--provider", "sandbox", "--date", "2026-11-21")
        assert ended.value.code == 1
        assert Reconciliation.objects.get().difference_count == 1

    @pytest.mark.parametrize(
        ("content", "provider", "said"),
        [
            (b"nothing", "sandbox", StatementUnreadable.message),
            (None, "sandbox", "cannot be read: No such file"),
            (file_of(), "paypal", NotFound.message),
        ],
    )
    def test_say_what_is_wrong(self, tmp_path: Path, content: bytes | None, provider: str, said: object) -> None:
        path = tmp_path / "day.csv"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(CommandError, match=str(said)):
            call_command("reconcile_payments", str(path), "--provider", provider, "--date", "2026-11-21")
        assert not Reconciliation.objects.exists()
