"""What the demo sells: names and prices in the style of the trade, all invented."""

from collections.abc import Mapping
from datetime import datetime

from billing.models import BillHead
from kernel.clock import SHANGHAI
from packages_app.models import Offering, OfferingKind, Recurrence, UsageKind

GB = 1024**3
MINUTE = 60

CARE_19 = "PLAN-CARE-19"
JOY_29 = "PLAN-JOY-29"
JOY_59 = "PLAN-JOY-59"
JOY_99 = "PLAN-JOY-99"
JOY_129 = "PLAN-JOY-129"
JOY_199 = "PLAN-JOY-199"
PACK_5GB_MONTHLY = "DATA-5GB-MONTHLY"
PACK_20GB_MONTHLY = "DATA-20GB-MONTHLY"
PACK_1GB = "DATA-1GB"
PACK_10GB = "DATA-10GB"
RINGBACK = "VAS-VIDEO-RINGBACK"
MISSED_CALLS = "VAS-MISSED-CALLS"
READING = "VAS-READING"
MUSIC = "VAS-MUSIC"

PLANS = (CARE_19, JOY_29, JOY_59, JOY_99, JOY_129, JOY_199)
MONTHLY_PACKS = (PACK_5GB_MONTHLY, PACK_20GB_MONTHLY)
PACKS = (PACK_1GB, PACK_10GB)
VALUE_ADDED = (RINGBACK, MISSED_CALLS, READING, MUSIC)

_ON_SALE_FROM = datetime(2020, 1, 1, tzinfo=SHANGHAI)

Entry = tuple[Offering, Mapping[str, int]]


def list_demo_offerings() -> list[Entry]:
    """Return the catalogue: each offering with its allowances in a cycle."""
    return [
        *_plans(),
        *_data_packs(),
        _service(RINGBACK, "视频彩铃", "Video ringback", "来电时播放视频", "Callers see a video", 6_00, 1),
        _service(MISSED_CALLS, "来电提醒", "Missed calls", "漏接来电以短信告知", "Texts about missed calls", 3_00, 2),
        _service(READING, "青竹阅读会员", "Bamboo Reading", "电子书库", "A library of e-books", 10_00, 3, "青竹文化"),
        _service(MUSIC, "清音音乐会员", "Qingyin Music", "无广告听歌", "Music without ads", 8_00, 4, "清音数字音乐"),
    ]


def _plans() -> list[Entry]:
    figures = (
        (CARE_19, "长者关爱套餐19元", "Senior Care 19", 19_00, 5, 200),
        (JOY_29, "畅享套餐29元", "Enjoy 29", 29_00, 10, 100),
        (JOY_59, "畅享套餐59元", "Enjoy 59", 59_00, 20, 300),
        (JOY_99, "畅享套餐99元", "Enjoy 99", 99_00, 40, 500),
        (JOY_129, "畅享套餐129元", "Enjoy 129", 129_00, 60, 1000),
        (JOY_199, "畅享套餐199元", "Enjoy 199", 199_00, 100, 1500),
    )
    return [
        (
            Offering(
                code=code,
                kind=OfferingKind.PLAN,
                name_zh=name_zh,
                name_en=name_en,
                summary_zh="全国通用，不含港澳台地区",
                summary_en="For the whole mainland",
                price_fen=price_fen,
                recurrence=Recurrence.MONTHLY,
                head=BillHead.PLAN,
                on_sale_from=_ON_SALE_FROM,
                position=position,
            ),
            {UsageKind.DATA: gigabytes * GB, UsageKind.VOICE: minutes * MINUTE, UsageKind.SMS: 50},
        )
        for position, (code, name_zh, name_en, price_fen, gigabytes, minutes) in enumerate(figures, start=1)
    ]


def _data_packs() -> list[Entry]:
    monthly, once = Recurrence.MONTHLY, Recurrence.ONCE
    figures = (
        (PACK_1GB, "1GB流量加油包", "1 GB booster", 5_00, 1, once),
        (PACK_10GB, "10GB流量加油包", "10 GB booster", 20_00, 10, once),
        (PACK_5GB_MONTHLY, "5GB流量月包", "5 GB monthly pack", 15_00, 5, monthly),
        (PACK_20GB_MONTHLY, "20GB流量月包", "20 GB monthly pack", 40_00, 20, monthly),
    )
    return [
        (
            Offering(
                code=code,
                kind=OfferingKind.DATA_PACK,
                name_zh=name_zh,
                name_en=name_en,
                summary_zh="每月自动续订" if recurrence == monthly else "当月有效，不续订",
                summary_en="Renewed each month" if recurrence == monthly else "This month only",
                price_fen=price_fen,
                recurrence=recurrence,
                head=BillHead.DATA,
                on_sale_from=_ON_SALE_FROM,
                position=position,
            ),
            {UsageKind.DATA: gigabytes * GB},
        )
        for position, (code, name_zh, name_en, price_fen, gigabytes, recurrence) in enumerate(figures, start=1)
    ]


def _service(
    code: str,
    name_zh: str,
    name_en: str,
    summary_zh: str,
    summary_en: str,
    price_fen: int,
    position: int,
    provider_name: str = "",
) -> Entry:
    offering = Offering(
        code=code,
        kind=OfferingKind.VALUE_ADDED,
        name_zh=name_zh,
        name_en=name_en,
        summary_zh=summary_zh,
        summary_en=summary_en,
        price_fen=price_fen,
        recurrence=Recurrence.MONTHLY,
        head=BillHead.THIRD_PARTY if provider_name else BillHead.VALUE_ADDED,
        provider_name=provider_name,
        on_sale_from=_ON_SALE_FROM,
        position=position,
    )
    return offering, {}
