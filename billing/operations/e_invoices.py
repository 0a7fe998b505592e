"""E-invoices (电子发票) as customers ask for them: of a bill that is paid, or of a top-up that they paid, once each."""

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from billing.models import BuyerKind, EInvoice, EInvoiceState, Wallet
from billing.operations.ledger import IdempotencyConflict
from billing.queries.e_invoices import (
    LIVE,
    InvoiceSubject,
    get_e_invoice,
    get_invoice_subject,
    get_paid_and_invoiced_fen,
)
from billing.queries.taxpayer_numbers import is_taxpayer_number
from kernel.errors import DomainError

NAME_LENGTH = 100
_BUYER = ("buyer_kind", "buyer_name", "taxpayer_number", "email")


class BuyerNameMissing(DomainError):
    """An invoice names who bought."""

    code = "BUYER_NAME_MISSING"
    message = _("Enter the title of the invoice: a name, in at most 100 characters.")
    field = "buyer_name"


class TaxpayerNumberWrong(DomainError):
    """A company's number is one with a check digit, or an old one of 15."""

    code = "TAXPAYER_NUMBER_WRONG"
    message = _("This is not a taxpayer number.")
    cure = _("Enter the 18 characters of the unified social credit code, or the 15 of an old number.")
    field = "taxpayer_number"


class NotInvoiceable(DomainError):
    """The bill is not paid or has no amount; the top-up is not credited, was given back, or is another's to ask for."""

    code = "NOT_INVOICEABLE"
    message = _("No e-invoice can be asked for here.")
    cure = _("There is one for each bill that is paid, and for each top-up that you paid online.")


class AskedAlready(DomainError):
    """There is an e-invoice of it, or a request that was not refused."""

    code = "E_INVOICE_ASKED_ALREADY"
    message = _("You have asked for this e-invoice already.")
    cure = _("See how far it is under E-invoices.")
    http_status = 409


class PaidMoneyInvoiced(DomainError):
    """What was paid in is on other invoices: a top-up and the bill paid from it are the same money."""

    code = "PAID_MONEY_INVOICED"
    message = _("The money that paid for this is on other e-invoices, or was not paid in by you.")
    cure = _("There is one invoice for the same money: of the top-up, or of the bill that it paid.")


class NotWithdrawable(DomainError):
    """It is being issued, or finished."""

    code = "E_INVOICE_NOT_WITHDRAWABLE"
    message = _("This request is being carried out and cannot be withdrawn any more.")
    http_status = 409


def request_e_invoice(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    subject: InvoiceSubject,
    buyer_kind: BuyerKind,
    buyer_name: str,
    taxpayer_number: str,
    email: str,
    request_key: str,
    now: datetime,
) -> EInvoice:
    """Ask for the e-invoice of a bill or top-up. The amount is what the books say.

    :param line_id: a line of the account in use; its number is told the outcome.
    :param subject: which bill or top-up.
    :param buyer_name: title of the invoice; 100 characters at most.
    :param taxpayer_number: of a company; a person's is left out.
    :param email: where the invoice goes, or "".
    :param request_key: made once per form; sent twice it is one request. 40 characters at most.
    :return: the request, REQUESTED unless it is the repeat of one that has gone on.
    :raises BuyerNameMissing, TaxpayerNumberWrong: the title cannot be printed so.
    :raises NotFound: the account has no such line, bill or top-up.
    :raises NotInvoiceable: nothing was paid for it, or not by this account.
    :raises AskedAlready: there is one of it already.
    :raises PaidMoneyInvoiced: the same money is on other invoices.
    :raises IdempotencyConflict: the form was sent before with other details.
    """
    buyer = _checked_buyer(buyer_kind, buyer_name, taxpayer_number, email)
    line = get_line(account_id=account_id, line_id=line_id)
    with transaction.atomic():
        _take_turn(account_id)
        known = EInvoice.objects.filter(account_id=account_id, request_key=request_key).first()
        if known:
            return _same(known, subject, buyer)
        if EInvoice.objects.filter(account_id=account_id, subject_key=subject.key, state__in=LIVE).exists():
            raise AskedAlready
        found = get_invoice_subject(account_id, subject)
        if found.amount_fen <= 0:
            raise NotInvoiceable
        if found.from_own_wallet:
            sums = get_paid_and_invoiced_fen(account_id)
            if found.amount_fen > sums.paid_fen - sums.invoiced_fen:
                raise PaidMoneyInvoiced
        return EInvoice.objects.create(
            account_id=account_id,
            subject_key=subject.key,
            period_date=subject.month.first_date if subject.month else None,
            top_up_account_id=subject.top_up_account_id,
            top_up_id=subject.top_up_id,
            amount_fen=found.amount_fen,
            line_id=line.id,
            msisdn=line.msisdn,
            language=line.language,
            request_key=request_key,
            requested_at=now,
            **buyer,
        )


def withdraw_e_invoice(*, account_id: uuid.UUID, e_invoice_id: uuid.UUID, now: datetime) -> EInvoice:
    """Take a request back before it is handed over. It may be made anew.

    :return: the request, WITHDRAWN; withdrawing it twice changes nothing.
    :raises NotFound: the account has no such request.
    :raises NotWithdrawable: it was handed over already.
    """
    waiting = EInvoice.objects.filter(account_id=account_id, id=e_invoice_id, state=EInvoiceState.REQUESTED)
    waiting.update(state=EInvoiceState.WITHDRAWN, finished_at=now)
    e_invoice = get_e_invoice(account_id, e_invoice_id)
    if e_invoice.state != EInvoiceState.WITHDRAWN:
        raise NotWithdrawable
    return e_invoice


def _checked_buyer(buyer_kind: BuyerKind, buyer_name: str, taxpayer_number: str, email: str) -> dict[str, str]:
    name = " ".join(buyer_name.split())
    number = "".join(taxpayer_number.split()).upper() if buyer_kind == BuyerKind.COMPANY else ""
    if not name or len(name) > NAME_LENGTH:
        raise BuyerNameMissing
    if buyer_kind == BuyerKind.COMPANY and not is_taxpayer_number(number):
        raise TaxpayerNumberWrong
    return dict(zip(_BUYER, (BuyerKind(buyer_kind).value, name, number, email), strict=True))


def _take_turn(account_id: uuid.UUID) -> None:
    """Let one request of an account at a time look at what is paid and invoiced; no money moves meanwhile."""
    Wallet.objects.select_for_update(no_key=True).filter(account_id=account_id).first()


def _same(known: EInvoice, subject: InvoiceSubject, buyer: dict[str, str]) -> EInvoice:
    if known.subject_key != subject.key or any(getattr(known, name) != buyer[name] for name in _BUYER):
        raise IdempotencyConflict
    return known
