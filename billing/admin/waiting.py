"""What of money waits for staff: proposals of others, requests for e-invoices, days without a report."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing.models import AdjustmentState, EInvoiceState, RefundState
from billing.queries.desk_work import count_to_check
from billing.queries.e_invoices import count_waiting_e_invoices
from billing.queries.reconciliations import list_days_to_reconcile
from kernel.desk_waiting import StaffVisit, Waiting, waiting_list


def proposals_to_check(visit: StaffVisit) -> list[Waiting]:
    """Corrections, fees and refunds that somebody else asked for."""
    may_adjust, may_charge = visit.may("billing.check_adjustment"), visit.may("billing.check_one_off_fee")
    may_refund = visit.may("billing.change_refund")
    if not (may_adjust or may_charge or may_refund):
        return []
    found = count_to_check(visit.staff_id)
    proposed = AdjustmentState.PROPOSED.value
    return [
        *waiting_list(_("Adjustments to check"), found.adjustments * may_adjust, "billing_adjustment", proposed),
        *waiting_list(_("Fees to check"), found.one_off_fees * may_charge, "billing_oneofffee", proposed),
        *waiting_list(_("Refunds to check"), found.refunds * may_refund, "billing_refund", RefundState.REQUESTED.value),
    ]


def e_invoices_to_hand_over(visit: StaffVisit) -> list[Waiting]:
    """Requests for e-invoices that nobody has handed over."""
    if not visit.may("billing.export_e_invoices"):
        return []
    count = count_waiting_e_invoices()
    return waiting_list(_("E-invoices to hand over"), count, "billing_einvoice", EInvoiceState.REQUESTED.value)


def days_to_reconcile(visit: StaffVisit) -> list[Waiting]:
    """Days of the payment provider that were not held against its file."""
    if not visit.may("billing.reconcile_payments"):
        return []
    days = list_days_to_reconcile(settings.PAYMENT_PROVIDER, now=visit.now)
    return waiting_list(_("Days to reconcile"), len(days), "billing_reconciliation")
