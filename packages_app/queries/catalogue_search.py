"""Finds offerings by the words that people use for them, by price and by data, in what `list_offerings` returned."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from kernel.regions import region_name
from packages_app.models import AllowanceScope, Offering, OfferingAllowance, OfferingKind, UsageKind

_BOTH = ("zh-hans", "en")
# What people call it, in both languages; a word of theirs is found anywhere in these.
_KIND_WORDS = {
    OfferingKind.PLAN: "套餐 资费 月租 plan tariff",
    OfferingKind.DATA_PACK: "流量包 加油包 叠加包 流量月包 data pack booster",
    OfferingKind.ROAMING_PASS: "漫游 漫游包 出国 出境 境外 国际 港澳台 旅游 roaming pass abroad travel international",
    OfferingKind.VALUE_ADDED: "增值业务 会员 服务 value-added service membership subscription",
    OfferingKind.DEVICE_CONTRACT: "合约 合约机 购机 手机 分期 device contract phone handset instalment",
}
_USAGE_WORDS = {
    UsageKind.DATA: "流量 上网 数据 网络 data internet gb mb",
    UsageKind.VOICE: "语音 通话 电话 打电话 分钟 voice calls minutes",
    UsageKind.SMS: "短信 短消息 sms texts messages",
}
_SCOPE_WORDS = {
    AllowanceScope.GENERAL: "",
    AllowanceScope.APP: "定向 定向流量 应用 免流 app",
    AllowanceScope.REGION: "地区 省内 本地 region local",
    AllowanceScope.TIME: "夜间 夜间流量 闲时 晚上 时段 night off-peak",
}
_APP_WORDS = {"video": "视频 视频流量 video", "music": "音乐 听歌 music"}
_POINTS_WORDS = "积分 兑换 积分兑换 points"
_SHARED_WORDS = "共享 家庭 亲情 一家人 多号 shared family"


class Sort(Enum):
    """The orders in which a list can stand."""

    CATALOGUE = ""
    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    MOST_DATA = "data"


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for; what is left empty does not matter.

    :ivar words: each of them must be found.
    :ivar dearest_fen: the highest price.
    :ivar least_bytes: the least data in a cycle, of whatever scope.
    """

    words: str = ""
    kind: str = ""
    dearest_fen: int | None = None
    least_bytes: int | None = None
    sort: Sort = Sort.CATALOGUE


def find_offerings(offerings: Sequence[Offering], search: Search) -> list[Offering]:
    """Return the offerings that somebody looks for, in the order asked for.

    :param offerings: in the order of the catalogue, with `allowances` prefetched.
    """
    words = search.words.casefold().split()
    found = [
        offering
        for offering in offerings
        if (not search.kind or offering.kind == search.kind)
        and (search.dearest_fen is None or offering.price_fen <= search.dearest_fen)
        and (search.least_bytes is None or get_data_bytes(offering) >= search.least_bytes)
        and (not words or _has_all(offering, words))
    ]
    if search.sort is Sort.CHEAPEST:
        found.sort(key=lambda offering: offering.price_fen)
    elif search.sort is Sort.DEAREST:
        found.sort(key=lambda offering: -offering.price_fen)
    elif search.sort is Sort.MOST_DATA:
        found.sort(key=lambda offering: -get_data_bytes(offering))
    return found


def get_data_bytes(offering: Offering) -> int:
    """Return the data of a cycle, whatever it is for."""
    return sum(part.amount for part in offering.allowances.all() if part.usage_kind == UsageKind.DATA)


def _has_all(offering: Offering, words: Iterable[str]) -> bool:
    text = " ".join(_texts(offering)).casefold()
    return all(word in text for word in words)


def _texts(offering: Offering) -> Iterator[str]:
    yield from (offering.code, offering.name_zh, offering.name_en, offering.summary_zh, offering.summary_en)
    yield from (offering.provider_name, _KIND_WORDS[OfferingKind(offering.kind)])
    if offering.points_price:
        yield _POINTS_WORDS
    for allowance in offering.allowances.all():
        yield from _texts_of_allowance(allowance)


def _texts_of_allowance(allowance: OfferingAllowance) -> Iterator[str]:
    yield _USAGE_WORDS[UsageKind(allowance.usage_kind)]
    yield _SCOPE_WORDS[AllowanceScope(allowance.scope)]
    if allowance.scope == AllowanceScope.APP:
        yield _APP_WORDS.get(allowance.scope_value, allowance.scope_value)
    if allowance.scope == AllowanceScope.REGION:
        yield from (region_name(allowance.scope_value, language) for language in _BOTH)
    if allowance.is_shared:
        yield _SHARED_WORDS
