"""WeChat Pay's file of a day (交易账单, ALL): CSV in UTF-8, each value behind a backtick, a summary at the end."""

import csv
import io

from billing.gateways.base import Movement, StatementLine, StatementUnreadable
from kernel.money import AmountInvalid, parse_yuan

_SUMMARY = "总交易单数"


def read_wechatpay_statement(content: bytes, *, merchant_id: str) -> list[StatementLine]:
    """Read a file of 交易账单, unpacked. Refunds that are still under way there are left out.

    :raises StatementUnreadable: it is not one, or of another merchant.
    """
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
        ends = [number for number, row in enumerate(rows) if row and row[0] == _SUMMARY]
        if len(ends) != 1 or "商户号" not in rows[0]:
            raise StatementUnreadable
        columns = rows[0]
        lines = [
            dict(zip(columns, (value.removeprefix("`").strip() for value in row), strict=True))
            for row in rows[1 : ends[0]]
        ]
        if {line["商户号"] for line in lines} - {merchant_id}:
            raise StatementUnreadable
        return [_line(line) for line in lines if line["交易状态"] != "REFUND" or line["退款状态"] == "SUCCESS"]
    except (csv.Error, ValueError, KeyError, IndexError, AmountInvalid):
        raise StatementUnreadable from None


def _line(line: dict[str, str]) -> StatementLine:
    if line["交易状态"] == "SUCCESS":
        movement, ours, theirs, amount = Movement.PAYMENT, "商户订单号", "微信订单号", "订单金额"
    elif line["交易状态"] == "REFUND":
        movement, ours, theirs, amount = Movement.REFUND, "商户退款单号", "微信退款单号", "申请退款金额"
    else:
        raise StatementUnreadable
    if not line[ours]:
        raise StatementUnreadable
    return StatementLine(movement, line[ours], line[theirs], parse_yuan(line[amount]))
