"""Alipay's side, as its documents describe it: RSA2 over sorted parameters, and over the answer's own text."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from kernel.clock import SHANGHAI
from kernel.money import parse_yuan, yuan_text
from tests.cashiers.server import FakeCashier

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"


@dataclass
class Trade:
    number: str
    amount_fen: int
    status: str = "WAIT_BUYER_PAY"
    paid_at: datetime | None = None
    refunds: dict[str, int] = field(default_factory=dict)

    @property
    def trade_no(self) -> str:
        return f"2026112222001{self.number[-12:]}"


class FakeAlipay(FakeCashier):
    """Trades come to be when the customer's browser reaches the page, as at Alipay's."""

    def __init__(self) -> None:
        super().__init__()
        self.gateway = f"{self.address}/gateway.do"
        self.trades: dict[str, Trade] = {}
        self.visits: dict[str, dict[str, str]] = {}
        self.fund_change = "Y"
        self.refund_refusal = ""

    def settings(self) -> dict[str, Any]:
        return {
            "PAYMENT_PROVIDER": "alipay",
            "ALIPAY_GATEWAY": self.gateway,
            "ALIPAY_APP_ID": APP_ID,
            "ALIPAY_SELLER_ID": SELLER_ID,
            "ALIPAY_APP_PRIVATE_KEY": self.ours.private_pem,
            "ALIPAY_PUBLIC_KEY": self.theirs.public_pem,
        }

    def visit(self, url: str) -> Trade:
        """Do what the customer's browser and Alipay do when the page is opened."""
        fields = self.verified(urlsplit(url).query)
        content = json.loads(fields["biz_content"])
        self.visits[content["out_trade_no"]] = {**fields, **content}
        trade = Trade(content["out_trade_no"], parse_yuan(content["total_amount"]))
        return self.trades.setdefault(trade.number, trade)

    def decide(self, number: str, *, paid: bool, now: datetime) -> None:
        trade = self.trades[number]
        trade.status, trade.paid_at = ("TRADE_SUCCESS", now) if paid else ("TRADE_CLOSED", None)

    def notice(self, number: str, *, now: datetime, **changes: str) -> tuple[bytes, dict[str, str]]:
        """Return body and headers of the notice about a trade as it stands; `changes` are signed as well."""
        trade = self.trades[number]
        fields = {
            "notify_time": f"{now.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
            "notify_type": "trade_status_sync",
            "notify_id": "2026112200222063000036510000000001",
            "app_id": APP_ID,
            "seller_id": SELLER_ID,
            "charset": "utf-8",
            "version": "1.0",
            "sign_type": "RSA2",
            "trade_no": trade.trade_no,
            "out_trade_no": trade.number,
            "trade_status": trade.status,
            "total_amount": yuan_text(trade.amount_fen),
            "subject": "充值 138 0013 8000",
        }
        if trade.paid_at:
            fields["gmt_payment"] = f"{trade.paid_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        return self.signed_notice({**fields, **changes})

    def signed_notice(self, fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
        text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()) if name != "sign_type")
        signature = base64.b64encode(self.signing_key.sign(text.encode())).decode()
        body = urlencode({**fields, "sign": signature}).encode()
        return body, {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}

    def verified(self, query: str) -> dict[str, str]:
        """Return the fields of a request that our own key signed."""
        fields = dict(parse_qsl(query, strict_parsing=True))
        signature = fields.pop("sign")
        text = "&".join(f"{name}={value}" for name, value in sorted(fields.items()))
        self.ours.verify(text.encode(), base64.b64decode(signature))
        return fields

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        fields = self.verified(urlsplit(request.path).query)
        method, content = fields["method"], json.loads(fields["biz_content"])
        self.asked.append(method)
        answer = getattr(self, f"_{method.removeprefix('alipay.trade.').replace('.', '_')}")(content)
        text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        signature = base64.b64encode(self.signing_key.sign(text.encode())).decode()
        whole = f'{{"{method.replace(".", "_")}_response":{text},"sign":"{signature}"}}'
        return 200, {"Content-Type": "text/html;charset=utf-8"}, whole.encode()

    def _query(self, content: dict[str, str]) -> dict[str, Any]:
        trade = self.trades.get(content["out_trade_no"])
        if trade is None:
            return _refusal("ACQ.TRADE_NOT_EXIST")
        answer = {
            "code": "10000",
            "msg": "Success",
            "out_trade_no": trade.number,
            "trade_no": trade.trade_no,
            "trade_status": trade.status,
            "total_amount": yuan_text(trade.amount_fen),
        }
        if trade.paid_at:
            answer["send_pay_date"] = f"{trade.paid_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
        return answer

    def _refund(self, content: dict[str, str]) -> dict[str, Any]:
        trade = self.trades.get(content["out_trade_no"])
        if trade is None or self.refund_refusal:
            return _refusal(self.refund_refusal or "ACQ.TRADE_NOT_EXIST")
        key, amount_fen = content["out_request_no"], parse_yuan(content["refund_amount"])
        repeated = key in trade.refunds
        if not repeated and sum(trade.refunds.values()) + amount_fen > trade.amount_fen:
            return _refusal("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
        if self.fund_change == "Y":
            trade.refunds[key] = amount_fen
        return {
            "code": "10000",
            "msg": "Success",
            "out_trade_no": trade.number,
            "trade_no": trade.trade_no,
            "fund_change": "N" if repeated else self.fund_change,
            "refund_fee": yuan_text(sum(trade.refunds.values())),
        }

    def _fastpay_refund_query(self, content: dict[str, str]) -> dict[str, Any]:
        trade = self.trades[content["out_trade_no"]]
        done = {"refund_status": "REFUND_SUCCESS"} if content["out_request_no"] in trade.refunds else {}
        return {"code": "10000", "msg": "Success", **done}


def _refusal(sub_code: str) -> dict[str, str]:
    return {"code": "40004", "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "refused"}
