"""Alipay (支付宝), through python-alipay-sdk, with keys (RSA2).

The customer pays on Alipay's page, to which a signed address leads; nothing is asked of Alipay before. Its notices are
forms signed with its key. Documents: https://opendocs.alipay.com/open/270/105902 (notices), /open/028woa (queries).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from alipay import AliPay
from alipay.exceptions import AliPayException, AliPayValidationError
from alipay.utils import AliPayConfig
from django.conf import settings
from django.urls import reverse

from billing.gateways.alipay_statement import read_alipay_statement
from billing.gateways.base import (
    NoticeSignatureWrong,
    NoticeUnreadable,
    Payer,
    Payment,
    PaymentNotice,
    PaymentOutcome,
    PaymentProvider,
    ProviderRefund,
    ProviderUnavailable,
    RefundOutcome,
    StatementLine,
    parse_number,
)
from billing.gateways.keys import private_pem, public_pem
from billing.gateways.wire import AnswerUnusable, Wire
from kernel.clock import SHANGHAI
from kernel.money import AmountInvalid, parse_yuan, yuan_text

_CURRENCY = "CNY"
_ANSWERED, _NOT_DONE = "10000", "40004"
_NEVER_HEARD_OF = "ACQ.TRADE_NOT_EXIST"
# A refund refused with one of these is refused for good; with any other the same refund may still go through.
_REFUND_REFUSED = {
    "ACQ.TRADE_NOT_EXIST",
    "ACQ.TRADE_STATUS_ERROR",
    "ACQ.TRADE_HAS_FINISHED",
    "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL",
    "ACQ.REASON_TRADE_REFUND_FEE_ERR",
    "ACQ.TRADE_NOT_ALLOW_REFUND",
}
_MOST_FIELDS = 100


class _Client(AliPay):
    """The library's client, with a gateway that can be named."""

    def __init__(self, *, gateway: str, **options: Any) -> None:
        super().__init__(**options)
        self._gateway = gateway


class AlipayProvider(PaymentProvider):
    """Alipay as the hall sees it."""

    name = "alipay"

    def __init__(self) -> None:
        self._wire = Wire(self.name)
        self._client = _Client(
            gateway=settings.ALIPAY_GATEWAY,
            appid=settings.ALIPAY_APP_ID,
            app_private_key_string=private_pem("ALIPAY_APP_PRIVATE_KEY", settings.ALIPAY_APP_PRIVATE_KEY),
            alipay_public_key_string=public_pem("ALIPAY_PUBLIC_KEY", settings.ALIPAY_PUBLIC_KEY),
            sign_type="RSA2",
            config=AliPayConfig(timeout=settings.PAYMENT_TIMEOUT),
        )

    @property
    def merchant(self) -> str:
        return f"{settings.ALIPAY_APP_ID}/{settings.ALIPAY_SELLER_ID}"

    def create_payment(
        self,
        *,
        payment_number: str,
        amount_fen: int,
        title: str,
        return_path: str,
        payer: Payer,
        expires_at: datetime,
        now: datetime,
    ) -> str:
        api = self._client.api_alipay_trade_wap_pay if payer.on_handset else self._client.api_alipay_trade_page_pay
        query = api(
            subject=title,
            out_trade_no=payment_number,
            total_amount=yuan_text(amount_fen),
            return_url=settings.PUBLIC_URL + return_path,
            notify_url=settings.PUBLIC_URL + reverse("billing:payment-callback", args=[self.name]),
            seller_id=settings.ALIPAY_SELLER_ID,
            time_expire=f"{expires_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        )
        return f"{settings.ALIPAY_GATEWAY}?{query}"

    def read_notice(self, *, body: bytes, headers: Mapping[str, str]) -> PaymentNotice:
        fields = self._verified(body)
        try:
            if fields["notify_type"] != "trade_status_sync":
                raise NoticeUnreadable
            given_back = "gmt_refund" in fields
            payment = _payment(
                fields,
                merchant=f"{fields['app_id']}/{fields['seller_id']}",
                paid_at=fields.get("gmt_payment", ""),
                given_back=given_back,
            )
            return PaymentNotice(payment, _instant(fields["notify_time"]))
        except (KeyError, ValueError, AmountInvalid):
            raise NoticeUnreadable from None

    def query_payment(self, *, payment_number: str) -> Payment:
        answer = self._ask("query", out_trade_no=payment_number)
        if answer["code"] == _NOT_DONE and answer.get("sub_code") == _NEVER_HEARD_OF:
            return Payment(payment_number, "", PaymentOutcome.REFUSED, 0, _CURRENCY, self.merchant)
        if answer["code"] != _ANSWERED or answer.get("out_trade_no") != payment_number:
            raise ProviderUnavailable
        try:
            # The answer is signed for our application; it names neither that nor the seller.
            return _payment(answer, merchant=self.merchant, paid_at=answer.get("send_pay_date", ""))
        except (KeyError, ValueError, AmountInvalid):
            raise ProviderUnavailable from None

    def refund_payment(
        self, *, refund_number: str, payment_number: str, paid_fen: int, amount_fen: int, reason: str, now: datetime
    ) -> ProviderRefund:
        answer = self._ask(
            "refund",
            out_trade_no=payment_number,
            out_request_no=refund_number,
            refund_amount=yuan_text(amount_fen),
            refund_reason=reason,
        )
        if answer["code"] == _NOT_DONE and answer.get("sub_code") in _REFUND_REFUSED:
            return ProviderRefund(RefundOutcome.REFUSED)
        if answer["code"] != _ANSWERED:
            raise ProviderUnavailable
        trade_no = str(answer.get("trade_no", ""))
        if answer.get("fund_change") == "Y":
            return ProviderRefund(RefundOutcome.DONE, trade_no, now)
        # No money moved by this call: either an earlier one moved it, or it is still to move.
        known = self._ask("fastpay.refund.query", out_trade_no=payment_number, out_request_no=refund_number)
        done = known["code"] == _ANSWERED and known.get("refund_status") == "REFUND_SUCCESS"
        return ProviderRefund(RefundOutcome.DONE, trade_no, now) if done else ProviderRefund(RefundOutcome.UNDER_WAY)

    def read_statement(self, *, content: bytes) -> list[StatementLine]:
        return read_alipay_statement(content, seller_id=settings.ALIPAY_SELLER_ID)

    def _ask(self, what: str, **content: str) -> dict[str, Any]:
        """Ask Alipay and return the answer whose signature fits.

        :raises ProviderUnavailable: there is none.
        """
        with self._wire.call():
            try:
                answer = self._client.server_api(f"alipay.trade.{what}", content)
            except (AliPayException, AliPayValidationError, AttributeError, TypeError, RecursionError) as error:
                # An answer without a signature, with a wrong one, or of a shape that the library trips over.
                raise AnswerUnusable from error
            if not isinstance(answer, dict) or "code" not in answer:
                raise AnswerUnusable
            return answer

    def _verified(self, body: bytes) -> dict[str, str]:
        try:
            pairs = parse_qsl(body.decode(), True, True, max_num_fields=_MOST_FIELDS, errors="strict")
        except ValueError:
            raise NoticeSignatureWrong from None
        fields = dict(pairs)
        signature = fields.pop("sign", "")
        # A field that stands twice is signed once at most, and nobody could say which of the two.
        if len(fields) + 1 != len(pairs) or fields.get("sign_type") != "RSA2" or not signature.isascii():
            raise NoticeSignatureWrong
        try:
            genuine = self._client.verify(dict(fields), signature)
        except (ValueError, AliPayException):
            raise NoticeSignatureWrong from None
        if not genuine:
            raise NoticeSignatureWrong
        return fields


def _payment(fields: Mapping[str, Any], *, merchant: str, paid_at: str, given_back: bool = False) -> Payment:
    """Translate Alipay's words; those of a notice and of an answer are the same.

    :raises KeyError, ValueError, AmountInvalid: something is missing or not what it should be.
    """
    outcome = {
        "WAIT_BUYER_PAY": PaymentOutcome.OPEN,
        "TRADE_CLOSED": PaymentOutcome.GIVEN_BACK if given_back or paid_at else PaymentOutcome.REFUSED,
        "TRADE_SUCCESS": PaymentOutcome.PAID,
        "TRADE_FINISHED": PaymentOutcome.PAID,
    }.get(fields["trade_status"])
    if outcome is None:
        raise ValueError("not a state of a payment")
    paid = outcome is PaymentOutcome.PAID
    return Payment(
        payment_number=parse_number(fields["out_trade_no"]),
        provider_payment_number=parse_number(fields["trade_no"]),
        outcome=outcome,
        paid_fen=parse_yuan(fields["total_amount"]) if paid else 0,
        currency=fields.get("trans_currency", _CURRENCY),
        merchant=merchant,
        paid_at=_instant(paid_at) if paid and paid_at else None,
    )


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=SHANGHAI)
