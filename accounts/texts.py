"""Texts that this app sends, in both languages. The signature is put in front when they are queued."""

from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext_lazy as _

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
