"""What the halls of words answer, in both languages. A line that a list repeats has its own shape here too."""

from collections.abc import Callable
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from kernel.errors import Text
from kernel.volume import volume_text, whole_minutes
from messaging.texts import ENGLISH, SmsTemplate
from packages_app.models import UsageKind
from packages_app.queries.allowance import KindAllowance


def _answer(kind: str, name: Text = "", *, zh: str, en: str, variant: str = "") -> SmsTemplate:
    """An answer is awaited now: it leaves in quiet hours too, and an hour later it is worth nothing."""
    return SmsTemplate(kind=kind, zh=zh, en=en, lifetime=timedelta(hours=1), urgent=True, name=name, variant=variant)


# (Chinese, English) by what is used.
_LEFT = {
    UsageKind.DATA: ("流量剩余{left}，共{total}", "data {left} left of {total}"),
    UsageKind.VOICE: ("语音剩余{left}分钟，共{total}分钟", "calls {left} min left of {total} min"),
    UsageKind.SMS: ("短信剩余{left}条，共{total}条", "texts {left} left of {total}"),
}
_NO_DATA = ("没有套餐流量", "no data allowance")
_IN_UNITS: dict[UsageKind, Callable[[int], object]] = {
    UsageKind.DATA: volume_text,
    UsageKind.VOICE: whole_minutes,
    UsageKind.SMS: int,
}


def left_words(language: str, allowance: KindAllowance) -> str:
    """Return what is left of one kind of usage: "流量剩余8 GB，共30 GB", "data 8 GB left of 30 GB"."""
    in_units = _IN_UNITS[allowance.usage_kind]
    shape = _LEFT[allowance.usage_kind][language == ENGLISH]
    return shape.format(left=in_units(allowance.left), total=in_units(allowance.total))


def no_data_words(language: str) -> str:
    """Return that the line has no data allowance."""
    return _NO_DATA[language == ENGLISH]


BALANCE = _answer(
    "ANSWER_BALANCE",
    _("answer: balance"),
    zh="截至{at}，您的账户余额{total}元，其中现金{cash}元，赠款{bonus}元。",
    en="As of {at} your balance is {total} yuan: {cash} in cash and {bonus} in bonus.",
)
STAR = _answer(
    "ANSWER_STAR",
    _("answer: credit star"),
    zh="您的信用星级为{star}星（{points}分），可透支额度{overdraft}元，剩余{left}元。距{next_star}星还差{missing}分，评定依据见网上营业厅“信用星级”。",
    en=(
        "Your credit star is {star} ({points} points). Overdraft: {overdraft} yuan, {left} left. {missing} more points"
        " to star {next_star}. See why in the online hall, under Credit star."
    ),
)
STAR_HIGHEST = _answer(
    "ANSWER_STAR",
    _("answer: credit star, the highest"),
    zh="您的信用星级为{star}星（{points}分），已是最高星级，可透支额度{overdraft}元，剩余{left}元。评定依据请见网上营业厅“信用星级”。",
    en=(
        "Your credit star is {star} ({points} points), the highest. Overdraft: {overdraft} yuan, {left} left. See why"
        " in the online hall, under Credit star."
    ),
    variant="HIGHEST",
)
STAR_LATER = _answer(
    "ANSWER_STAR",
    _("answer: credit star, with us for too short"),
    zh="您暂无信用星级：入网满规定月数后参加评定，还需{months}个月。",
    en="You have no credit star yet: there is one once you have been with us for some months, {months} from now.",
    variant="LATER",
)
STAR_UNRATED = _answer(
    "ANSWER_STAR",
    _("answer: credit star, not rated"),
    zh="您尚未参加信用星级评定。每月初评定一次，届时可发送CXXJ查询。",
    en="You have not been rated yet. Stars are given at the beginning of each month; send CXXJ then.",
    variant="UNRATED",
)
BALANCE_OWING = _answer(
    "ANSWER_BALANCE",
    _("answer: balance, money owed"),
    zh="截至{at}，您的账户余额{total}元，其中现金{cash}元，赠款{bonus}元；另欠费{owed}元，充值{missing}元后自动缴清。",
    en=(
        "As of {at} your balance is {total} yuan: {cash} in cash and {bonus} in bonus. You owe {owed} yuan: top up"
        " {missing} yuan and it is paid by itself."
    ),
    variant="OWING",
)
PORTING_FREE = _answer(
    "ANSWER_PORTING",
    _("answer: number can be ported out"),
    zh="截至{at}，您的号码符合携号转网条件。请携带有效证件到对方营业厅办理。",
    en="As of {at} nothing keeps your number from another operator. Go to one of their shops with your document.",
)
PORTING_OBSTACLES = _answer(
    "ANSWER_PORTING",
    _("answer: number cannot be ported out"),
    zh="截至{at}，您的号码暂不符合携号转网条件：\n{lines}",
    en="As of {at} your number cannot go to another operator:\n{lines}",
    variant="OBSTACLES",
)
ALLOWANCE = _answer(
    "ANSWER_ALLOWANCE",
    _("answer: allowances"),
    zh="截至{at}，您的套餐余量：\n{lines}\n{reset}起重新计算。",
    en="Your allowances as of {at}:\n{lines}\nNew ones start on {reset}.",
)
NO_ALLOWANCE = _answer(
    "ANSWER_ALLOWANCE",
    _("answer: no allowances"),
    zh="截至{at}，您的号码没有套餐余量。",
    en="As of {at} this number has no allowances.",
    variant="NONE",
)
SUMMARY = _answer(
    "ANSWER_SUMMARY",
    _("answer to a call: plan, balance, data"),
    zh="截至{at}，当前套餐：{plan}，余额{balance}元，{data}。",
    en="As of {at}: plan {plan}, balance {balance} yuan, {data}.",
)
WHAT_I_HAVE = _answer(
    "ANSWER_LIST",
    _("answer: what the number has"),
    zh="您的套餐：{plan}。{packs}\n可退订的业务：\n{services}{ending}",
    en="Your plan: {plan}.{packs}\nServices you can cancel:\n{services}{ending}",
)
WHAT_I_HAVE_CONTINUED = _answer(
    "ANSWER_LIST",
    _("answer: what the number has, continued"),
    zh="（续）可退订的业务：\n{services}{ending}",
    en="(continued) Services you can cancel:\n{services}{ending}",
    variant="CONTINUED",
)
NOTHING_TO_CANCEL = _answer(
    "ANSWER_LIST",
    _("answer: nothing to cancel"),
    zh="您的套餐：{plan}。{packs}\n您没有可退订的业务。",
    en="Your plan: {plan}.{packs}\nYou have no services to cancel.",
    variant="NOTHING",
)
NUMBERS_UNKNOWN = _answer(
    "ANSWER_NUMBERS_UNKNOWN",
    _("answer: number not on the list"),
    zh="清单中没有序号{numbers}（最后一个是{last}），未退订任何业务。请回复清单中的序号，或发送0000重新查询。",
    en="There is no {numbers} on the list, which ends with {last}, so nothing was cancelled. Reply with numbers of the"
    " list, or text 0000 for a new one.",
)
LIST_EXPIRED = _answer(
    "ANSWER_LIST_EXPIRED",
    _("answer: list is over"),
    zh="序号清单不存在或已过期，未退订任何业务。请发送0000获取清单，{hours}小时内回复序号有效。",
    en="There is no valid list for these numbers, so nothing was cancelled. Text 0000 for a list; its numbers work for"
    " {hours} hours.",
)
ALREADY_CANCELLED = _answer(
    "ANSWER_ALREADY_CANCELLED",
    _("answer: cancelled before"),
    zh="此前已退订：{names}。无需再次操作。",
    en="Already cancelled before: {names}. There is nothing more to do.",
)
ORDER_DONE = _answer(
    "ANSWER_ORDER_DONE",
    _("answer: order done"),
    zh="办理成功：“{name}”已开通，{price}元{cycle}。发送0000可查看已订业务。",
    en='Done: "{name}" is active, {price} yuan{cycle}. Text 0000 for what you have.',
)
CART_DONE = _answer(
    "ANSWER_ORDER_DONE",
    _("answer: several orders carried out"),
    zh="办理成功：{names}已全部开通，共扣费{price}元。发送0000可查看已订业务。",
    en="Done: {names} are all active, {price} yuan in all. Text 0000 for what you have.",
    variant="SEVERAL",
)
ORDER_DONE_FOR_LATER = _answer(
    "ANSWER_ORDER_DONE",
    _("answer: order carried out, begins later"),
    zh="办理成功：“{name}”将于{day}生效，每月{price}元，生效前可撤回。发送0000可查看已订业务。",
    en='Done: "{name}" begins on {day} at {price} yuan a month and can be withdrawn before. Text 0000 for what you'
    " have.",
    variant="LATER",
)
OFFERED_ANEW = _answer(
    "ANSWER_OFFERED_ANEW",
    _("answer: offer changed, offered anew"),
    zh="“{name}”的价格或内容已变化，原订购未办理、未扣费。新的报价和确认码已另行发送，同意请按新短信回复。",
    en='The price or the contents of "{name}" changed, so nothing was ordered or charged. A new offer with its own code'
    " follows: reply to that if you agree.",
)
SEVERAL_ORDERS = _answer(
    "ANSWER_SEVERAL_ORDERS",
    _("answer: several orders wait"),
    zh="您有{count}个订购等待确认，尚未办理。请选择一项回复：\n{orders}",
    en="{count} orders wait for you and none was confirmed. Reply with one of these:\n{orders}",
)
RECHARGED_OTHER = _answer(
    "ANSWER_RECHARGED",
    _("answer: recharge card used for another number"),
    zh="充值成功：已用充值卡为号码{number}充值{amount}元。",
    en="Topped up: number {number} got {amount} yuan from your recharge card.",
)
RECHARGED_BEFORE = _answer(
    "ANSWER_RECHARGED",
    _("answer: recharge card was used before"),
    zh="该充值卡已于{at}为号码{number}充值{amount}元，本次未重复充值。",
    en="This recharge card gave number {number} {amount} yuan at {at} already. Nothing was added now.",
    variant="BEFORE",
)
POINTS = _answer(
    "ANSWER_POINTS",
    _("answer: points"),
    zh="截至{at}，您有{points}积分，其中{first}积分将于{month}底到期。登录网上营业厅可兑换赠款。",
    en="As of {at} you have {points} points; {first} of them expire at the end of {month}. Exchange them in the online"
    " hall.",
)
NO_POINTS = _answer(
    "ANSWER_POINTS",
    _("answer: no points"),
    zh="截至{at}，您暂无积分。消费后将获得积分。",
    en="As of {at} you have no points. You earn them with what you spend.",
    variant="NONE",
)
STOPPED = _answer(
    "ANSWER_BARRING",
    _("answer: why the number is stopped"),
    zh="截至{at}，您的号码已停机，原因：{reason}。{cure}紧急电话仍可拨打。详情：{page}",
    en="As of {at} this number is stopped: {reason}. {cure} Emergency calls still work. More: {page}",
)
NOT_STOPPED = _answer(
    "ANSWER_BARRING",
    _("answer: the number is not stopped"),
    zh="截至{at}，您的号码使用正常，没有停机。如需停机保号或挂失，请访问{page}",
    en="As of {at} this number is in use; nothing is stopped. To stop it for a while or report it lost: {page}",
    variant="NONE",
)
LOST_SIM_PAGE = _answer(
    "ANSWER_BARRING",
    _("answer: where a lost SIM card is reported"),
    zh="SIM卡挂失请在其他设备上用服务密码登录{page}办理，或拨打{service_number}，立即生效。",
    en="To report a SIM card lost, sign in on another device with your service password, {page}, or call"
    " {service_number}. It works at once.",
    variant="LOST",
)
MENU = _answer(
    "ANSWER_MENU",
    _("answer: menu"),
    zh="请回复以下指令：\nCXYE 查余额\nCXLL 查流量等余量\nCXJF 查积分\nCXXJ 查信用星级\n"
    "CXXZ 查携号转网资格\nCXTJ 查停机原因（FJ 复机）\n"
    "0000 查已订业务、退订\n{yes} 确认订购\nCZ#充值卡密码 充值（为他人充值：CZ#密码#号码）\n"
    "也可拨打{flash_call_number}，自动挂断后短信告知套餐、余额和流量。",
    en="Text one of these:\nCXYE balance\nCXLL data and other allowances\nCXJF points\nCXXJ credit star\nCXXZ porting\n"
    "CXTJ why the number is stopped (FJ restores it)\n"
    "0000 what you have, and cancelling\n"
    "{yes} to confirm an order\nCZ#PIN to use a recharge card (CZ#PIN#number for another number)\n"
    "Or ring {flash_call_number}: it rings off and texts you plan, balance and data left.",
)
REFUSED = _answer("ANSWER_REFUSED", _("answer: why it was refused"), zh="{sentence}", en="{sentence}")
SORRY = _answer(
    "ANSWER_SORRY",
    _("answer: it did not work"),
    zh="抱歉，您的请求暂时无法处理，未办理任何业务。请稍后再试，或致电{service_number}。",
    en="Sorry, your request could not be dealt with and nothing was changed. Try again later or call {service_number}.",
)
