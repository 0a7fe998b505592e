from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.account_owned import AccountOwnedRow, Placement
from kernel.ids import uuid7


class EInvoiceState(models.TextChoices):
    """REQUESTED → EXPORTED | WITHDRAWN; EXPORTED → ISSUED | REFUSED."""

    REQUESTED = "REQUESTED", _("asked for")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")
    EXPORTED = "EXPORTED", _("being issued")
    ISSUED = "ISSUED", pgettext_lazy("e-invoice", "issued")
    REFUSED = "REFUSED", _("could not be issued")


class BuyerKind(models.TextChoices):
    PERSONAL = "PERSONAL", _("a person")
    COMPANY = "COMPANY", _("a company")


class EInvoiceBatch(models.Model):
    """Requests that were handed over to be issued in one file."""

    placement = Placement.LOCAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    made_at = models.DateTimeField(_("made at"))
    made_by = models.CharField(_("made by"), max_length=150)
    count = models.PositiveIntegerField(_("requests"))
    total_fen = models.BigIntegerField(_("sum"))

    class Meta:
        db_table = "billing_e_invoice_batch"
        verbose_name = _("file of e-invoice requests")
        verbose_name_plural = _("files of e-invoice requests")
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=models.Q(count__gt=0), name="e_invoice_batch_not_empty")]

    def __str__(self) -> str:
        return str(self.id)


class EInvoice(AccountOwnedRow):
    """A customer's wish for an e-invoice (电子发票) of a paid bill or of a top-up they paid, and what became of it.

    The account is the one that asks. Of one bill or top-up there is one at a time: what was withdrawn or refused may be
    asked for anew. `top_up_account_id` is whose wallet the top-up went to: another than `account` when the asker paid
    for somebody else. Bill or top-up are looked up by these ids; no foreign key spans accounts.
    """

    subject_key = models.CharField(_("of what"), max_length=48, help_text=_("bill:2026-10, top-up:<id>"))
    period_date = models.DateField(_("bill of month"), null=True)
    top_up_account_id = models.UUIDField(_("account topped up"), null=True)
    top_up_id = models.UUIDField(_("top-up"), null=True)
    amount_fen = models.BigIntegerField(_("amount"))
    line_id = models.UUIDField(_("line"))
    msisdn = models.CharField(_("number"), max_length=16, help_text=_("where the outcome is told"))
    language = models.CharField(_("language of the text"), max_length=8)
    buyer_kind = models.CharField(_("issued to"), max_length=8, choices=BuyerKind)
    buyer_name = models.CharField(_("title of the invoice"), max_length=100)
    taxpayer_number = models.CharField(_("taxpayer number"), max_length=18, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    state = models.CharField(_("state"), max_length=12, choices=EInvoiceState, default=EInvoiceState.REQUESTED)
    request_key = models.CharField(max_length=40, help_text=_("one form, one request"))
    requested_at = models.DateTimeField(_("asked for at"))
    batch_id = models.UUIDField(_("file of requests"), null=True)
    exported_at = models.DateTimeField(_("handed over at"), null=True)
    invoice_number = models.CharField(_("invoice number"), max_length=20, blank=True)
    refusal = models.CharField(_("why it could not be issued"), max_length=200, blank=True)
    finished_by = models.CharField(_("finished by"), max_length=150, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        db_table = "billing_e_invoice"
        verbose_name = _("e-invoice")
        verbose_name_plural = _("e-invoices")
        permissions = [
            ("export_e_invoices", _("Can hand over requests for e-invoices")),
            ("settle_e_invoices", _("Can write down which e-invoices were issued")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "request_key"], name="e_invoice_request_key_once"),
            models.UniqueConstraint(
                fields=["account", "subject_key"],
                condition=models.Q(state__in=["REQUESTED", "EXPORTED", "ISSUED"]),
                name="e_invoice_once_for_each_subject",
            ),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="e_invoice_amount_positive"),
            models.CheckConstraint(condition=models.Q(state__in=EInvoiceState.values), name="e_invoice_state_known"),
            models.CheckConstraint(
                condition=models.Q(period_date__isnull=False, top_up_account_id__isnull=True, top_up_id__isnull=True)
                | models.Q(period_date__isnull=True, top_up_account_id__isnull=False, top_up_id__isnull=False),
                name="e_invoice_of_bill_or_top_up",
            ),
            models.CheckConstraint(
                condition=models.Q(buyer_kind="PERSONAL", taxpayer_number="")
                | (models.Q(buyer_kind="COMPANY") & ~models.Q(taxpayer_number="")),
                name="e_invoice_company_has_taxpayer_number",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["REQUESTED", "WITHDRAWN"], batch_id__isnull=True)
                | models.Q(state__in=["EXPORTED", "ISSUED", "REFUSED"], batch_id__isnull=False),
                name="e_invoice_handed_over_in_a_file",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="ISSUED", invoice_number="") & ~models.Q(state="REFUSED", refusal=""),
                name="e_invoice_outcome_has_number_or_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "requested_at"], name="e_invoice_of_account"),
            models.Index(fields=["requested_at"], name="e_invoice_waiting", condition=models.Q(state="REQUESTED")),
            models.Index(fields=["batch_id"], name="e_invoice_of_batch", condition=models.Q(batch_id__isnull=False)),
            models.Index(fields=["invoice_number"], name="e_invoice_number", condition=~models.Q(invoice_number="")),
        ]

    def __str__(self) -> str:
        return self.buyer_name
