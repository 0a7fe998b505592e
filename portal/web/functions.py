"""What the hall can do, each with the words that people use for it: all of it on one page, and found by searching."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

LONGEST_SEARCH = 40


@dataclass(frozen=True, slots=True)
class Function:
    """One thing a customer can do.

    :ivar page: URL name.
    :ivar icon: name in the sprite.
    :ivar words: what people call it, in both languages, besides its label.
    """

    page: str
    label: str | Promise
    icon: str
    words: str = ""

    @property
    def url(self) -> str:
        return reverse(self.page)

    def is_called(self, searched: str) -> bool:
        """Tell whether every word that is searched for stands in what it is called."""
        called = _plain(f"{self.label} {self.words}")
        return all(word in called for word in _plain(searched).split())


BALANCE = Function(
    "home", pgettext_lazy("money", "Balance"), "balance", "话费 余额 查话费 还剩多少钱 balance credit money left"
)
BILL = Function(
    "billing:bill",
    _("Bill"),
    "bill",
    "账单 历史账单 上月账单 月结 消费 花了多少 话费账单 扣费 为什么扣钱 bill invoice cost",
)
TOP_UP = Function("billing:top-up", _("Top up"), "top-up", "充值 交费 缴费 充话费 交话费 续费 top up recharge pay")
STATEMENT = Function(
    "billing:statement", _("Statement"), "balance", "收支 明细 流水 扣费记录 充值记录 statement history movements"
)
SERVICES = Function(
    "packages:subscriptions", _("My services"), "subscriptions", "已订 退订 取消 业务 套餐 服务 cancel unsubscribe have"
)
ALLOWANCES = Function(
    "packages:allowance",
    _("Allowances"),
    "data",
    "流量 剩余 余量 语音 分钟 短信 还剩多少 data minutes texts left usage",
)
OFFERS = Function(
    "packages:catalogue",
    _("Order services"),
    "order",
    "办理 订购 套餐 流量包 加油包 漫游 会员 order buy plan pack roaming",
)
ORDERS = Function("packages:orders", _("My orders"), "records", "订单 办理记录 确认 二次确认 orders confirm waiting")
RECORDS = Function(
    "packages:usage-details", _("Detail records"), "records", "详单 通话记录 上网记录 清单 call records detail log"
)

STAR = Function(
    "billing:star",
    pgettext_lazy("rating", "Credit star"),
    "star",
    "信用星级 星级 信用 透支 免停机 几星 credit star rating overdraft",
)

GROUPS: tuple[tuple[str | Promise, tuple[Function, ...]], ...] = (
    (
        pgettext_lazy("functions", "Money"),
        (
            *(BALANCE, TOP_UP, BILL, STAR),
            Function("billing:points", _("Points"), "star", "积分 兑换 积分商城 points redeem"),
            STATEMENT,
            Function(
                "billing:top-up-other", _("Top up another number"), "handset", "代充 帮人充值 给别人 家人 family friend"
            ),
            Function("billing:recharge-card", _("Recharge card"), "top-up", "充值卡 卡密 刮刮卡 voucher scratch card"),
            Function("billing:automatic-top-up", _("Automatic top-up"), "refresh", "自动充值 自动缴费 代扣 auto"),
            Function("billing:payment-methods", _("Payment methods"), "lock", "银行卡 绑卡 支付方式 解绑 bank card"),
            Function("billing:e-invoices", _("E-invoices"), "bill", "发票 电子发票 开票 报销 抬头 fapiao invoice tax"),
        ),
    ),
    (
        pgettext_lazy("functions", "Services"),
        (
            *(ALLOWANCES, RECORDS, SERVICES, OFFERS),
            Function("packages:compare", _("Compare plans"), "order", "对比 换套餐 改套餐 哪个划算 change plan"),
            ORDERS,
            Function("packages:cart", _("Order together"), "order", "合并 购物车 一起办 cart several"),
        ),
    ),
    (
        _("My number"),
        (
            Function(
                "accounts:service-password", _("Service password"), "lock", "密码 服务密码 忘记密码 改密码 password"
            ),
            Function(
                "accounts:sign-ins", _("Where you are signed in"), "shield", "设备 登录 安全 下线 盗用 devices security"
            ),
            Function(
                "accounts:privacy", _("Privacy"), "shield", "隐私 个人信息 下载 推荐 privacy own data download copy"
            ),
            Function(
                "accounts:preferences", _("Preferences"), "bell", "设置 短信提醒 免打扰 语言 提醒 texts quiet language"
            ),
            Function(
                "accounts:profile",
                _("My profile"),
                "person",
                "个人资料 实名 证件 联系人 邮箱 号码历史 资料 profile name document contact e-mail",
            ),
            Function("accounts:puk", "PUK", "lock", "解锁 PUK码 PIN 锁卡 sim卡锁 sim locked unlock"),
            Function(
                "packages:port-out",
                _("Take the number to another operator"),
                "handset",
                "携号转网 转网 携转 换运营商 CXXZ port leave",
            ),
            Function(
                "billing:barring",
                _("Stop and restore"),
                "stop",
                "停机 复机 停复机 挂失 手机丢了 丢失 停机保号 欠费停机 开机 lost sim stolen suspend restore stopped",
            ),
            Function(
                "accounts:sign-in", _("Add another number"), "person", "添加号码 绑定号码 副卡 家人 second number"
            ),
        ),
    ),
    (
        _("Help"),
        (
            Function("help", _("Help"), "help", "帮助 怎么 常见问题 客服 人工 faq how question person"),
            Function("care:outlets", _("Shops"), "home", "营业厅 网点 门店 附近 地址 在哪 outlet shop store nearby"),
            Function("care:hotspots", _("WLAN hotspots"), "search", "WLAN 热点 无线 上网 wifi wi-fi hotspot nearby"),
            Function(
                "care:tickets",
                _("Complaints and questions"),
                "send",
                "投诉 咨询 建议 不满意 工单 客服 complain complaint question ticket",
            ),
            Function("complaints", _("How complaints are handled"), "phone", "投诉 申诉 客服 12300 appeal"),
            Function(
                "accessibility", _("Accessibility statement"), "elder", "无障碍 长辈版 大字 读屏 accessible large"
            ),
        ),
    ),
)


@require_safe
def functions(request: HttpRequest) -> HttpResponse:
    """List every function by its group, or those that are called `q`."""
    searched = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    groups = [
        (title, found) for title, listed in GROUPS if (found := [one for one in listed if one.is_called(searched)])
    ]
    return render(request, "portal/functions.html", {"groups": groups, "searched": searched})


def list_functions() -> Iterator[Function]:
    """Yield all that can be done."""
    for _title, listed in GROUPS:
        yield from listed


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
