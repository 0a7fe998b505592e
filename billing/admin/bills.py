"""Bills with their lines at the staff desk."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from billing.models import Bill, BillLine, Charge
from kernel.masking import mask_msisdn
from kernel.read_only_admin import AccountOwnedAdmin, RelatedTable, record_url, yuan_column, yuan_words

_total = yuan_column("total_fen", _("total"))


@admin.register(Bill)
class BillAdmin(AccountOwnedAdmin):
    """What an account was charged in a month."""

    list_display = ("month", "numbers", _total, "issued_at")
    shown = ("account", "month", _total, "issued_at")

    @admin.display(description=_("month"))
    def month(self, bill: Bill) -> str:
        """The month as bills write it: 2026-10."""
        return f"{bill.period_date:%Y-%m}"

    def related_tables(self, row: Bill) -> list[RelatedTable]:
        lines = BillLine.objects.filter(account_id=row.account_id, period_date=row.period_date).order_by("number")
        found = Charge.objects.filter(account_id=row.account_id, id__in=[line.charge_id for line in lines])
        charges = {charge.id: charge for charge in found}
        return [
            RelatedTable(
                str(BillLine._meta.verbose_name_plural),
                (_("head"), _("what for"), _("collected for"), _("number"), _("amount")),
                [
                    (
                        line.get_head_display(),
                        self._leading_to(charges.get(line.charge_id), line.name),
                        line.provider_name,
                        mask_msisdn(line.msisdn),
                        yuan_words(line.amount_fen),
                    )
                    for line in lines
                ],
            )
        ]

    def _leading_to(self, charge: Charge | None, name: str) -> str:
        """Write a line as a link to its charge, which leads on to its order; a correction has none."""
        if charge is None:
            return name
        return format_html('<a href="{}">{}</a>', record_url(self.admin_site.get_model_admin(Charge), charge), name)
