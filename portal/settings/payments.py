"""Top-ups and the payment providers behind them. Durations are seconds, money is fen.

A key is given itself (HALL_ALIPAY_APP_PRIVATE_KEY) or as the file it stands in (HALL_ALIPAY_APP_PRIVATE_KEY_FILE).
"""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def _key(name: str) -> str:
    path = env(f"{name}_FILE", default="")
    if not path:
        return str(env.str(name, default="", multiline=True))
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read.") from None


TOP_UP_MINIMUM_FEN = env.int("HALL_TOP_UP_MINIMUM_FEN", default=1_00)
TOP_UP_MAXIMUM_FEN = env.int("HALL_TOP_UP_MAXIMUM_FEN", default=10_000_00)
TOP_UP_COMMON_AMOUNTS_FEN = [30_00, 50_00, 100_00, 200_00, 300_00, 500_00]
# Who tops up for another sees a masked name: so many looks an hour, so that nobody can list the numbers in use.
RECIPIENT_LOOKUPS_PER_HOUR = env.int("HALL_RECIPIENT_LOOKUPS_PER_HOUR", default=20)
TOP_UP_LIFETIME = env.int("HALL_TOP_UP_LIFETIME", default=2 * 3600)
# Pauses before the provider is asked again about a payment or refund it gave no answer on. After the last one it stays
# unknown, and staff clear it up.
TOP_UP_ASK_AGAIN_AFTER = env.list("HALL_TOP_UP_ASK_AGAIN_AFTER", cast=int, default=[300, 3600, 24 * 3600])

# The bank of linked bank cards; without one there are none. Its code works so long and for so many guesses; each one
# sent counts, whatever becomes of the card, so that nobody tries out card numbers here.
BANK = env("HALL_BANK", default="")
BANK_TIMEOUT = env.float("HALL_BANK_TIMEOUT", default=3.0)
BANK_CODE_LIFETIME = env.int("HALL_BANK_CODE_LIFETIME", default=300)
BANK_CODE_GUESSES = env.int("HALL_BANK_CODE_GUESSES", default=5)
BANK_CODE_RESEND_AFTER = env.int("HALL_BANK_CODE_RESEND_AFTER", default=60)
BANK_CODES_PER_HOUR = env.int("HALL_BANK_CODES_PER_HOUR", default=5)
BANK_CODES_PER_DAY = env.int("HALL_BANK_CODES_PER_DAY", default=10)
BANK_CARDS_PER_ACCOUNT = env.int("HALL_BANK_CARDS_PER_ACCOUNT", default=5)
# How long a bank may take to begin a payment, and when it is first asked about one that it gave no answer on; then
# after the pauses of TOP_UP_ASK_AGAIN_AFTER.
BANK_PAYMENT_LIFETIME = env.int("HALL_BANK_PAYMENT_LIFETIME", default=300)
BANK_FIRST_ASK_AFTER = env.int("HALL_BANK_FIRST_ASK_AFTER", default=60)
# Most that one payment and one day (in Shanghai) may take, by the account behind the card.
BANK_LIMITS_FEN = {
    "ELECTRONIC_CASH": (
        env.int("HALL_ELECTRONIC_CASH_PAYMENT_LIMIT_FEN", default=1_000_00),
        env.int("HALL_ELECTRONIC_CASH_DAY_LIMIT_FEN", default=1_000_00),
    ),
    "CREDIT": (
        env.int("HALL_CREDIT_PAYMENT_LIMIT_FEN", default=2_000_00),
        env.int("HALL_CREDIT_DAY_LIMIT_FEN", default=5_000_00),
    ),
    "DEBIT": (
        env.int("HALL_DEBIT_PAYMENT_LIMIT_FEN", default=5_000_00),
        env.int("HALL_DEBIT_DAY_LIMIT_FEN", default=10_000_00),
    ),
}

# Automatic top-up: a card that failed is tried again after these pauses; after one failure more it stops.
AUTOMATIC_TOP_UP_TRY_AGAIN_AFTER = env.list(
    "HALL_AUTOMATIC_TOP_UP_TRY_AGAIN_AFTER", cast=int, default=[4 * 3600, 24 * 3600]
)
AUTOMATIC_TOP_UP_MONTH_MAXIMUM_FEN = env.int("HALL_AUTOMATIC_TOP_UP_MONTH_MAXIMUM_FEN", default=10_000_00)

PAYMENT_PROVIDER = env("HALL_PAYMENT_PROVIDER", default="sandbox")
PAYMENT_MERCHANT = env("HALL_PAYMENT_MERCHANT", default="online-business-hall")
PAYMENT_CALLBACK_TOLERANCE = env.int("HALL_PAYMENT_CALLBACK_TOLERANCE", default=300)
# How long a page or worker waits for a provider to connect and to answer.
PAYMENT_TIMEOUT = env.float("HALL_PAYMENT_TIMEOUT", default=3.0)
PAYMENT_SANDBOX_SECRET = env("HALL_PAYMENT_SANDBOX_SECRET", default="")

ALIPAY_GATEWAY = env("HALL_ALIPAY_GATEWAY", default="https://openapi.alipay.com/gateway.do")
ALIPAY_APP_ID = env("HALL_ALIPAY_APP_ID", default="")
ALIPAY_SELLER_ID = env("HALL_ALIPAY_SELLER_ID", default="")
ALIPAY_APP_PRIVATE_KEY = _key("HALL_ALIPAY_APP_PRIVATE_KEY")
ALIPAY_PUBLIC_KEY = _key("HALL_ALIPAY_PUBLIC_KEY")

WECHATPAY_GATEWAY = env("HALL_WECHATPAY_GATEWAY", default="https://api.mch.weixin.qq.com")
WECHATPAY_PAGE = env("HALL_WECHATPAY_PAGE", default="https://wx.tenpay.com")
WECHATPAY_MERCHANT_ID = env("HALL_WECHATPAY_MERCHANT_ID", default="")
WECHATPAY_APP_ID = env("HALL_WECHATPAY_APP_ID", default="")
WECHATPAY_PRIVATE_KEY = _key("HALL_WECHATPAY_PRIVATE_KEY")
WECHATPAY_CERTIFICATE_SERIAL = env("HALL_WECHATPAY_CERTIFICATE_SERIAL", default="")
WECHATPAY_API_KEY = _key("HALL_WECHATPAY_API_KEY")
WECHATPAY_PUBLIC_KEY = _key("HALL_WECHATPAY_PUBLIC_KEY")
WECHATPAY_PUBLIC_KEY_ID = env("HALL_WECHATPAY_PUBLIC_KEY_ID", default="")

# Settings without which nothing that a provider says can be believed.
PAYMENT_NEEDED_SETTINGS = {
    "sandbox": ("PAYMENT_SANDBOX_SECRET",),
    "alipay": ("ALIPAY_APP_ID", "ALIPAY_SELLER_ID", "ALIPAY_APP_PRIVATE_KEY", "ALIPAY_PUBLIC_KEY"),
    "wechatpay": (
        "WECHATPAY_MERCHANT_ID",
        "WECHATPAY_APP_ID",
        "WECHATPAY_PRIVATE_KEY",
        "WECHATPAY_CERTIFICATE_SERIAL",
        "WECHATPAY_API_KEY",
        "WECHATPAY_PUBLIC_KEY",
        "WECHATPAY_PUBLIC_KEY_ID",
    ),
}

# Where a form of ours may end up: browsers hold form-action against every redirect on the way to the provider's page.
PAYMENT_PAGE_ORIGINS: list[str] = {
    "alipay": ["https://*.alipay.com", "https://*.alipaydev.com"],
    "wechatpay": [WECHATPAY_PAGE],
}.get(PAYMENT_PROVIDER, [])
