"""Texts about money, in both languages."""

from dataclasses import replace
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing.models import AdjustmentReason, TopUpFailure
from messaging.texts import ENGLISH, SmsTemplate, month_words

TOP_UP_RECEIVED = SmsTemplate(
    kind="TOP_UP_RECEIVED",
    zh="充值成功：{at}为号码{number}充值{amount}元，当前余额{balance}元。",
    en="Topped up: {amount} yuan for number {number} at {at}. Balance now: {balance} yuan.",
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("top-up received"),
)

TOP_UP_RECEIVED_WITH_BONUS = replace(
    TOP_UP_RECEIVED,
    zh="充值成功：{at}为号码{number}充值{amount}元，赠送{bonus}元，当前余额{balance}元。",
    en="Topped up: {amount} yuan and a bonus of {bonus} yuan for number {number} at {at}. Balance now: {balance} yuan.",
    name=_("top-up received, with bonus"),
    variant="WITH_BONUS",
)

AUTOMATIC_TOP_UP_RECEIVED = replace(
    TOP_UP_RECEIVED,
    zh="自动充值成功：号码{number}余额低于设定值，{at}已从尾号{card}的银行卡扣款充值{amount}元，当前余额{balance}元。",
    en=(
        "Topped up automatically: the balance of {number} fell below your threshold, and {amount} yuan came from the"
        " card ending in {card} at {at}. Balance now: {balance} yuan."
    ),
    name=_("automatic top-up"),
    variant="AUTOMATIC",
)
AUTOMATIC_TOP_UP_RECEIVED_WITH_BONUS = replace(
    TOP_UP_RECEIVED,
    zh=(
        "自动充值成功：号码{number}余额低于设定值，{at}已从尾号{card}的银行卡扣款充值{amount}元，赠送{bonus}元，"
        "当前余额{balance}元。"
    ),
    en=(
        "Topped up automatically: the balance of {number} fell below your threshold, and {amount} yuan came from the"
        " card ending in {card} at {at}, with a bonus of {bonus} yuan. Balance now: {balance} yuan."
    ),
    name=_("automatic top-up, with bonus"),
    variant="AUTOMATIC_WITH_BONUS",
)
AUTOMATIC_TOP_UP_FAILED = SmsTemplate(
    kind="AUTOMATIC_TOP_UP_FAILED",
    zh="自动充值未成功：号码{number}需充值{amount}元，尾号{card}的银行卡扣款失败（{reason}）。{at}后将再次尝试。",
    en=(
        "Automatic top-up failed: {amount} yuan for {number} could not be taken from the card ending in {card}"
        " ({reason}). It is tried again after {at}."
    ),
    lifetime=timedelta(days=1),
    urgent=False,
    name=_("automatic top-up failed"),
)
AUTOMATIC_TOP_UP_STOPPED = replace(
    AUTOMATIC_TOP_UP_FAILED,
    kind="AUTOMATIC_TOP_UP_STOPPED",
    zh=(
        "自动充值已停用：尾号{card}的银行卡连续{tries}次扣款失败（{reason}），号码{number}不再自动充值。"
        "请登录网上营业厅检查银行卡后重新开启。"
    ),
    en=(
        "Automatic top-up of {number} has stopped: the card ending in {card} failed {tries} times in a row ({reason})."
        " Check the card and turn it on again in the online hall."
    ),
    name=_("automatic top-up stopped"),
)
AUTOMATIC_TOP_UP_AT_LIMIT = replace(
    AUTOMATIC_TOP_UP_FAILED,
    kind="AUTOMATIC_TOP_UP_AT_LIMIT",
    zh="自动充值已达上限：号码{number}余额低于设定值，但本月自动充值已用{spent}元，上限{limit}元，本月不再自动充值。",
    en=(
        "Automatic top-up is at its limit: the balance of {number} fell below your threshold, but {spent} of {limit}"
        " yuan were used this month. Nothing more is taken this month."
    ),
    name=_("automatic top-up at its limit"),
)
_FAILURES = {
    TopUpFailure.REFUSED: ("银行未同意", "refused by the bank"),
    TopUpFailure.NOT_PAID_IN_TIME: ("银行未及时处理", "not paid in time"),
    TopUpFailure.NOT_ENOUGH_MONEY: ("卡内余额不足", "not enough money on it"),
    TopUpFailure.CARD_BLOCKED: ("卡已被银行冻结", "blocked by the bank"),
    TopUpFailure.BANK_LIMIT: ("超过银行限额", "the bank's limit is reached"),
    TopUpFailure.AGREEMENT_ENDED: ("绑定已在银行解除", "no longer linked at the bank"),
    TopUpFailure.BANK_NOT_ASKED: ("银行暂时无法连接", "the bank cannot be reached"),
}

SANDBOX_BANK_CODE = SmsTemplate(
    kind="SANDBOX_BANK_CODE",
    zh="演示银行：您正在绑定尾号{card}的银行卡，验证码{code}，{minutes}分钟内有效。请勿告知任何人。",
    en=(
        "Sandbox bank: you are linking the card ending in {card}. Your code is {code}. It works for {minutes} minutes."
        " Tell it to nobody."
    ),
    lifetime=timedelta(seconds=settings.BANK_CODE_LIFETIME),
    urgent=True,
    secret=True,
    name=_("code of the sandbox bank"),
)

TOP_UP_REFUNDED = SmsTemplate(
    kind="TOP_UP_REFUNDED",
    zh="退款成功：{at}已将号码{number}的充值款{amount}元原路退回，当前余额{balance}元。",
    en="Refunded: {amount} yuan of a top-up of {number} went back to the payer at {at}. Balance now: {balance} yuan.",
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("top-up given back"),
)
TOP_UP_REFUNDED_WITHOUT_BONUS = replace(
    TOP_UP_REFUNDED,
    zh="退款成功：{at}已将号码{number}的充值款{amount}元原路退回，并收回该笔充值的赠款{bonus}元，当前余额{balance}元。",
    en=(
        "Refunded: {amount} yuan of a top-up of {number} went back to the payer at {at}, and its bonus of {bonus} yuan"
        " was taken back. Balance now: {balance} yuan."
    ),
    name=_("top-up given back, with its bonus"),
    variant="WITHOUT_BONUS",
)

# What the customer has just asked for is told at once; what the hall charges by itself waits for the morning.
CHARGE_NOTICE = SmsTemplate(
    kind="CHARGE_NOTICE",
    zh="扣费提醒：号码{number}于{at}因{name}扣费{amount}元，当前余额{balance}元。",
    en="Charge notice: {amount} yuan for {name}, number {number}, at {at}. Balance now: {balance} yuan.",
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("charge notice"),
)
CHARGE_NOTICE_IN_DAYTIME = replace(CHARGE_NOTICE, urgent=False)
CHARGE_DUE = SmsTemplate(
    kind="CHARGE_DUE",
    zh="欠费提醒：号码{number}于{at}因{name}应付{amount}元，余额{balance}元不足，尚未扣款，共欠费{owed}元。请通过网上营业厅或充值卡充值，到账后自动缴清。",
    en=(
        "Payment due: {amount} yuan for {name}, number {number}, at {at}. Your balance of {balance} yuan is not enough;"
        " you owe {owed} yuan in all. Top up in the online hall or with a recharge card: it is then paid by itself."
    ),
    lifetime=timedelta(days=3),
    urgent=False,
    name=_("charge notice, not all paid"),
)
DUES_PAID = SmsTemplate(
    kind="DUES_PAID",
    zh="缴清提醒：{at}已为号码{number}扣缴欠费{amount}元，欠费已全部缴清，当前余额{balance}元。",
    en="Paid: {amount} yuan that you owed for number {number}, at {at}. You owe nothing now. Balance: {balance} yuan.",
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("dues paid"),
)
DUES_PAID_IN_PART = replace(
    DUES_PAID,
    zh="扣费提醒：{at}已为号码{number}扣缴欠费{amount}元，尚欠{owed}元，当前余额{balance}元，请继续充值缴清。",
    en=(
        "Paid: {amount} yuan that you owed for number {number}, at {at}. You still owe {owed} yuan. Balance now:"
        " {balance} yuan. Top up to pay the rest."
    ),
    name=_("dues paid in part"),
    variant="IN_PART",
)

BILL_READY = SmsTemplate(
    kind="BILL_READY",
    zh="{month}账单已出，合计{total}元。请登录网上营业厅，在“账单”中查看每项费用及其变化原因。",
    en="Your bill of {month} is ready: {total} yuan. See each charge and what changed in the online hall, under Bills.",
    lifetime=timedelta(days=7),
    urgent=False,
    name=_("bill ready"),
)
BILL_UNUSUAL = SmsTemplate(
    kind="BILL_UNUSUAL",
    zh="{month}账单已出，合计{total}元，超过前三个月平均{average}元的五倍。请登录网上营业厅，在“账单”中查看每项费用及其变化原因，如有疑问请与我们联系。",
    en=(
        "Your bill of {month} is ready: {total} yuan, more than five times your average of {average} yuan in the three"
        " months before. See each charge and what changed in the online hall, under Bills, and ask us about any doubt."
    ),
    lifetime=timedelta(days=7),
    urgent=False,
    name=_("bill ready, unusually high"),
)
ADJUSTMENT_CREDITED = SmsTemplate(
    kind="ADJUSTMENT",
    zh="调账提醒：{at}因{reason}为号码{number}返还{amount}元，当前余额{balance}元。",
    en="Adjustment: {amount} yuan given back for number {number} at {at} ({reason}). Balance now: {balance} yuan.",
    lifetime=timedelta(days=3),
    urgent=False,
    name=_("adjustment, money given back"),
)
ADJUSTMENT_DEBITED = replace(
    ADJUSTMENT_CREDITED,
    zh="调账提醒：{at}因{reason}从号码{number}补扣{amount}元，当前余额{balance}元。",
    en="Adjustment: {amount} yuan taken from number {number} at {at} ({reason}). Balance now: {balance} yuan.",
    name=_("adjustment, money taken"),
    variant="DEBITED",
)
# Without the invoice number: a text with so many digits is taken for the PIN of a recharge card, and blotted out.
E_INVOICE_ISSUED = SmsTemplate(
    kind="E_INVOICE",
    zh="电子发票已开具：{what}，金额{amount}元。请登录网上营业厅，在“电子发票”中查看发票号码。",
    en="E-invoice issued: {what}, {amount} yuan. See its number in the online hall, under E-invoices.",
    lifetime=timedelta(days=7),
    urgent=False,
    name=_("e-invoice issued"),
)
E_INVOICE_REFUSED = replace(
    E_INVOICE_ISSUED,
    zh="电子发票未能开具：{what}，金额{amount}元，原因：{reason}。请登录网上营业厅，在“电子发票”中重新申请。",
    en=(
        "Your e-invoice could not be issued: {what}, {amount} yuan. Reason: {reason}. Ask again in the online hall,"
        " under E-invoices."
    ),
    name=_("e-invoice that could not be issued"),
    variant="REFUSED",
)
_ADJUSTMENT_REASONS = {
    AdjustmentReason.WRONG_CHARGE: ("误收费用", "charged wrongly"),
    AdjustmentReason.MISSING_CHARGE: ("漏收费用", "not charged by mistake"),
    AdjustmentReason.SERVICE_FAULT: ("服务故障补偿", "compensation for a fault"),
    AdjustmentReason.PAYMENT_DISPUTE: ("缴费核对", "payment cleared up"),
    AdjustmentReason.GOODWILL: ("客户关怀", "goodwill"),
}


def charge_words(language: str, *, name: str, provider_name: str) -> str:
    """Return what was charged and for whom it is collected: "视频会员（某公司）", "Video club (Some Ltd.)"."""
    if not provider_name:
        return name
    return f"{name} ({provider_name})" if language == ENGLISH else f"{name}（{provider_name}）"


def adjustment_words(language: str, reason: str) -> str:
    """Return the reason of an adjustment as texts write it."""
    chinese, english = _ADJUSTMENT_REASONS[AdjustmentReason(reason)]
    return english if language == ENGLISH else chinese


def invoice_subject_words(language: str, period_date: date | None) -> str:
    """Return what an invoice is of as texts write it: "2026年10月账单", "a top-up"."""
    if period_date is None:
        return "a top-up" if language == ENGLISH else "充值"
    month = month_words(language, period_date)
    return f"bill of {month}" if language == ENGLISH else f"{month}账单"


def own_bar_words(language: str, days: int) -> str:
    """Return what the fee of a stop at the customer's request is called on the bill."""
    return f"Number kept for {days} days" if language == ENGLISH else f"停机保号费（{days}天）"


def late_fee_words(language: str, first_date: date) -> str:
    """Return what the late fee of a month is called: "违约金（2026年10月）", "Late fee of Oct 2026"."""
    month = month_words(language, first_date)
    return f"Late fee of {month}" if language == ENGLISH else f"违约金（{month}）"


def failure_words(language: str, failure: str) -> str:
    """Return why a card paid nothing, as texts write it."""
    chinese, english = _FAILURES[TopUpFailure(failure)]
    return english if language == ENGLISH else chinese
