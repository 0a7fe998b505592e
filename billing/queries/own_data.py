"""What of this app a customer takes along."""

from collections.abc import Mapping

from django.db import models

from billing.models import (
    Adjustment,
    AutomaticTopUp,
    BankCard,
    Bill,
    BillLine,
    BillRequest,
    BonusGrant,
    CardPayment,
    Charge,
    DunningCase,
    DunningNote,
    EInvoice,
    Hold,
    HoldStep,
    LedgerEntry,
    OneOffFee,
    OverdraftChange,
    OverdraftLowering,
    PointsDue,
    PointsEntry,
    PointsExchange,
    PointsLot,
    PointsPurse,
    Refund,
    TopUp,
    Wallet,
)
from kernel.own_data import OwnData

OWN_DATA = [
    OwnData("wallet", Wallet, ("cash_fen", "bonus_fen", "held_fen", "overdraft_fen", "updated_at")),
    OwnData(
        "movements",
        LedgerEntry,
        ("version", "posted_at", "bucket", "amount_fen", "after_fen", "reason_kind", "reason_id"),
    ),
    OwnData("bonuses", BonusGrant, ("granted_at", "granted_fen", "left_fen", "reason_kind", "expires_at")),
    OwnData("money_set_aside", Hold, ("held_at", "purpose", "amount_fen", "captured_fen", "state", "ended_at")),
    OwnData("overdraft_changes", OverdraftChange, ("changed_at", "before_fen", "after_fen", "reason")),
    OwnData(
        "top_ups",
        TopUp,
        (
            *("id", "requested_at", "msisdn", "amount_fen", "bonus_fen", "state", "channel", "provider"),
            *("payment_number", "finished_at"),
        ),
    ),
    OwnData("refunds", Refund, ("requested_at", "top_up_id", "amount_fen", "reason", "state", "refunded_at")),
    OwnData("bank_cards", BankCard, ("line_id", "bank", "account_kind", "last_four", "state", "bound_at", "ended_at")),
    OwnData("card_payments", CardPayment, ("requested_at", "card_id", "amount_fen", "automatic", "state")),
    OwnData(
        "automatic_top_ups",
        AutomaticTopUp,
        ("line_id", "threshold_fen", "amount_fen", "monthly_limit_fen", "state", "changed_at"),
    ),
    OwnData(
        "charges",
        Charge,
        (
            *("id", "charged_at", "line_id", "msisdn", "head", "name", "provider_name", "amount_fen", "reason"),
            *("reason_id", "settled_at"),
        ),
    ),
    OwnData("adjustments", Adjustment, ("proposed_at", "msisdn", "amount_fen", "reason", "words", "state")),
    OwnData("one_off_fees", OneOffFee, ("proposed_at", "msisdn", "amount_fen", "head", "name", "words", "state")),
    OwnData("bills", Bill, ("period_date", "total_fen", "issued_at")),
    OwnData("bills_asked_for", BillRequest, ("asked_at", "client_id", "name", "description", "period_date")),
    OwnData(
        "bill_lines",
        BillLine,
        ("period_date", "number", "head", "name", "provider_name", "amount_fen", "msisdn", "charge_id"),
    ),
    OwnData(
        "e_invoices",
        EInvoice,
        (
            *("requested_at", "period_date", "amount_fen", "buyer_kind", "buyer_name", "taxpayer_number", "email"),
            *("state", "invoice_number", "refusal", "finished_at"),
        ),
    ),
    OwnData("reminders_of_dues", DunningNote, ("noted_at", "kind", "step", "owed_fen", "until_at")),
    OwnData("points", PointsPurse, ("points", "updated_at")),
    OwnData("points_by_month", PointsLot, ("earned_date", "earned_points", "left_points", "expires_at")),
    OwnData(
        "points_movements",
        PointsEntry,
        ("version", "posted_at", "counterpart", "points", "after_points", "base_fen", "percent"),
    ),
    OwnData("points_exchanges", PointsExchange, ("exchanged_at", "line_id", "points", "bonus_fen", "channel")),
]

LEFT_OUT: Mapping[type[models.Model], str] = {
    DunningCase: "What it did is among the reminders of dues, with each step.",
    HoldStep: "The steps of money set aside; where it stands is there.",
    OverdraftLowering: "A change of the overdraft that is yet to come; it is there once it is made.",
    PointsDue: "Charges whose points are a minute away; both are there.",
}
