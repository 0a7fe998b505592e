from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import Application

from kernel.account_owned import Placement
from kernel.ids import uuid7
from kernel.sight import Sight, SightKind


class SightChoice(models.TextChoices):
    """How far a partner sees; the values are those of `kernel.sight.SightKind`."""

    GRANTED = SightKind.GRANTED.value, _("its own customers: accounts granted one by one")
    PROVINCES = SightKind.PROVINCES.value, _("a segment: the accounts of some provinces")
    ALL = SightKind.ALL.value, _("all accounts")


class PartnerClient(models.Model):
    """A partner system and what it may do. Its tokens hang on the OAuth toolkit's application, its secrets on
    `PartnerSecret`: two of them are valid while it moves from one to the next.
    """

    placement = Placement.LOCAL

    application = models.OneToOneField(
        Application, primary_key=True, on_delete=models.PROTECT, related_name="partner", verbose_name=_("application")
    )
    client_id = models.CharField(_("client id"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=80)
    scopes = models.JSONField(_("scopes"), default=list, help_text=_("what its tokens may do"))
    sight_kind = models.CharField(_("sees"), max_length=12, choices=SightChoice, default=SightChoice.GRANTED)
    provinces = models.JSONField(_("provinces"), default=list, blank=True)
    calls_per_minute = models.PositiveIntegerField(_("calls a minute"))
    networks = models.JSONField(
        _("addresses"), default=list, blank=True, help_text=_("where its calls may come from; empty is anywhere")
    )
    made_by = models.CharField(_("made by"), max_length=150)
    made_at = models.DateTimeField(_("made at"))
    revoked_by = models.CharField(_("revoked by"), max_length=150, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        db_table = "partners_client"
        verbose_name = _("partner system")
        verbose_name_plural = _("partner systems")
        permissions = [("keep_partners", _("Can make, change and revoke partner systems"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(calls_per_minute__gt=0), name="partner_may_call_sometimes")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def sight(self) -> Sight:
        """Which accounts it may see."""
        return Sight(kind=SightKind(self.sight_kind), client_id=self.client_id, provinces=tuple(self.provinces))


class PartnerSecret(models.Model):
    """One secret of a partner, as a keyed hash. It is random, so that no slow hash has to protect it."""

    placement = Placement.LOCAL

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    client = models.ForeignKey(PartnerClient, on_delete=models.PROTECT, related_name="secrets")
    secret_hash = models.CharField(max_length=64)
    made_by = models.CharField(_("made by"), max_length=150)
    made_at = models.DateTimeField(_("made at"))
    valid_until = models.DateTimeField(_("valid until"), null=True, help_text=_("empty: until it is changed"))

    class Meta:
        db_table = "partners_secret"
        verbose_name = _("partner's secret")
        verbose_name_plural = _("partners' secrets")

    @staticmethod
    def hash_of(secret: str) -> str:
        """Return the keyed hash under which a secret is kept."""
        return salted_hmac("partners.secret", secret, algorithm="sha256").hexdigest()
