"""Where the customer was (渠道)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    WEB = "WEB", _("web hall")
    WAP = "WAP", _("light pages")
    APP = "APP", _("handset client")
    SMS = "SMS", _("text message")
    FLASH_CALL = "FLASH_CALL", _("flash call")
    WECHAT = "WECHAT", _("WeChat")
    WEIBO = "WEIBO", _("Weibo")
    STORE = "STORE", _("shop")
    HOTLINE = "HOTLINE", _("hotline")
    OUTLET = "OUTLET", _("outlet")
    PARTNER = "PARTNER", _("partner system")
    SYSTEM = "SYSTEM", _("the hall itself")
