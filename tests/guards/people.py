"""Guards of who may come in and act for whom: codes, passwords, documents, cards, two people, stars, points, ends."""

from tests.guards.guard import Guard, instead_of

ACCOUNTS, CONCURRENCY = "tests/accounts/operations/", "tests/concurrency/"
CODES, SENDING = "accounts/operations/sign_in.py", "accounts/operations/send_sign_in_code.py"
SIGN_IN = f"{CONCURRENCY}test_sign_in.py"
APP, APP_PAGES = "accounts/operations/staff_second_factor.py", "tests/accounts/web/test_staff_second_factor.py"
BAR_PROPOSALS, STAR_TABLES = "accounts/operations/bar_proposals.py", "accounts/operations/star_tables.py"
POINTS, POINTS_RACES = "billing/sql/points.sql", f"{CONCURRENCY}test_points_races.py"
SHARED_BUDGETS = f"{SIGN_IN}::TestSending::test_sends_no_more_than_a_budget_that_many_share"

CODES_AND_PASSWORDS = {
    "a sign-in code is guessed at five times": instead_of(
        CODES, " AND guesses < %(limit)s\nRETURNING", "\nRETURNING",
        f"{SIGN_IN}::TestGuessing::test_gets_five_comparisons_however_many_guess_at_once",
    ),
    "a sign-in code is used once": instead_of(
        CODES, "AND used_at IS NULL AND sent_at", "AND sent_at",
        f"{SIGN_IN}::TestGuessing::test_takes_the_right_code_once",
    ),
    "wrong codes in a row lock a number": instead_of(
        CODES, "        count_try(msisdn=msisdn, now=now)\n", "", f"{ACCOUNTS}test_sign_in.py",
    ),
    "codes to a range have a budget": instead_of(
        SENDING, "limit=settings.SIGN_IN_CODES_PER_RANGE_HOUR,", "limit=_ANY_NUMBER,", SHARED_BUDGETS,
    ),
    "codes to all have a budget": instead_of(
        SENDING, "limit=settings.SIGN_IN_CODES_PER_HOUR_OVERALL,", "limit=_ANY_NUMBER,", SHARED_BUDGETS,
    ),
    "a sum for a code counts once": instead_of(
        SENDING, "    except BudgetSpent:\n        return False\n", "    except BudgetSpent:\n        pass\n",
        f"{SIGN_IN}::TestOneSumForManyCodes::test_is_taken_once",
    ),
    "no code goes to a lost card": instead_of(
        SENDING, "        line = None\n    with transaction", "        pass\n    with transaction",
        f"{ACCOUNTS}test_own_bars.py::TestReportLostSim",
    ),
    "a service password is tried five times": instead_of(
        "accounts/operations/check_service_password.py", "limit=settings.SERVICE_PASSWORD_TRIES,", "limit=1_000_000,",
        f"{SIGN_IN}::TestGuessingAServicePassword::test_gets_five_comparisons_however_many_try_at_once",
    ),
    "a reset service password waits a day": instead_of(
        "accounts/models/service_password.py", " and self.next_at <= now else", " else",
        f"{ACCOUNTS}test_set_service_password.py::TestResetServicePassword",
    ),
    "what proves a line proves no other": instead_of(
        "accounts/web/signed_in.py", 'for entry in request.session[SESSION_KEY] if entry["line"] == line_id)',
        'for entry in reversed(request.session[SESSION_KEY]))', "tests/accounts/web/test_step_up.py",
    ),
    "a proof holds for ten minutes": instead_of(
        "accounts/web/step_up.py", "if at is None or at <= oldest]", "if at is None]",
        "tests/accounts/web/test_step_up.py::TestStepUp",
    ),
}  # fmt: skip
STAFF = {
    "a recovery code works once": instead_of(
        APP, "hash_of(code), used_at=None)", "hash_of(code))",
        f"{CONCURRENCY}test_staff_recovery_codes.py::TestRecoveryCode::test_works_once",
    ),
    "codes of a second factor are counted": instead_of(
        APP, "        _count_try(staff, now)\n        by_app", "        by_app", APP_PAGES,
    ),
    "a second factor takes the place of none that was not shown": instead_of(
        APP, "if not replace and standing.filter(confirmed=True).exists():", "if False:", APP_PAGES,
    ),
    "nobody resets their own second factor": instead_of(
        APP, "if staff.id == by.id or (staff.is_superuser and not by.is_superuser):", "if False:", APP_PAGES,
    ),
    "a proposed bar needs a second person": instead_of(
        BAR_PROPOSALS, "        raise CheckedByProposer", "        pass", f"{ACCOUNTS}test_bar_proposals.py",
    ),
    "a proposed bar is decided once": instead_of(
        BAR_PROPOSALS, "proposals.filter(state=BarProposalState.PROPOSED)", "proposals",
        f"{ACCOUNTS}test_bar_proposals.py",
    ),
    "a star table needs a second person": instead_of(
        STAR_TABLES, "        raise SecondPersonNeeded", "        pass", f"{ACCOUNTS}test_star_tables.py",
    ),
    "a star table is decided once": instead_of(
        STAR_TABLES, "id=table_id, state=StarTableState.PROPOSED)", "id=table_id)", f"{ACCOUNTS}test_star_tables.py",
    ),
}  # fmt: skip
LINES = {
    "so many lines stand under a document": instead_of(
        "accounts/operations/documents.py", " WHERE held.lines + excluded.lines <= %(limit)s\n", "",
        f"{CONCURRENCY}test_line_races.py::TestOneDocument::test_opens_five_numbers_however_many_clerks_there_are",
    ),
    "a number that was left rests": instead_of(
        "accounts/operations/numbers.py", "if resting.rests_until > now:", "if False:",
        "tests/packages_app/operations/test_line_changes.py::TestChangeNumberOfLine",
    ),
    "sensitive acts wait after another card": instead_of(
        "accounts/operations/sim_cards.py", "        raise recent", "        pass",
        f"{ACCOUNTS}test_sim_cards.py::TestRequireNoRecentSimChange",
    ),
    "own stops are counted by the year": instead_of(
        "accounts/operations/own_bars.py", ">= settings.OWN_BARS_PER_YEAR:", ">= 1_000_000:",
        f"{ACCOUNTS}test_own_bars.py::TestStopOnRequest",
    ),
    "nothing ends while its line is in use": instead_of(
        "packages_app/operations/closed_lines.py",
        "if not Line.objects.filter(account_id=account_id, id=line_id, state=LineState.CLOSED).exists():", "if False:",
        "tests/packages_app/operations/test_closed_lines.py::TestEndServicesOfClosedLine",
    ),
}  # fmt: skip
POINTS_AND_STARS = {
    "points are not taken below zero": instead_of(
        POINTS, "IF there < wanted AND NOT at_most THEN", "IF false THEN",
        f"{POINTS_RACES}::TestManyExchangesOfTooLittle::test_exchange_exactly_what_there_is",
    ),
    "a posting of points looks for its key": instead_of(
        POINTS, "    IF FOUND THEN\n        IF (earlier", "    IF false THEN\n        IF (earlier",
        f"{POINTS_RACES}::TestOneKeyManyTimes::test_takes_once",
    ),
    "a posting of points locks its purse": instead_of(
        POINTS, "PERFORM FROM billing_points_purse AS purse WHERE purse.account_id = for_account FOR NO KEY UPDATE;",
        "PERFORM pg_sleep(0.3);", f"{POINTS_RACES}::TestOneKeyManyTimes::test_takes_once",
    ),
}  # fmt: skip
PEOPLE: dict[str, Guard] = {**CODES_AND_PASSWORDS, **STAFF, **LINES, **POINTS_AND_STARS}
