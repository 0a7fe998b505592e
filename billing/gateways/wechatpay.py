"""WeChat Pay (微信支付) API v3, through wechatpayv3, with WeChat Pay's public key.

The customer pays in WeChat, to which the address of an H5 payment leads from the phone's browser. Notices are signed by
WeChat Pay and encrypted with our API key. Documents: https://pay.weixin.qq.com/doc/v3/merchant/4012791832.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from wechatpayv3 import WeChatPay, WeChatPayType

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
from billing.gateways.wechatpay_statement import read_wechatpay_statement
from billing.gateways.wire import AnswerUnusable, Wire
from kernel.clock import SHANGHAI

_CURRENCY = "CNY"
_SIGNATURE_TYPE = "WECHATPAY2-SHA256-RSA2048"
_SIGNED_WITH = ("Signature", "Signature-Type", "Timestamp", "Nonce", "Serial")
_API_KEY_LENGTH = 32
_OUTCOMES = {
    "SUCCESS": PaymentOutcome.PAID,
    "REFUND": PaymentOutcome.GIVEN_BACK,
    "NOTPAY": PaymentOutcome.OPEN,
    "USERPAYING": PaymentOutcome.OPEN,
    "CLOSED": PaymentOutcome.REFUSED,
    "REVOKED": PaymentOutcome.REFUSED,
    "PAYERROR": PaymentOutcome.REFUSED,
}
# Refused for good; with any other code the same refund may still go through.
_REFUND_REFUSED = {"INVALID_REQUEST", "PARAM_ERROR", "RESOURCE_NOT_EXISTS"}


class WechatpayProvider(PaymentProvider):
    """WeChat Pay as the hall sees it."""

    name = "wechatpay"

    def __init__(self) -> None:
        if len(settings.WECHATPAY_API_KEY) != _API_KEY_LENGTH:
            raise ImproperlyConfigured(f"WECHATPAY_API_KEY is not {_API_KEY_LENGTH} characters long.")
        self._wire = Wire(self.name)
        self._client = WeChatPay(
            wechatpay_type=WeChatPayType.H5,
            mchid=settings.WECHATPAY_MERCHANT_ID,
            appid=settings.WECHATPAY_APP_ID,
            private_key=private_pem("WECHATPAY_PRIVATE_KEY", settings.WECHATPAY_PRIVATE_KEY),
            cert_serial_no=settings.WECHATPAY_CERTIFICATE_SERIAL,
            apiv3_key=settings.WECHATPAY_API_KEY,
            public_key=public_pem("WECHATPAY_PUBLIC_KEY", settings.WECHATPAY_PUBLIC_KEY),
            public_key_id=settings.WECHATPAY_PUBLIC_KEY_ID,
            timeout=settings.PAYMENT_TIMEOUT,
        )
        # The library knows one address only, and keeps it here.
        self._client._core._gate_way = settings.WECHATPAY_GATEWAY

    @property
    def merchant(self) -> str:
        return f"{settings.WECHATPAY_APP_ID}/{settings.WECHATPAY_MERCHANT_ID}"

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
        status, answer = self._ask(
            self._client.pay,
            description=title,
            out_trade_no=payment_number,
            amount={"total": amount_fen, "currency": _CURRENCY},
            time_expire=expires_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            scene_info={"payer_client_ip": payer.address, "h5_info": {"type": "Wap"}},
            notify_url=settings.PUBLIC_URL + reverse("billing:payment-callback", args=[self.name]),
        )
        address = answer.get("h5_url")
        if status != 200 or not isinstance(address, str) or not address.startswith(f"{settings.WECHATPAY_PAGE}/"):
            raise ProviderUnavailable
        joint = "&" if urlsplit(address).query else "?"
        return f"{address}{joint}redirect_url={quote(settings.PUBLIC_URL + return_path, safe='')}"

    def read_notice(self, *, body: bytes, headers: Mapping[str, str]) -> PaymentNotice:
        # Only these, under the names that the library looks for first: it would believe other spellings as well.
        signed_with = {f"Wechatpay-{name}": headers.get(f"Wechatpay-{name}", "") for name in _SIGNED_WITH}
        if (
            # For a serial it does not know the library would ask WeChat Pay for certificates, whoever sent this.
            signed_with["Wechatpay-Serial"] != settings.WECHATPAY_PUBLIC_KEY_ID
            or signed_with["Wechatpay-Signature-Type"] != _SIGNATURE_TYPE
        ):
            raise NoticeSignatureWrong
        try:
            if not self._client._core._verify_signature(signed_with, body.decode()):
                raise NoticeSignatureWrong
        except UnicodeError:
            raise NoticeSignatureWrong from None
        notice = self._opened(signed_with, body)
        try:
            signed_at = datetime.fromtimestamp(int(signed_with["Wechatpay-Timestamp"]), UTC)
            if not notice["event_type"].startswith("TRANSACTION."):
                raise NoticeUnreadable
            return PaymentNotice(_payment(notice["resource"]), signed_at)
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError, OSError):
            raise NoticeUnreadable from None

    def query_payment(self, *, payment_number: str) -> Payment:
        status, answer = self._ask(self._client.query, out_trade_no=payment_number)
        if status == 404 and answer.get("code") in ("ORDER_NOT_EXIST", "ORDERNOTEXIST"):
            return Payment(payment_number, "", PaymentOutcome.REFUSED, 0, _CURRENCY, self.merchant)
        if status != 200 or answer.get("out_trade_no") != payment_number:
            raise ProviderUnavailable
        try:
            return _payment(answer)
        except (KeyError, ValueError, TypeError):
            raise ProviderUnavailable from None

    def refund_payment(
        self, *, refund_number: str, payment_number: str, paid_fen: int, amount_fen: int, reason: str, now: datetime
    ) -> ProviderRefund:
        status, answer = self._ask(
            self._client.refund,
            out_refund_no=refund_number,
            out_trade_no=payment_number,
            reason=reason,
            amount={"refund": amount_fen, "total": paid_fen, "currency": _CURRENCY},
        )
        if status in (400, 404) and answer.get("code") in _REFUND_REFUSED:
            return ProviderRefund(RefundOutcome.REFUSED)
        if status != 200 or answer.get("out_refund_no") != refund_number:
            raise ProviderUnavailable
        number = str(answer.get("refund_id", ""))
        if answer.get("status") == "SUCCESS":
            return ProviderRefund(RefundOutcome.DONE, number, _instant(answer.get("success_time")) or now)
        if answer.get("status") == "CLOSED":
            return ProviderRefund(RefundOutcome.REFUSED, number)
        # PROCESSING, and ABNORMAL: the payer's card is gone and our staff decide at WeChat Pay's where it goes.
        return ProviderRefund(RefundOutcome.UNDER_WAY, number)

    def read_statement(self, *, content: bytes) -> list[StatementLine]:
        return read_wechatpay_statement(content, merchant_id=settings.WECHATPAY_MERCHANT_ID)

    def _ask(self, call: Any, **arguments: Any) -> tuple[int, dict[str, Any]]:
        """Ask WeChat Pay and return status and answer; the library has verified the signature of a good one.

        :raises ProviderUnavailable: there is none.
        """
        with self._wire.call():
            try:
                status, text = call(**arguments)
            except (OSError, ValueError):
                raise
            except Exception as error:
                # The library raises plain Exception for an answer that is not signed as it should be.
                raise AnswerUnusable from error
            answer = json.loads(text)
            if status >= 500 or status == 429 or not isinstance(answer, dict):
                raise AnswerUnusable
            return status, answer

    def _opened(self, signed_with: dict[str, str], body: bytes) -> dict[str, Any]:
        try:
            notice = self._client.callback(signed_with, body)
        except Exception:
            # Plain Exception again, for a cipher it does not know; ValueError and the like for a body of another shape.
            raise NoticeUnreadable from None
        if not isinstance(notice, dict):
            raise NoticeUnreadable
        return notice


def _payment(fields: Mapping[str, Any]) -> Payment:
    """Translate WeChat Pay's words; those of a notice and of an answer are the same.

    :raises KeyError, ValueError, TypeError: something is missing or not what it should be.
    """
    outcome = _OUTCOMES[fields["trade_state"]]
    paid = outcome is PaymentOutcome.PAID
    amount = fields.get("amount", {})
    total = amount["total"] if paid else 0
    if type(total) is not int:
        raise ValueError("not an amount in fen")
    return Payment(
        payment_number=parse_number(fields["out_trade_no"]),
        # A payment that was not made has none.
        provider_payment_number=parse_number(fields["transaction_id"]) if paid else "",
        outcome=outcome,
        paid_fen=total,
        currency=str(amount.get("currency", _CURRENCY)),
        merchant=f"{fields['appid']}/{fields['mchid']}",
        paid_at=_instant(fields.get("success_time")) if paid else None,
    )


def _instant(text: str | None) -> datetime | None:
    """Read RFC 3339, with its offset.

    :raises ValueError: it is not.
    """
    if not text:
        return None
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("an instant without its time zone")
    return instant
