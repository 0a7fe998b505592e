"""The texts before something ends: bought data, and the time for which a contract binds."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from messaging.models import TextGroup
from messaging.texts import SmsTemplate

DATA_ENDS = SmsTemplate(
    kind="DATA_ENDS",
    zh="您购买的“{name}”将于{ends}到期，截至{as_of}剩余{left}（共{total}），到期后未用完的流量作废，不会自动续订。发送CXLL可查余量。",
    en='Your "{name}" ends on {ends}. As of {as_of} {left} of {total} are left; what is not used by then is lost. It is'
    " not renewed by itself. Text CXLL for what is left.",
    lifetime=timedelta(hours=24),
    urgent=False,
    name=_("bought data ends soon"),
    group=TextGroup.EXPIRY,
)
CONTRACT_ENDS = SmsTemplate(
    kind="CONTRACT_ENDS",
    zh="您的“{name}”合约期将于{ends}届满。届满后继续按月{price}元收费，可随时退订。详询{service_number}。",
    en='The term of your "{name}" ends on {ends}. After that it goes on for {price} yuan a month, and you can leave at'
    " any time. Questions: {service_number}.",
    lifetime=timedelta(days=2),
    urgent=False,
    name=_("contract ends soon"),
    group=TextGroup.EXPIRY,
)
