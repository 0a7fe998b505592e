"""What the database itself refuses, about money, orders and cards: each constraint with a row that breaks it alone.

The row is a copy of a good one with some columns changed. `test_constraints.py` shows that it is refused, by this
constraint, and accepted without it.
"""

from typing import Any

from tests.guards.broken import ID as _ID
from tests.guards.broken import LATER as _LATER
from tests.guards.broken import LONG_AGO as _LONG_AGO
from tests.guards.broken import STRANGER as _STRANGER
from tests.guards.broken import Broken
from tests.guards.people_constraints import PEOPLE

_VERSION = {"version": 99}
_NOON = "2026-11-15T12:00:00+08:00"


def _paid(**changes: Any) -> Broken:
    return Broken("billing_top_up", {**_ID, "idempotency_key": "other", **changes}, "state = 'SUCCEEDED'")


def _hold(**changes: Any) -> Broken:
    return Broken("billing_hold", {**_ID, "hold_key": "other", **changes}, "state = 'HELD'")


def _adjustment(**changes: Any) -> Broken:
    return Broken("billing_adjustment", {**_ID, "request_key": "other", **changes}, "state = 'PROPOSED'")


def _fee(**changes: Any) -> Broken:
    return Broken("billing_one_off_fee", {**_ID, "request_key": "other", **changes}, "state = 'PROPOSED'")


def _refund(**changes: Any) -> Broken:
    return Broken("billing_refund", {**_ID, "request_key": "other", **changes})


def _campaign(**changes: Any) -> Broken:
    return Broken("billing_campaign", {"code": "OTHER", **changes})


def _invoice(**changes: Any) -> Broken:
    fresh = {"request_key": "other", "subject_key": "bill:2020-01"}
    return Broken("billing_e_invoice", {**_ID, **fresh, **changes}, "state = 'REQUESTED'")


def _bank_card(**changes: Any) -> Broken:
    return Broken("billing_bank_card", {**_ID, "request_key": "other", **changes}, "state = 'ACTIVE'")


def _card_payment(**changes: Any) -> Broken:
    fresh = {**_ID, "request_key": "other", "automatic": False, "limit_fen": None}
    return Broken("billing_card_payment", {**fresh, **changes})


def _automatic(**changes: Any) -> Broken:
    return Broken("billing_automatic_top_up", {"account_id": _STRANGER, **changes})


def _charge(**changes: Any) -> Broken:
    return Broken("billing_charge", {**_ID, "charge_key": "other", **changes})


def _entry(**changes: Any) -> Broken:
    return Broken("billing_ledger_entry", {**_VERSION, "posting_key": "other", **changes})


def _wallet(**changes: Any) -> Broken:
    return Broken("billing_wallet", {"account_id": _STRANGER, **changes})


def _card(**changes: Any) -> Broken:
    fresh = {"pin_hash": "0" * 64, "serial_number": "00000000000000009"}
    return Broken("billing_voucher", {**fresh, **changes}, "state = 'ACTIVE'")


def _order(**changes: Any) -> Broken:
    return Broken("packages_order", {**_ID, "request_key": "other", **changes}, "state = 'COMPLETED'")


def _subscription(**changes: Any) -> Broken:
    return Broken("packages_subscription", {**_ID, **changes}, "ends_at IS NOT NULL")


def _bucket(**changes: Any) -> Broken:
    return Broken("packages_bucket", {**_ID, "allowance_number": 7, **changes}, "carried_from_id IS NULL")


WALLETS = {
    "wallet_not_below_floor": _wallet(cash_fen=-1, bonus_fen=1_000, held_fen=0, overdraft_fen=0),
    "wallet_bonus_not_negative": _wallet(cash_fen=1_000, bonus_fen=-1, held_fen=0),
    "wallet_covers_what_is_held": _wallet(cash_fen=10, bonus_fen=0, held_fen=11, overdraft_fen=0),
    "wallet_held_not_negative": _wallet(held_fen=-1),
    "wallet_overdraft_not_negative": _wallet(cash_fen=1_000, held_fen=0, overdraft_fen=-1),
    "billing_wallet_pkey": Broken("billing_wallet", {}),
    "ledger_entry_adds_up": _entry(amount_fen=5, before_fen=0, after_fen=6),
    "ledger_entry_moves_money": _entry(amount_fen=0, before_fen=5, after_fen=5),
    "ledger_entry_version_from_one": _entry(version=0),
    "ledger_entry_posting_key_once": Broken("billing_ledger_entry", _VERSION),
    "billing_ledger_entry_pkey": Broken("billing_ledger_entry", {"posting_key": "other"}),
    "bonus_granted_positive": Broken("billing_bonus_grant", {**_VERSION, "granted_fen": 0, "left_fen": 0}),
    "bonus_left_within_granted": Broken("billing_bonus_grant", {**_VERSION, "granted_fen": 5, "left_fen": 6}),
    "billing_bonus_grant_pkey": Broken("billing_bonus_grant", {}),
}
HOLDS_AND_CHARGES = {
    "hold_key_once": Broken("billing_hold", _ID),
    "billing_hold_pkey": Broken("billing_hold", {"hold_key": "other"}),
    "hold_amount_positive": _hold(amount_fen=0),
    "hold_state_known": _hold(state="LOST", ended_at=_LATER),
    "hold_captured_is_an_amount": _hold(state="CAPTURED", captured_fen=0, ended_at=_LATER),
    "hold_captures_no_more_than_held": _hold(state="CAPTURED", amount_fen=5, captured_fen=6, ended_at=_LATER),
    "hold_ended_has_instant": _hold(state="RELEASED"),
    "hold_step_is_beginning_or_end": Broken("billing_hold_step", {"number": 2, "state": "HELD"}),
    "billing_hold_step_pkey": Broken("billing_hold_step", {}),
    "charge_amount_positive": _charge(amount_fen=0),
    "charge_for_others_names_provider": _charge(head="THIRD_PARTY", provider_name=""),
    "charge_settled_not_before_charged": _charge(settled_at=_LONG_AGO),
    "charge_key_once": Broken("billing_charge", _ID),
    "billing_charge_pkey": Broken("billing_charge", {"charge_key": "other"}),
    "billing_bill_pkey": Broken("billing_bill", {}),
    "billing_bill_line_pkey": Broken("billing_bill_line", {"charge_id": _STRANGER}),
    "bill_line_charge_billed_once": Broken("billing_bill_line", {"number": 99}),
    "billing_bill_run_pkey": Broken("billing_bill_run", {}),
}
MONEY_BY_STAFF = {
    "adjustment_moves_money": _adjustment(amount_fen=0),
    "adjustment_state_known": _adjustment(state="LOST", checked_by=9, checked_at=_LATER),
    "adjustment_needs_two_people": _adjustment(state="POSTED", proposed_by=9, checked_by=9, checked_at=_LATER),
    "adjustment_decided_was_checked": _adjustment(state="POSTED"),
    "billing_one_off_fee_pkey": Broken("billing_one_off_fee", {"request_key": "other"}),
    "adjustment_request_key_once": Broken("billing_adjustment", _ID),
    "one_off_fee_amount_positive": _fee(amount_fen=0),
    "one_off_fee_state_known": _fee(state="LOST", checked_by=9, checked_at=_LATER),
    "one_off_fee_needs_two_people": _fee(state="CHARGED", proposed_by=9, checked_by=9, checked_at=_LATER),
    "one_off_fee_decided_was_checked": _fee(state="CHARGED"),
    "one_off_fee_for_others_names_provider": _fee(head="THIRD_PARTY", provider_name=""),
    "one_off_fee_request_key_once": Broken("billing_one_off_fee", _ID),
    "refund_approved_by_another": _refund(state="APPROVED", requested_by_id=9, approved_by_id=9, decided_at=_LATER),
    "refund_amount_positive": _refund(amount_fen=0),
    "refund_asked_for_by_one": _refund(requested_client="shop"),
    "refund_has_reason": _refund(reason=""),
    "refund_moves_only_when_approved": _refund(state="SUCCEEDED"),
    "refund_request_key_once": Broken("billing_refund", _ID),
}
TOP_UPS_AND_CARDS = {
    "top_up_amount_positive": _paid(amount_fen=0),
    "top_up_bonus_is_by_campaign": _paid(bonus_fen=1, campaign_code=""),
    "top_up_state_known": _paid(state="LOST"),
    "top_up_succeeded_has_instant": _paid(finished_at=None),
    "top_up_key_once": Broken("billing_top_up", _ID),
    "billing_top_up_pkey": Broken("billing_top_up", {"idempotency_key": "other"}),
    "billing_payment_number_pkey": Broken("billing_payment_number", {}),
    "voucher_face_positive": _card(face_fen=0),
    "voucher_pin_is_hashed": _card(pin_hash="123456789012345678"),
    "voucher_redeemed_names_top_up": _card(state="REDEEMED"),
    "voucher_state_known": _card(state="LOST"),
    "billing_voucher_pkey": Broken("billing_voucher", {"serial_number": "00000000000000009"}),
    "voucher_batch_face_positive": Broken("billing_voucher_batch", {"number": 99, "face_fen": 0}),
    "voucher_batch_has_cards": Broken("billing_voucher_batch", {"number": 99, "count": 0}),
    "voucher_batch_state_known": Broken("billing_voucher_batch", {"number": 99, "state": "LOST"}),
    "voucher_block_has_reason": Broken("billing_voucher_deed", {**_ID, "act": "BLOCK", "reason": ""}),
    "voucher_deed_concerns_cards": Broken("billing_voucher_deed", {**_ID, "cards": 0}),
}
CAMPAIGNS_AND_INVOICES = {
    "campaign_gives_fen_or_percent": _campaign(bonus_fen=0, bonus_percent=0),
    "campaign_doubles_at_most": _campaign(bonus_fen=0, bonus_percent=101),
    "campaign_minimum_positive": _campaign(minimum_fen=0),
    "campaign_cap_positive": _campaign(cap_fen=0),
    "campaign_ends_after_start": _campaign(ends_at=_LONG_AGO),
    "e_invoice_amount_positive": _invoice(amount_fen=0),
    "e_invoice_company_has_taxpayer_number": _invoice(buyer_kind="COMPANY", taxpayer_number=""),
    "e_invoice_handed_over_in_a_file": _invoice(state="EXPORTED", batch_id=None),
    "e_invoice_of_bill_or_top_up": _invoice(period_date=None, top_up_account_id=None, top_up_id=None),
    "e_invoice_outcome_has_number_or_reason": _invoice(state="ISSUED", batch_id=_STRANGER, invoice_number=""),
    "e_invoice_request_key_once": Broken("billing_e_invoice", {**_ID, "subject_key": "bill:2020-01"}),
    "e_invoice_once_for_each_subject": Broken("billing_e_invoice", {**_ID, "request_key": "other"}),
}
BANK_CARDS = {
    "bank_card_key_once": Broken("billing_bank_card", _ID),
    "bank_card_last_four": _bank_card(last_four="12a4"),
    "bank_card_state_known": _bank_card(state="LOST"),
    "bank_card_account_known": _bank_card(account_kind="LOST"),
    "bank_card_active_has_agreement": _bank_card(token=""),
    "card_payment_key_once": Broken("billing_card_payment", {**_ID, "automatic": False, "limit_fen": None}),
    "card_payment_amount_positive": _card_payment(amount_fen=0),
    "card_payment_state_known": _card_payment(state="LOST"),
    "card_payment_automatic_has_limit": _card_payment(state="FAILED", automatic=True),
    "card_payment_one_automatic_open": Broken("billing_card_payment", {**_ID, "request_key": "other"}),
    "automatic_top_up_state_known": _automatic(state="LOST"),
    "automatic_top_up_threshold_positive": _automatic(threshold_fen=0),
    "automatic_top_up_lifts_above": _automatic(threshold_fen=5, amount_fen=5),
    "automatic_top_up_limit_allows": _automatic(monthly_limit_fen=1),
}
ORDERS = {
    "order_request_once": Broken("packages_order", _ID, "state = 'COMPLETED'"),
    "packages_order_pkey": Broken("packages_order", {"request_key": "other"}, "state = 'COMPLETED'"),
    "order_one_waiting_per_offering": Broken(
        "packages_order", {**_ID, "request_key": "other"}, "state = 'AWAITING_CONFIRMATION'"
    ),
    "order_completed_only_confirmed": _order(confirmed_at=None),
    "order_confirmed_in_time": _order(expires_at=_LONG_AGO),
    "order_state_known": _order(state="LOST", confirmed_at=None),
    "packages_order_evidence_pkey": Broken("packages_order_evidence", {}),
    "subscription_state_known": _subscription(state="LOST"),
    "subscription_has_a_period": _subscription(ends_at=_LONG_AGO),
    "subscription_without_end_is_active": _subscription(state="ENDED", ends_at=None),
    "packages_subscription_pkey": Broken("packages_subscription", {}),
    "bucket_not_overspent": _bucket(total=5, used=6),
    "bucket_has_a_period": _bucket(starts_at=_NOON, ends_at=_NOON),
    "bucket_within_one_month": _bucket(ends_at="2027-03-01T00:00:00+08:00"),
    "bucket_once_per_cycle": Broken("packages_bucket", _ID, "carried_from_id IS NULL"),
    "bucket_carried_over_once": Broken("packages_bucket", _ID, "carried_from_id IS NOT NULL"),
    "usage_amount_positive": Broken("packages_usage_record", {"record_key": "other", "amount": 0}),
    "packages_usage_record_pkey": Broken("packages_usage_record", {}),
    "usage_beyond_positive": Broken("packages_usage_beyond", {"region": "HK", "amount": 0}),
    "usage_fee_not_negative": Broken("packages_usage_fee", {**_ID, "usage_kind": "SMS", "charged_fen": -1}),
    "usage_fee_once_per_month": Broken("packages_usage_fee", _ID),
    "usage_counter_beyond_in_total": Broken("packages_usage_counter", {"usage_kind": "SMS", "total": 5, "beyond": 6}),
    "packages_usage_counter_pkey": Broken("packages_usage_counter", {}),
}
_MONTH_AGO = {"earned_date": "2026-09-01"}
POINTS = {
    "points_not_below_zero": Broken("billing_points_purse", {"account_id": _STRANGER, "points": -1}),
    "billing_points_purse_pkey": Broken("billing_points_purse", {}),
    "points_left_within_earned": Broken("billing_points_lot", {**_MONTH_AGO, "earned_points": 5, "left_points": 6}),
    "billing_points_lot_pkey": Broken("billing_points_lot", {}),
    "points_posting_key_once": Broken("billing_points_entry", _VERSION),
    "billing_points_entry_pkey": Broken("billing_points_entry", {"posting_key": "other"}),
    "points_entry_moves_points": Broken("billing_points_entry", {**_VERSION, "posting_key": "other", "points": 0}),
    "points_entry_not_below_zero": Broken(
        "billing_points_entry", {**_VERSION, "posting_key": "other", "after_points": -1}
    ),
    "points_version_from_one": Broken("billing_points_entry", {"version": 0, "posting_key": "other"}),
    "billing_points_due_pkey": Broken("billing_points_due", {}),
    "points_due_kind_known": Broken("billing_points_due", {"reason_id": _STRANGER, "kind": "GIFT"}),
    "points_exchange_request_once": Broken("billing_points_exchange", _ID),
    "billing_points_exchange_pkey": Broken("billing_points_exchange", {"request_key": "other"}),
    "points_exchange_moves_something": Broken(
        "billing_points_exchange", {**_ID, "request_key": "other", "bonus_fen": 0}
    ),
    "points_rule_gives_something": Broken("billing_points_rule", {"version": 0, "valid_from": _LATER}),
    "billing_points_rule_valid_from_key": Broken("billing_points_rule", {"version": 9}),
    "points_rule_star_adds": Broken(
        "billing_points_rule", {"version": 9, "valid_from": _LATER, "star_percents": "{100,100,100,100,100,99}"}
    ),
}
# Another constraint refuses every row that these would refuse.
_BY_OPERATOR = {**_ID, "reason": "OPERATOR"}
_STEP = "postponement = ''"
BARS_AND_DUNNING = {
    "bar_open_once_per_reason": Broken("accounts_bar", _ID),
    "bar_reason_known": Broken("accounts_bar", {**_ID, "reason": "LOST"}),
    "bar_end_has_an_author": Broken("accounts_bar", {**_BY_OPERATOR, "ended_at": _LATER}),
    "bar_by_staff_names_them": Broken("accounts_bar", {**_BY_OPERATOR, "started_by": "STAFF"}),
    "bar_lifted_by_staff_names_them": Broken("accounts_bar", {**_BY_OPERATOR, "ended_at": _LATER, "ended_by": "STAFF"}),
    "bar_ends_by_itself_at_request_only": Broken("accounts_bar", {**_BY_OPERATOR, "until_at": _LATER}),
    "dunning_case_open_once": Broken("billing_dunning_case", _ID),
    "dunning_case_step_known": Broken("billing_dunning_case", {**_ID, "step": "LOST", "closed_at": _LATER}),
    "dunning_case_closed_after_its_step": Broken("billing_dunning_case", {**_ID, "closed_at": _LONG_AGO}),
    "billing_dunning_case_pkey": Broken("billing_dunning_case", {"closed_at": _LATER}),
    "dunning_note_once": Broken("billing_dunning_note", _ID, _STEP),
    "dunning_note_once_per_holiday": Broken("billing_dunning_note", _ID, "postponement = 'HOLIDAY'"),
    "dunning_note_of_delay_says_why": Broken("billing_dunning_note", {**_ID, "kind": "POSTPONED"}, _STEP),
    "billing_dunning_note_pkey": Broken("billing_dunning_note", {"step": "TWO_WAY"}, _STEP),
}
COVERED = {
    "e_invoice_state_known": "e_invoice_handed_over_in_a_file",
    "refund_state_known": "refund_moves_only_when_approved",
}
CONSTRAINTS: dict[str, Broken] = {
    **WALLETS, **POINTS,
    **HOLDS_AND_CHARGES, **MONEY_BY_STAFF, **TOP_UPS_AND_CARDS, **CAMPAIGNS_AND_INVOICES, **BANK_CARDS, **ORDERS,
    **BARS_AND_DUNNING, **PEOPLE,
}  # fmt: skip
