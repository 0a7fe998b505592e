"""Alipay's file of a day (业务明细): CSV in GBK between lines of comment, values padded with tabs."""

import csv
import re

from billing.gateways.base import Movement, StatementLine, StatementUnreadable
from kernel.money import AmountInvalid, parse_yuan

_ACCOUNT = re.compile(r"#账号：\[(\d{16})(?:0156)?\]")
_MOVEMENTS = {"交易": Movement.PAYMENT, "退款": Movement.REFUND}
_NUMBER = {Movement.PAYMENT: "商户订单号", Movement.REFUND: "退款批次号/请求号"}


def read_alipay_statement(content: bytes, *, seller_id: str) -> list[StatementLine]:
    """Read a file of 业务明细.

    :param seller_id: our account at Alipay, 16 digits; the file names it.
    :raises StatementUnreadable: it is not one, or of another account.
    """
    try:
        lines = content.decode("gb18030").splitlines()
        accounts = [found[1] for line in lines if (found := _ACCOUNT.match(line.strip()))]
        if accounts != [seller_id]:
            raise StatementUnreadable
        table = csv.DictReader((line for line in lines if line and not line.startswith("#")), strict=True)
        rows = [{(name or "").strip(): (value or "").strip() for name, value in row.items()} for row in table]
        return [_line(row) for row in rows]
    except (csv.Error, ValueError, KeyError, AttributeError, AmountInvalid):
        raise StatementUnreadable from None


def _line(row: dict[str, str]) -> StatementLine:
    movement = _MOVEMENTS[row["业务类型"]]
    number = row[_NUMBER[movement]]
    if not number:
        raise StatementUnreadable
    # What is given back stands there as a negative amount.
    amount = row["订单金额（元）"].removeprefix("-" if movement is Movement.REFUND else "")
    return StatementLine(movement, number, row["支付宝交易号"], parse_yuan(amount))
