from billing.models.adjustment import Adjustment, AdjustmentReason, AdjustmentState
from billing.models.automatic_top_up import AutomaticTopUp, AutomaticTopUpState
from billing.models.bank_card import BankAccountKind, BankCard, BankCardState, BoundBankAccount
from billing.models.bill import Bill, BillLine
from billing.models.bill_request import BillRequest
from billing.models.bill_run import BillRun
from billing.models.bonus_grant import BonusGrant
from billing.models.campaign import Campaign
from billing.models.card_payment import CardPayment
from billing.models.charge import BillHead, Charge, ChargeReason
from billing.models.dunning import DunningCase, DunningNote, DunningNoteKind, DunningStep, Postponement
from billing.models.e_invoice import BuyerKind, EInvoice, EInvoiceBatch, EInvoiceState
from billing.models.hold import Hold, HoldState, HoldStep
from billing.models.ledger_entry import Counterpart, LedgerEntry, MoneyBucket
from billing.models.one_off_fee import OneOffFee, OneOffFeeState
from billing.models.overdraft_change import OverdraftChange
from billing.models.overdraft_lowering import OverdraftLowering
from billing.models.payment_number import PaymentNumber
from billing.models.points import (
    PointsCounterpart,
    PointsDue,
    PointsEntry,
    PointsExchange,
    PointsLot,
    PointsPurse,
    PointsRule,
    SpendingKind,
)
from billing.models.reconciliation import DifferenceKind, Reconciliation, ReconciliationDifference
from billing.models.refund import Refund, RefundState
from billing.models.sandbox_bank import SandboxAgreement, SandboxBankBehaviour, SandboxBankPayment
from billing.models.sandbox_payment import SandboxPayment, SandboxRefund
from billing.models.star_run import StarRun
from billing.models.star_simulation import StarSimulation
from billing.models.top_up import TopUp, TopUpFailure, TopUpState
from billing.models.voucher import Voucher, VoucherCard, VoucherState
from billing.models.voucher_batch import VoucherAct, VoucherBatch, VoucherBatchState, VoucherDeed
from billing.models.wallet import Wallet

__all__ = [
    "Adjustment",
    "AdjustmentReason",
    "AdjustmentState",
    "AutomaticTopUp",
    "AutomaticTopUpState",
    "BankAccountKind",
    "BankCard",
    "BankCardState",
    "Bill",
    "BillHead",
    "BillLine",
    "BillRequest",
    "BillRun",
    "BonusGrant",
    "BoundBankAccount",
    "BuyerKind",
    "Campaign",
    "CardPayment",
    "Charge",
    "ChargeReason",
    "Counterpart",
    "DifferenceKind",
    "DunningCase",
    "DunningNote",
    "DunningNoteKind",
    "DunningStep",
    "EInvoice",
    "EInvoiceBatch",
    "EInvoiceState",
    "Hold",
    "HoldState",
    "HoldStep",
    "LedgerEntry",
    "MoneyBucket",
    "OneOffFee",
    "OneOffFeeState",
    "OverdraftChange",
    "OverdraftLowering",
    "PaymentNumber",
    "PointsCounterpart",
    "PointsDue",
    "PointsEntry",
    "PointsExchange",
    "PointsLot",
    "PointsPurse",
    "PointsRule",
    "Postponement",
    "Reconciliation",
    "ReconciliationDifference",
    "Refund",
    "RefundState",
    "SandboxAgreement",
    "SandboxBankBehaviour",
    "SandboxBankPayment",
    "SandboxPayment",
    "SandboxRefund",
    "SpendingKind",
    "StarRun",
    "StarSimulation",
    "TopUp",
    "TopUpFailure",
    "TopUpState",
    "Voucher",
    "VoucherAct",
    "VoucherBatch",
    "VoucherBatchState",
    "VoucherCard",
    "VoucherDeed",
    "VoucherState",
    "Wallet",
]
