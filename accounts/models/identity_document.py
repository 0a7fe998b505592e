from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.account import Account
from kernel.account_owned import AccountOwned, Placement


class DocumentKind(models.TextChoices):
    """What a customer shows to be entered with the real name (实名)."""

    RESIDENT_CARD = "RESIDENT_CARD", _("resident identity card")
    PASSPORT = "PASSPORT", _("passport")
    HK_MACAO_PERMIT = "HK_MACAO_PERMIT", _("travel permit of Hong Kong and Macao residents")
    BUSINESS_LICENCE = "BUSINESS_LICENCE", _("business licence")


class IdentityDocument(AccountOwned):
    """The document by which the customer of an account was made sure of.

    The number is sealed (`kernel.sealing`) and opened for one purpose: staff who say why. Pages show `masked`;
    `number_hash` finds the same document at other accounts.
    """

    account = models.OneToOneField(
        Account, on_delete=models.PROTECT, primary_key=True, related_name="+", verbose_name=_("account")
    )
    kind = models.CharField(_("kind of document"), max_length=20, choices=DocumentKind)
    number_sealed = models.CharField(max_length=200)
    number_hash = models.CharField(max_length=64)
    masked = models.CharField(_("document number"), max_length=24)
    recorded_at = models.DateTimeField(_("recorded at"))

    class Meta:
        db_table = "accounts_identity_document"
        verbose_name = _("identity document")
        verbose_name_plural = _("identity documents")
        permissions = [
            ("record_document", _("Can record identity documents")),
            ("reveal_document", _("Can look at the whole number of an identity document")),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=DocumentKind.values), name="document_kind_known"),
            # Whatever goes wrong above: a whole number has no room here.
            models.CheckConstraint(condition=models.Q(masked__contains="**"), name="document_shown_masked"),
        ]

    def __str__(self) -> str:
        return self.masked


class DocumentDirectory(models.Model):
    """How many lines in use stand under one document, in the whole house. Counted in the database, so that no race
    opens more than `settings.LINES_PER_DOCUMENT`."""

    placement = Placement.DIRECTORY

    number_hash = models.CharField(max_length=64, primary_key=True)
    lines = models.IntegerField()

    class Meta:
        db_table = "accounts_document_directory"
        constraints = [models.CheckConstraint(condition=models.Q(lines__gte=0), name="document_lines_not_negative")]

    def __str__(self) -> str:
        return str(self.lines)
