"""What the database refuses about people, their lines and staff: each constraint with a row that breaks it alone."""

from typing import Any

from tests.guards.broken import ID, LATER, LONG_AGO, STRANGER, Broken

_NOT_TO_THE_HOUR = "2026-12-01T00:30:00+08:00"
_NUMBER = {"id": 999_999}


def _proposal(**changes: Any) -> Broken:
    return Broken("accounts_bar_proposal", {**ID, **changes})


def _window(**changes: Any) -> Broken:
    return Broken("accounts_holiday_window", {"code": "OTHER", **changes})


def _document(**changes: Any) -> Broken:
    return Broken("accounts_identity_document", {"account_id": STRANGER, **changes})


def _sim(**changes: Any) -> Broken:
    return Broken("accounts_sim_card", {**ID, "to_at": LATER, **changes})


def _band(**changes: Any) -> Broken:
    return Broken("accounts_star_band", {"table_id": STRANGER, **changes})


def _rating(**changes: Any) -> Broken:
    return Broken("accounts_star_rating", {"period_date": "2026-10-01", **changes}, "star = 5")


def _table(**changes: Any) -> Broken:
    return Broken("accounts_star_table", {**ID, "request_key": "other", **changes}, "state = 'PROPOSED'")


def _decided(**changes: Any) -> Broken:
    return _table(state="REFUSED", checked_at=LATER, **changes)


LINES = {
    "prospect_is_of_a_partner": Broken("accounts_customer", {**ID, "is_prospect": True, "client_id": ""}),
    "line_number_once_per_account": Broken("accounts_line", ID),
    "accounts_number_directory_pkey": Broken("accounts_number_directory", {}),
    "accounts_sim_directory_pkey": Broken("accounts_sim_directory", {}),
    "sim_card_open_once": Broken("accounts_sim_card", ID),
    "sim_card_ends_after": _sim(to_at=LONG_AGO),
    "sim_card_reason_known": _sim(reason="STOLEN"),
    "line_act_kind_known": Broken("accounts_line_act", {**ID, "kind": "LOST"}),
    "accounts_document_directory_pkey": Broken("accounts_document_directory", {}),
    "document_lines_not_negative": Broken("accounts_document_directory", {"number_hash": "0" * 64, "lines": -1}),
    "accounts_identity_document_pkey": Broken("accounts_identity_document", {}),
    "document_kind_known": _document(kind="LIBRARY_CARD"),
    "document_shown_masked": _document(masked="E12345678"),
    "bar_proposal_waits_once": Broken("accounts_bar_proposal", ID),
    "bar_proposal_needs_two_people": _proposal(reason="LOST_SIM"),
    "bar_proposal_checked_by_another": _proposal(state="DONE", proposed_by=9, checked_by=9, checked_at=LATER),
    "bar_proposal_decided_was_checked": _proposal(state="DONE"),
}
PASSWORDS_AND_STAFF = {
    "accounts_service_password_pkey": Broken("accounts_service_password", {}),
    "service_password_waits_until": Broken("accounts_service_password", {"line_id": STRANGER, "next_hash": "x"}),
    "accounts_sign_in_code_pkey": Broken("accounts_sign_in_code", {}),
    "accounts_budget_pkey": Broken("accounts_budget", {}),
    "accounts_staff_user_username_key": Broken("accounts_staff_user", _NUMBER),
    "staff_recovery_code_once": Broken("accounts_staff_recovery_code", _NUMBER),
}
STARS = {
    "accounts_star_table_request_key_key": Broken("accounts_star_table", ID, "state = 'PROPOSED'"),
    "star_table_by_two_people": _decided(proposed_by=9, checked_by=9),
    "star_table_decided_with_time": _table(state="REFUSED"),
    "star_table_looks_back_some_months": _table(looks_back_months=0),
    "overdraft_lowering_not_negative": Broken(
        "billing_overdraft_lowering", {"account_id": STRANGER, "overdraft_fen": -1}
    ),
    "star_band_of_known_star": _band(star=6),
    "star_band_overdraft_not_negative": _band(overdraft_fen=-1),
    "star_step_not_negative": Broken("accounts_star_step", {"table_id": STRANGER, "at_least": -1}),
    "accounts_star_rating_pkey": Broken("accounts_star_rating", {}),
    "star_rating_known": _rating(star=6),
    "star_rating_is_sum_of_points": _rating(points=7),
    "star_rating_holds_some_time": _rating(valid_until="2026-10-01"),
    "accounts_holiday_window_pkey": Broken("accounts_holiday_window", {}),
    "holiday_window_ends_after_start": _window(ends_at=LONG_AGO),
    "holiday_window_star_known": _window(minimum_star=6),
    "holiday_window_to_the_hour": _window(ends_at=_NOT_TO_THE_HOUR),
}
PRIVACY = {
    "data_download_one_waiting": Broken("accounts_data_download", ID),
    "data_download_content_while_ready": Broken("accounts_data_download", {**ID, "state": "READY"}),
}
PEOPLE: dict[str, Broken] = {**LINES, **PASSWORDS_AND_STAFF, **STARS, **PRIVACY}
