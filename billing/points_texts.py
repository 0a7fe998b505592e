"""The texts about points, in both languages."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from messaging.models import TextGroup
from messaging.texts import SmsTemplate

POINTS_EXCHANGED = SmsTemplate(
    kind="POINTS_EXCHANGED",
    zh="积分兑换成功：{at}号码{number}用{points}积分兑换赠款{bonus}元，当前余额{balance}元。如非本人操作，请致电{service_number}。",
    en=(
        "Points exchanged: {points} points for a bonus of {bonus} yuan, number {number}, at {at}. Balance now:"
        " {balance} yuan. If this was not you, call {service_number}."
    ),
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("points exchanged for bonus"),
)
POINTS_EXPIRE = SmsTemplate(
    kind="POINTS_EXPIRE",
    zh="您有{points}积分将于{ends}到期，到期未使用将清零。发送CXJF查询积分，登录网上营业厅可兑换赠款。",
    en=(
        "{points} of your points expire on {ends}; what is not used by then is lost. Text CXJF for your points, and"
        " exchange them in the online hall."
    ),
    lifetime=timedelta(days=2),
    urgent=False,
    name=_("points expire soon"),
    group=TextGroup.EXPIRY,
)
