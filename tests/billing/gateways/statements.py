"""Files of a day as each provider writes them: two payments and a refund."""

from tests.cashiers.alipay import SELLER_ID
from tests.cashiers.wechatpay import APP_ID, MERCHANT_ID

_PLAIN = """merchant,movement,number,provider_number,amount_yuan,at
online-business-hall,PAYMENT,P1,T1,50.00,2026-11-21 10:00:00
online-business-hall,PAYMENT,P2,T2,1234.56,2026-11-21 23:59:59
online-business-hall,REFUND,R1,RT1,20.00,2026-11-21 12:00:00
""".encode("utf-8-sig")

_ALIPAY = f"""#支付宝业务明细查询
#账号：[{SELLER_ID}0156]
#起始日期：[2026年11月21日 00:00:00]   终止日期：[2026年11月22日 00:00:00]
#-----------------------------------------业务明细列表----------------------------------------
支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）,备注
T1\t,P1\t,交易,充值\t,2026-11-21 10:00:00,2026-11-21 10:00:08,*晓(138***@x.cn)\t,50.00,50.00,\t,-0.30,\t
T2\t,P2\t,交易,充值\t,2026-11-21 23:59:00,2026-11-21 23:59:59,*国(139***@x.cn)\t,1234.56,1234.56,\t,-7.41,\t
T1\t,P1\t,退款,充值\t,2026-11-21 12:00:00,2026-11-21 12:00:00,*晓(138***@x.cn)\t,-20.00,-20.00,R1\t,0.12,\t
#-----------------------------------------业务明细列表结束------------------------------------
#交易合计：2笔，商家实收共1284.56元，商家优惠共0.00元
#退款合计：1笔，商家实收退款共-20.00元，商家优惠退款共0.00元
#导出时间：[2026年11月22日 09:00:00]
""".encode("gbk")

_WECHATPAY_COLUMNS = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,"
    "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
)


def _wechatpay(
    at: str, transaction: str, number: str, paid: str, refund: tuple[str, str, str, str] | None = None
) -> str:
    theirs, ours, amount, status = refund or ("0", "0", "0.00", "")
    values = [at, APP_ID, MERCHANT_ID, "0", "", transaction, number, "oX1", "MWEB", "REFUND" if refund else "SUCCESS"]
    values += ["CMB_CREDIT", "CNY", "0.00" if refund else paid, "0.00", theirs, ours, amount, "0.00"]
    values += [
        "ORIGINAL" if refund else "",
        status,
        "充值",
        "",
        "0.30000",
        "0.60%",
        "0.00" if refund else paid,
        amount,
        "",
    ]
    return ",".join(f"`{value}" for value in values)


_WECHATPAY = "\r\n".join(
    [
        _WECHATPAY_COLUMNS,
        _wechatpay("2026-11-21 10:00:08", "T1", "P1", "50.00"),
        _wechatpay("2026-11-21 23:59:59", "T2", "P2", "1234.56"),
        _wechatpay("2026-11-21 12:00:00", "T1", "P1", "50.00", ("RT1", "R1", "20.00", "SUCCESS")),
        _wechatpay("2026-11-21 13:00:00", "T2", "P2", "1234.56", ("RT2", "R2", "1.00", "PROCESSING")),
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
        "`4,`1284.56,`21.00,`0.00,`7.71000,`1284.56,`21.00",
        "",
    ]
).encode("utf-8-sig")

BY_PROVIDER = {"sandbox": _PLAIN, "memory": _PLAIN, "alipay": _ALIPAY, "wechatpay": _WECHATPAY}
# Alipay knows a refund by the number of its payment.
REFUND_NUMBER = {"sandbox": "RT1", "memory": "RT1", "alipay": "T1", "wechatpay": "RT1"}
OTHER_MERCHANT = {
    "sandbox": (b"online-business-hall", b"somebody-else"),
    "memory": (b"online-business-hall", b"somebody-else"),
    "alipay": (SELLER_ID.encode(), b"2088000000000002"),
    "wechatpay": (MERCHANT_ID.encode(), b"1900000002"),
}
