"""P7: what pages and REST reads cost among a thousand lines and a hundred thousand, and with more and more history."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from accounts.models import Line
from accounts.queries.lines import get_line_by_msisdn
from bench.measure import Goal, paired
from bench.p6_rest import bill_path, bucket_path
from bench.pages import Asked, cookie_of, served, signed_in_session, token_of_partner
from bench.people import FEW, LONG_HISTORY, LONG_MONTHS, MANY, SHORT_HISTORY, SHORT_MONTHS, make_crowd, people_of_pages

ROUNDS = 7
PAGES_PER_ROUND = 30
FLAT = 1.15


@dataclass(frozen=True)
class Page:
    """A page or REST read of a line: where it is, and what is sent along by whoever may see it."""

    name: str
    path_of: Callable[[Line], str]
    headers_of: Callable[[Line], Mapping[str, str]]

    def seen_of(self, msisdn: str) -> tuple[str, Mapping[str, str]]:
        """Return address and headers for a line."""
        line = get_line_by_msisdn(msisdn)
        return self.path_of(line), self.headers_of(line)


def _page(name: str, path: str) -> Page:
    return Page(name, lambda _line: path, lambda line: cookie_of(signed_in_session(line)))


PAGES = (
    _page("home page", "/"),
    _page("latest bill", "/bill/"),
    _page("list of bills", "/bills/"),
    _page("statement", "/statement/"),
    Page("buckets over REST", bucket_path, token_of_partner),
    Page("a bill over REST", bill_path, token_of_partner),
)


def measure() -> list[Goal]:
    """Ask pages of one line among `FEW` and among `MANY`, then of a line with a long history and one with a short."""
    with people_of_pages("hall_p7"):
        make_crowd(FEW)
        few = [_seconds(page) for page in PAGES]
        make_crowd(MANY)
        goals = [_by_lines(page, before, _seconds(page)) for page, before in zip(PAGES, few, strict=True)]
        return goals + [_by_history(page) for page in PAGES]


def _by_lines(page: Page, few: float, many: float) -> Goal:
    return Goal(
        row="p7",
        work=f"{page.name} among {MANY:,} lines, against {FEW:,}",
        measured=many / few,
        wanted=FLAT,
        at_least=False,
        detail="each against a page without a database in the same rounds",
    )


def _seconds(page: Page) -> float:
    """Return what a page takes, counted in pages that ask the database nothing."""
    path, headers = page.seen_of(LONG_HISTORY)
    with served("bench.hall_settings") as hall:
        measured, plain = Asked(hall, path, headers), Asked(hall, "/healthz", {})
        times = paired(
            rounds=ROUNDS,
            ours=lambda _number: measured.get_many(PAGES_PER_ROUND),
            yardstick=lambda _number: plain.get_many(PAGES_PER_ROUND),
            title=page.name,
        )
    return 1 / times.ratio


def _by_history(page: Page) -> Goal:
    """Both lines have a page of the same length but for what the history adds to it."""
    long, short = page.seen_of(LONG_HISTORY), page.seen_of(SHORT_HISTORY)
    with served("bench.hall_settings") as hall:
        old, new = Asked(hall, *long), Asked(hall, *short)
        times = paired(
            rounds=ROUNDS,
            ours=lambda _number: old.get_many(PAGES_PER_ROUND),
            yardstick=lambda _number: new.get_many(PAGES_PER_ROUND),
            title=f"{page.name} with a long history",
        )
    return Goal(
        row="p7",
        work=f"{page.name} with {LONG_MONTHS} months of history, against {SHORT_MONTHS}",
        measured=1 / times.ratio,
        wanted=FLAT,
        at_least=False,
        detail=times.detail(per_round=PAGES_PER_ROUND, unit="page"),
    )
