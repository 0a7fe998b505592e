"""P7: what pages cost with a thousand lines and a hundred thousand, and with one month of history and three years."""

from accounts.queries.lines import get_line_by_msisdn
from bench.measure import Goal, paired
from bench.pages import Asked, cookie_of, served, signed_in_session
from bench.people import FEW, LONG_HISTORY, LONG_MONTHS, MANY, SHORT_HISTORY, SHORT_MONTHS, make_crowd, people_of_pages

ROUNDS = 7
PAGES_PER_ROUND = 30
FLAT = 1.15
# The lean page asks one row by its key: what the machine does differently in the second half is in its time too.
PAGES = {"home page": "/", "latest bill": "/bill/", "list of bills": "/bills/", "statement": "/statement/"}


def measure() -> list[Goal]:
    """Ask pages of one line among `FEW` and among `MANY`, then of a line with a long history and one with a short."""
    with people_of_pages("hall_p7"):
        make_crowd(FEW)
        few = {name: _seconds(path) for name, path in PAGES.items()}
        make_crowd(MANY)
        goals = [_by_lines(name, few[name], _seconds(path)) for name, path in PAGES.items()]
        return goals + [_by_history(name, path) for name, path in PAGES.items()]


def _by_lines(name: str, few: float, many: float) -> Goal:
    return Goal(
        row="p7",
        work=f"{name} among {MANY:,} lines, against {FEW:,}",
        measured=many / few,
        wanted=FLAT,
        at_least=False,
        detail="each against a page without a database in the same rounds",
    )


def _seconds(path: str) -> float:
    """Return what a page takes, counted in pages that ask the database nothing."""
    session = signed_in_session(get_line_by_msisdn(LONG_HISTORY))
    with served("bench.hall_settings") as hall:
        page, plain = Asked(hall, path, cookie_of(session)), Asked(hall, "/healthz", {})
        times = paired(
            rounds=ROUNDS,
            ours=lambda _number: page.get_many(PAGES_PER_ROUND),
            yardstick=lambda _number: plain.get_many(PAGES_PER_ROUND),
            title=path,
        )
    return 1 / times.ratio


def _by_history(name: str, path: str) -> Goal:
    """Both lines have a page of the same length but for what the history adds to it."""
    long, short = (signed_in_session(get_line_by_msisdn(msisdn)) for msisdn in (LONG_HISTORY, SHORT_HISTORY))
    with served("bench.hall_settings") as hall:
        old, new = Asked(hall, path, cookie_of(long)), Asked(hall, path, cookie_of(short))
        times = paired(
            rounds=ROUNDS,
            ours=lambda _number: old.get_many(PAGES_PER_ROUND),
            yardstick=lambda _number: new.get_many(PAGES_PER_ROUND),
            title=f"{path} with a long history",
        )
    return Goal(
        row="p7",
        work=f"{name} with {LONG_MONTHS} months of history, against {SHORT_MONTHS}",
        measured=1 / times.ratio,
        wanted=FLAT,
        at_least=False,
        detail=times.detail(per_round=PAGES_PER_ROUND, unit="page"),
    )
