"""WeChat Pay's side, API v3: both sides sign with RSA, and what a notice is about is sealed with the API key."""

import base64
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kernel.clock import SHANGHAI
from tests.cashiers.server import FakeCashier

MERCHANT_ID, APP_ID = "1900000001", "wx0000000000000001"
SERIAL, KEY_ID = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", "PUB_KEY_ID_0119000000012026112200000000000001"
_AUTHORIZATION = re.compile(
    r'WECHATPAY2-SHA256-RSA2048 mchid="(\d+)",nonce_str="(\w+)",signature="([^"]+)",timestamp="(\d+)",serial_no="(\w+)"'
)


@dataclass
class Order:
    number: str
    amount_fen: int
    asked: dict[str, Any]
    state: str = "NOTPAY"
    paid_at: datetime | None = None
    refunds: dict[str, int] = field(default_factory=dict)

    @property
    def transaction_id(self) -> str:
        return f"42000{self.number[-20:]}"


class FakeWechatpay(FakeCashier):
    """Orders come to be when our server asks for them."""

    def __init__(self) -> None:
        super().__init__()
        self.api_key = secrets.token_hex(16)
        self.orders: dict[str, Order] = {}
        self.refund_status = "SUCCESS"
        self.refund_refusal: tuple[int, str] | None = None

    def settings(self) -> dict[str, Any]:
        return {
            "PAYMENT_PROVIDER": "wechatpay",
            "WECHATPAY_GATEWAY": self.address,
            "WECHATPAY_MERCHANT_ID": MERCHANT_ID,
            "WECHATPAY_APP_ID": APP_ID,
            "WECHATPAY_PRIVATE_KEY": self.ours.private_pem,
            "WECHATPAY_CERTIFICATE_SERIAL": SERIAL,
            "WECHATPAY_API_KEY": self.api_key,
            "WECHATPAY_PUBLIC_KEY": self.theirs.public_pem,
            "WECHATPAY_PUBLIC_KEY_ID": KEY_ID,
        }

    def decide(self, number: str, *, paid: bool, now: datetime) -> None:
        order = self.orders[number]
        order.state, order.paid_at = ("SUCCESS", now) if paid else ("CLOSED", None)

    def resource(self, number: str) -> dict[str, Any]:
        """Return an order as it stands, in WeChat Pay's words."""
        order = self.orders[number]
        told: dict[str, Any] = {
            "appid": APP_ID,
            "mchid": MERCHANT_ID,
            "out_trade_no": number,
            "trade_state": order.state,
            "trade_state_desc": "",
        }
        if order.paid_at:
            told |= {
                "transaction_id": order.transaction_id,
                "trade_type": "MWEB",
                "success_time": order.paid_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
                "amount": {"total": order.amount_fen, "payer_total": order.amount_fen, "currency": "CNY"},
            }
        return told

    def notice(self, number: str, *, now: datetime, **changes: Any) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of the notice about an order as it stands; `changes` are sealed as well."""
        return self.signed_notice({**self.resource(number), **changes}, now=now)

    def signed_notice(
        self, contents: Any, *, now: datetime, api_key: str = "", **changes: Any
    ) -> tuple[bytes, dict[str, str]]:
        nonce = secrets.token_hex(6)
        sealed = AESGCM((api_key or self.api_key).encode()).encrypt(
            nonce.encode(), json.dumps(contents, ensure_ascii=False).encode(), b"transaction"
        )
        notice = {
            "id": "EV-2018022511223320873",
            "create_time": now.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "event_type": "TRANSACTION.SUCCESS",
            "resource_type": "encrypt-resource",
            "resource": {
                "algorithm": "AEAD_AES_256_GCM",
                "original_type": "transaction",
                "ciphertext": base64.b64encode(sealed).decode(),
                "nonce": nonce,
                "associated_data": "transaction",
            },
            "summary": "支付成功",
        }
        body = json.dumps({**notice, **changes}, ensure_ascii=False).encode()
        return body, self.signed_headers(body, at=int(now.timestamp()))

    def signed_headers(self, body: bytes, *, at: int) -> dict[str, str]:
        nonce = secrets.token_hex(16)
        signature = self.signing_key.sign(f"{at}\n{nonce}\n".encode() + body + b"\n")
        return {
            "Content-Type": "application/json",
            "Wechatpay-Timestamp": str(at),
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": base64.b64encode(signature).decode(),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
            "Wechatpay-Serial": KEY_ID,
        }

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        self._verify(request, body)
        self.asked.append(f"{request.command} {urlsplit(request.path).path}")
        status, told = self._told(request, json.loads(body) if body else {})
        answer = json.dumps(told, ensure_ascii=False).encode()
        return status, self.signed_headers(answer, at=int(time.time())), answer

    def _verify(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        found = _AUTHORIZATION.fullmatch(request.headers["Authorization"])
        assert found
        merchant, nonce, signature, at, serial = found.groups()
        assert (merchant, serial) == (MERCHANT_ID, SERIAL)
        message = f"{request.command}\n{request.path}\n{at}\n{nonce}\n".encode() + body + b"\n"
        self.ours.verify(message, base64.b64decode(signature))

    def _told(self, request: BaseHTTPRequestHandler, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        path = urlsplit(request.path).path
        if path == "/v3/pay/transactions/h5":
            number = content["out_trade_no"]
            self.orders.setdefault(number, Order(number, content["amount"]["total"], content))
            return 200, {"h5_url": f"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id={number}&package=1"}
        if path == "/v3/refund/domestic/refunds":
            return self._refund(content)
        number = path.rpartition("/")[2]
        if number not in self.orders:
            return 404, {"code": "ORDER_NOT_EXIST", "message": "订单不存在"}
        return 200, self.resource(number)

    def _refund(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        order, key = self.orders.get(content["out_trade_no"]), content["out_refund_no"]
        if self.refund_refusal:
            return self.refund_refusal[0], {"code": self.refund_refusal[1], "message": "refused"}
        if order is None:
            return 404, {"code": "RESOURCE_NOT_EXISTS", "message": "订单不存在"}
        amount_fen = content["amount"]["refund"]
        if key not in order.refunds and sum(order.refunds.values()) + amount_fen > order.amount_fen:
            return 400, {"code": "INVALID_REQUEST", "message": "退款金额大于支付金额"}
        order.refunds[key] = amount_fen
        told = {"out_refund_no": key, "refund_id": f"50300{key[-20:]}", "status": self.refund_status}
        if self.refund_status == "SUCCESS":
            told["success_time"] = "2026-11-22T14:31:00+08:00"
        return 200, told
