"""Texts that this app sends, in both languages. The signature is put in front when they are queued."""

from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from messaging.models import TextGroup
from messaging.texts import SmsTemplate

# The last line lets the phone offer the code to this site only (origin-bound one-time codes).
SIGN_IN_CODE = SmsTemplate(
    kind="SIGN_IN_CODE",
    zh="您的登录验证码是{code}，{minutes}分钟内有效。请勿告知任何人，工作人员不会向您索取。\n@{domain} #{code}",
    en="Your sign-in code is {code}. It works for {minutes} minutes. Tell it to nobody; our staff never ask for it.\n"
    "@{domain} #{code}",
    lifetime=timedelta(seconds=settings.SIGN_IN_CODE_LIFETIME),
    urgent=True,
    secret=True,
    name=_("sign-in code"),
)

SERVICE_PASSWORD_CODE = SmsTemplate(
    kind="SERVICE_PASSWORD_CODE",
    zh="您正在设置服务密码，验证码是{code}，{minutes}分钟内有效。请勿告知任何人；如非本人操作，请拨打{service_number}。"
    "\n@{domain} #{code}",
    en="You are setting your service password. Your code is {code}. It works for {minutes} minutes. If this is not you,"
    " tell it to nobody and call {service_number}.\n@{domain} #{code}",
    lifetime=timedelta(seconds=settings.SIGN_IN_CODE_LIFETIME),
    urgent=True,
    secret=True,
    name=_("code to set the service password"),
)

STEP_UP_CODE = SmsTemplate(
    kind="STEP_UP_CODE",
    zh="您正在网上营业厅进行身份验证，验证码是{code}，{minutes}分钟内有效。请勿告知任何人，工作人员不会向您索取。"
    "\n@{domain} #{code}",
    en="You are being asked to show that it is you. Your code is {code}. It works for {minutes} minutes. Tell it to"
    " nobody; our staff never ask for it.\n@{domain} #{code}",
    lifetime=timedelta(seconds=settings.SIGN_IN_CODE_LIFETIME),
    urgent=True,
    secret=True,
    name=_("code to show that it is you"),
)

SERVICE_PASSWORD_SET = SmsTemplate(
    kind="SERVICE_PASSWORD_SET",
    zh="您的服务密码已于{at}设置成功。如非本人操作，请立即拨打{service_number}。",
    en="Your service password was set on {at}. If this was not you, call {service_number} at once.",
    lifetime=timedelta(days=1),
    urgent=True,
    name=_("service password set"),
)

SERVICE_PASSWORD_RESET = SmsTemplate(
    kind="SERVICE_PASSWORD_RESET",
    zh="您的服务密码正在重置，新密码将于{at}生效，在此之前原密码仍可使用。如非本人操作，请登录网上营业厅撤销或立即拨打{service_number}。",
    en="Your service password is being reset. The new one holds from {at}; until then the old one works. If this was"
    " not you, withdraw it online or call {service_number} at once.",
    lifetime=timedelta(days=1),
    urgent=True,
    name=_("service password reset"),
)

NEW_DEVICE = SmsTemplate(
    kind="NEW_DEVICE",
    zh="您的号码于{at}在新设备（{device}）上登录网上营业厅。如非本人操作，请修改服务密码并拨打{service_number}。",
    en="Your number was signed in on a new device ({device}) on {at}. If this was not you, change your service password"
    " and call {service_number}.",
    lifetime=timedelta(days=1),
    urgent=True,
    name=_("sign-in on a new device"),
)

STAR_CHANGED = SmsTemplate(
    kind="STAR_CHANGED",
    zh="您的信用星级已由{before}星调整为{star}星，可透支额度{overdraft}元，{until}前有效。评定依据请见网上营业厅“信用星级”。",
    en="Your credit star has changed from {before} to {star}, with an overdraft of {overdraft} yuan until {until}. See"
    " why in the online hall, under Credit star.",
    lifetime=timedelta(days=3),
    urgent=False,
    name=_("credit star changed"),
    group=TextGroup.STAR,
)
STAR_GIVEN = replace(
    STAR_CHANGED,
    zh="您的信用星级评定为{star}星，可透支额度{overdraft}元，{until}前有效。评定依据请见网上营业厅“信用星级”。",
    en="Your credit star is {star}, with an overdraft of {overdraft} yuan until {until}. See why in the online hall,"
    " under Credit star.",
    name=_("credit star, the first"),
    variant="FIRST",
)

SIM_CHANGED = SmsTemplate(
    kind="SIM_CHANGED",
    zh="您的号码已于{at}更换SIM卡，旧卡已停用。为保护您的账户，{until}前网上暂不办理敏感业务。如非本人操作，请立即拨打{service_number}。",
    en="The SIM card of your number was changed on {at}; the old one no longer works. For your safety sensitive acts"
    " cannot be done online until {until}. If this was not you, call {service_number} at once.",
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("SIM card changed"),
)

PUK_LOOKED_UP = SmsTemplate(
    kind="PUK_LOOKED_UP",
    zh="您的SIM卡PUK码于{at}被查询。如非本人操作，请立即拨打{service_number}。",
    en="The PUK of your SIM card was looked up on {at}. If this was not you, call {service_number} at once.",
    lifetime=timedelta(days=1),
    urgent=True,
    name=_("PUK looked up"),
)

NUMBER_CHANGED = SmsTemplate(
    kind="NUMBER_CHANGED",
    zh="您的号码已于{at}由{old}改为{number}。请用新号码重新登录网上营业厅，套餐、余额和账单不变。如非本人操作，请立即拨打{service_number}。",
    en="Your number was changed from {old} to {number} on {at}. Sign in again with the new one; plan, balance and bills"
    " stay as they are. If this was not you, call {service_number} at once.",
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("number changed"),
)

CONTACT_CHANGED = SmsTemplate(
    kind="CONTACT_CHANGED",
    zh="您的联系信息已于{at}修改。如非本人操作，请立即拨打{service_number}。",
    en="Your contact details were changed on {at}. If this was not you, call {service_number} at once.",
    lifetime=timedelta(days=1),
    urgent=True,
    name=_("contact changed"),
)

DATA_DOWNLOAD_READY = SmsTemplate(
    kind="DATA_DOWNLOAD_READY",
    zh="号码{number}申请的个人信息副本已生成，请在{at}前登录网上营业厅“隐私”页面下载，逾期删除。如非本人操作，请致电{service_number}。",
    en=(
        "The copy of your data that {number} asked for is ready. Download it before {at} on the Privacy page of the"
        " online hall; then it is deleted. If this was not you, call {service_number}."
    ),
    lifetime=timedelta(days=1),
    urgent=False,
    name=_("copy of own data is ready"),
)

PARTNER_MESSAGE = SmsTemplate(
    kind="PARTNER_MESSAGE",
    zh="{sender}托我们告知您：{words}",
    en="{sender} asked us to tell you: {words}",
    lifetime=timedelta(days=1),
    urgent=False,
    name=_("message of a partner"),
    group=TextGroup.PARTNER,
)
