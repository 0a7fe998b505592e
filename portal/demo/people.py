"""Who the demo's people are. The same seed makes the same people."""

import random
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stdnum import luhn
from stdnum.cn import ric

from accounts.models import DocumentKind, Language
from accounts.operations.documents import ShownDocument
from accounts.operations.import_customers import ImportedLine
from accounts.operations.sim_cards import IssuedSim
from portal.demo import catalogue

# Common surnames, the commonest first and drawn oftener; given names are put together from characters.
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
    "苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史"
    "顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志红文斌宇浩轩子涵欣怡梓"
    "雨泽佳琪晨曦思远嘉慧婷雪梅春燕海波鹏飞俊峰丹凤云龙鑫宁晓东瑞博雅诗琳悦彤诚立新永"
    "福德清岚青松柏舟"
)
# The first two digits of a resident card's number name a province; none is called 99. 89 begins the number of any SIM
# card, and what follows names country and issuer: no country is called 999.
_NO_REGION = "999999"
_NO_ISSUER = "89999"
PROVINCES = ("CN-GD", "CN-ZJ", "CN-SC", "CN-SN")

# Bulk numbers lie in one range, spread over it by a step that visits every one of its ten million numbers once.
_BULK_RANGE = 19_900_000_000
_BULK_NUMBERS = 10_000_000
_BULK_STEP = 7_390_171


@dataclass(frozen=True, slots=True)
class FixedPerson:
    """Somebody the demo's documentation and sign-ins name.

    :ivar balance_fen: what the wallet holds in the end.
    :ivar data_percent: of the plan's data, used so far this month.
    """

    msisdn: str
    name: str
    province: str
    language: str
    plan: str
    extras: tuple[str, ...]
    balance_fen: int
    data_percent: int


FIXED_PEOPLE = (
    FixedPerson(
        "+8613800138000", "陈晓雨", "CN-GD", Language.CHINESE, catalogue.JOY_59, (catalogue.RINGBACK,), 86_50, 73
    ),
    FixedPerson(
        "+8613800138001", "林建国", "CN-ZJ", Language.CHINESE, catalogue.CARE_19, (catalogue.MISSED_CALLS,), 12_30, 31
    ),
    FixedPerson(
        *("+8613800138002", "Emma Clarke", "CN-SC", Language.ENGLISH, catalogue.JOY_99),
        *((catalogue.PACK_5GB_MONTHLY, catalogue.READING), 152_00, 48),
    ),
    FixedPerson("+8613800138003", "王秀兰", "CN-SN", Language.CHINESE, catalogue.JOY_29, (), 45_80, 0),
)
MAIN_MSISDN = FIXED_PEOPLE[0].msisdn


@dataclass(frozen=True, slots=True)
class DemoLine:
    """One line and how it behaves; `chance` is its own, so that every line comes out the same whatever else is made."""

    line: ImportedLine
    plan: str
    fixed: FixedPerson | None
    chance: random.Random


def fixed_lines(*, seed: int, as_of: datetime) -> list[DemoLine]:
    """Return the lines of the people that the demo names."""
    return [_fixed_line(person, _chance_of(seed, person.msisdn), as_of) for person in FIXED_PEOPLE]


def bulk_line(index: int, *, seed: int, as_of: datetime) -> DemoLine:
    """Return one of many lines.

    :param index: 0, 1, …: which; its number depends on nothing else.
    """
    chance = _chance_of(seed, bulk_msisdn(index))
    surname = _SURNAMES[int(len(_SURNAMES) * chance.random() ** 2)]
    given = "".join(chance.choices(_GIVEN, k=1 if chance.random() < 0.2 else 2))
    line = _line(
        chance,
        name=surname + given,
        msisdn=bulk_msisdn(index),
        province=chance.choice(PROVINCES),
        language=Language.CHINESE,
        activated_at=as_of - timedelta(seconds=chance.randrange(40 * 86_400, 9 * 365 * 86_400)),
    )
    plan = chance.choices(catalogue.PLANS, weights=(12, 26, 30, 16, 11, 5))[0]
    return DemoLine(line, plan, None, chance)


def bulk_msisdn(index: int) -> str:
    """Return the number of one of many lines, E.164."""
    if not 0 <= index < _BULK_NUMBERS:
        raise ValueError(f"there are no more than {_BULK_NUMBERS} demo numbers")
    return f"+86{_BULK_RANGE + index * _BULK_STEP % _BULK_NUMBERS}"


def is_demo_msisdn(msisdn: str) -> bool:
    """Tell whether a number is one that the demo uses."""
    return msisdn in _FIXED_NUMBERS or msisdn.startswith(_BULK_PREFIX)


def time_ordered_id(at: datetime, chance: random.Random) -> uuid.UUID:
    """Return an id such as `kernel.ids.uuid7` makes, for a row of the past."""
    milliseconds = int(at.timestamp() * 1000)
    bits = chance.getrandbits(74)
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | (bits >> 62) << 64 | 2 << 62 | bits & (1 << 62) - 1)


_FIXED_NUMBERS = frozenset(person.msisdn for person in FIXED_PEOPLE)
_BULK_PREFIX = f"+86{_BULK_RANGE // _BULK_NUMBERS}"


def _chance_of(seed: int, msisdn: str) -> random.Random:
    return random.Random(f"{seed}:{msisdn}")  # noqa: S311 (invented people need no secrets)


def _fixed_line(person: FixedPerson, chance: random.Random, as_of: datetime) -> DemoLine:
    line = _line(
        chance,
        name=person.name,
        msisdn=person.msisdn,
        province=person.province,
        language=person.language,
        activated_at=as_of - timedelta(days=900, hours=13),
    )
    return DemoLine(line, person.plan, person, chance)


def _line(
    chance: random.Random, *, name: str, msisdn: str, province: str, language: str, activated_at: datetime
) -> ImportedLine:
    customer_id, account_id, line_id = (time_ordered_id(activated_at, chance) for _ in range(3))
    own = random.Random(f"papers:{line_id}")  # noqa: S311 (invented people need no secrets)
    return ImportedLine(
        *(customer_id, account_id, line_id, name, msisdn, province, language, activated_at),
        document=_invented_document(own),
        sim=_invented_sim(own),
    )


def _invented_document(chance: random.Random) -> ShownDocument:
    """A resident card with a right check digit, of a region that does not exist: no person has this number."""
    born = date(1950, 1, 1) + timedelta(days=chance.randrange(55 * 365))
    number = f"{_NO_REGION}{born:%Y%m%d}{chance.randrange(1000):03d}"
    return ShownDocument(DocumentKind.RESIDENT_CARD, number + ric.calc_check_digit(f"{number}0"))


def _invented_sim(chance: random.Random) -> IssuedSim:
    """A card of a country code that no country has, with a right check digit."""
    number = f"{_NO_ISSUER}{chance.randrange(10**14):014d}"
    return IssuedSim(number + luhn.calc_check_digit(number), f"{chance.randrange(10**8):08d}")
