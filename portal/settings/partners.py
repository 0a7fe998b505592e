"""Figures of the REST face."""

import environ

env = environ.Env()

# Calls of a partner in a minute, where its page says nothing else; of a customer's own token; tokens asked for with one
# client from one address, and in all from one address.
PARTNER_CALLS_PER_MINUTE = env.int("HALL_PARTNER_CALLS_PER_MINUTE", default=600)
CUSTOMER_TOKEN_CALLS_PER_MINUTE = env.int("HALL_CUSTOMER_TOKEN_CALLS_PER_MINUTE", default=60)
PARTNER_TOKENS_PER_MINUTE = env.int("HALL_PARTNER_TOKENS_PER_MINUTE", default=30)
PARTNER_TOKENS_PER_ADDRESS_MINUTE = env.int("HALL_PARTNER_TOKENS_PER_ADDRESS_MINUTE", default=120)
# How long the secret before stays valid after a new one was made, unless staff say otherwise.
PARTNER_SECRET_OVERLAP_HOURS = env.int("HALL_PARTNER_SECRET_OVERLAP_HOURS", default=72)
# How long calls are kept to be looked up.
PARTNER_CALL_KEEP_DAYS = env.int("HALL_PARTNER_CALL_KEEP_DAYS", default=400)
CUSTOMER_TOKENS_PER_LINE = env.int("HALL_CUSTOMER_TOKENS_PER_LINE", default=10)
CUSTOMER_TOKEN_DAYS = env.list("HALL_CUSTOMER_TOKEN_DAYS", cast=int, default=[30, 90, 365])
# For how long a partner sets money aside when it names no end, and at most.
PARTNER_HOLD_HOURS = env.int("HALL_PARTNER_HOLD_HOURS", default=24)
PARTNER_HOLD_MOST_DAYS = env.int("HALL_PARTNER_HOLD_MOST_DAYS", default=7)
# Clients that may POST without an Idempotency-Key, so that nothing tells a repeat of theirs from a new wish: a kit that
# tries the interfaces knows of no keys.
REST_CLIENTS_WITHOUT_KEYS = env.list("HALL_REST_CLIENTS_WITHOUT_KEYS", default=[])
# What is sealed with DOCUMENT_KEYS besides what accounts keep.
OTHER_SEALED = ["partners.operations.reseal_hub_secrets.reseal_hub_secrets"]
# Hubs: how many addresses a partner may have, how long one delivery may take, how many hours an event is tried, and how
# many days events are kept.
HUBS_PER_PARTNER = env.int("HALL_HUBS_PER_PARTNER", default=50)
HUB_TIMEOUT = env.float("HALL_HUB_TIMEOUT", default=10.0)
HUB_TRY_HOURS = env.int("HALL_HUB_TRY_HOURS", default=72)
HUB_EVENT_KEEP_DAYS = env.int("HALL_HUB_EVENT_KEEP_DAYS", default=30)

# What partners may tell customers through us: how often a number hears of them in a day, from all of them together, and
# how much one of them says in a day. A query of the floor above names them to whoever gets the text.
PARTNER_MESSAGES_PER_NUMBER_DAY = env.int("HALL_PARTNER_MESSAGES_PER_NUMBER_DAY", default=3)
PARTNER_MESSAGES_PER_CLIENT_DAY = env.int("HALL_PARTNER_MESSAGES_PER_CLIENT_DAY", default=1000)
PARTNER_NAMES = "partners.queries.partner_clients.list_partner_names"
# Words that such a message must not have: codes are the hall's own, advertising needs a consent that nobody gave, and
# what is replied would be taken for the answer to an order.
PARTNER_MESSAGE_CODE_WORDS = env.list(
    "HALL_PARTNER_MESSAGE_CODE_WORDS",
    default=[
        *("验证码", "校验码", "动态码", "确认码", "动态密码", "密码", "口令", "服务密码"),
        *("verification code", "security code", "passcode", "password", "otp", "pin", "puk"),
    ],
)
PARTNER_MESSAGE_REPLY_WORDS = env.list("HALL_PARTNER_MESSAGE_REPLY_WORDS", default=["回复", "回覆", "reply", "respond"])
PARTNER_MESSAGE_ADVERTISING_WORDS = env.list(
    "HALL_PARTNER_MESSAGE_ADVERTISING_WORDS",
    default=[
        *("优惠", "促销", "特价", "打折", "折扣", "立减", "满减", "秒杀", "抢购", "中奖", "广告", "免费领", "退订回"),
        *("discount", "special offer", "promotion", "on sale", "coupon", "voucher", "prize", "advertisement"),
    ],
)
