from billing.models.bill import Bill, BillLine
from billing.models.bill_run import BillRun
from billing.models.charge import BillHead, Charge, ChargeReason
from billing.models.ledger_entry import Counterpart, LedgerEntry, MoneyBucket
from billing.models.payment_number import PaymentNumber
from billing.models.sandbox_payment import SandboxPayment
from billing.models.top_up import TopUp, TopUpFailure, TopUpState
from billing.models.wallet import Wallet

__all__ = [
    "Bill",
    "BillHead",
    "BillLine",
    "BillRun",
    "Charge",
    "ChargeReason",
    "Counterpart",
    "LedgerEntry",
    "MoneyBucket",
    "PaymentNumber",
    "SandboxPayment",
    "TopUp",
    "TopUpFailure",
    "TopUpState",
    "Wallet",
]
