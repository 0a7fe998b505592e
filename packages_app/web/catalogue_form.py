"""What somebody looks for in the catalogue, as the page asks for it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from packages_app.models import OfferingKind
from packages_app.queries.catalogue_search import Search, Sort

_GB = 1024**3
_UP_TO_YUAN = (10, 30, 60, 100, 200)
_AT_LEAST_GB = (5, 10, 20, 50, 100)


class CatalogueForm(forms.Form):
    """All of it optional; what makes no sense is passed over, since an address may be typed by hand."""

    q = forms.CharField(label=_("Search"), required=False, max_length=40)
    kind = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[
            ("", _("all")),
            (OfferingKind.PLAN, _("Plans")),
            (OfferingKind.DATA_PACK, _("Data packs")),
            (OfferingKind.ROAMING_PASS, _("Roaming passes")),
            (OfferingKind.VALUE_ADDED, _("Services")),
            (OfferingKind.DEVICE_CONTRACT, _("Phones with a contract")),
        ],
    )
    price = forms.TypedChoiceField(
        label=_("Price"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("any")), *((yuan, _("up to %(yuan)s yuan") % {"yuan": yuan}) for yuan in _UP_TO_YUAN)],
    )
    volume = forms.TypedChoiceField(
        label=_("Data included"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("any")), *((size, _("at least %(size)s GB") % {"size": size}) for size in _AT_LEAST_GB)],
    )
    sort = forms.ChoiceField(
        label=_("Sorting"),
        required=False,
        choices=[
            (Sort.CATALOGUE.value, _("as we recommend")),
            (Sort.CHEAPEST.value, _("cheapest first")),
            (Sort.DEAREST.value, _("dearest first")),
            (Sort.MOST_DATA.value, _("most data first")),
        ],
    )
    mine = forms.BooleanField(label=_("Only what my number may have"), required=False)

    @property
    def selects(self) -> list[forms.BoundField]:
        """The filters that are chosen from a list."""
        return [self[name] for name in ("kind", "price", "volume", "sort")]

    @property
    def search(self) -> Search:
        """What to look for."""
        self.is_valid()
        found: dict[str, Any] = self.cleaned_data
        yuan, size = found.get("price"), found.get("volume")
        return Search(
            words=found.get("q", ""),
            kind=found.get("kind", ""),
            dearest_fen=None if yuan is None else yuan * 100,
            least_bytes=None if size is None else size * _GB,
            sort=Sort(found.get("sort", "")),
        )

    @property
    def only_mine(self) -> bool:
        """Whether to leave out what the line may not have."""
        return bool(self.is_valid() and self.cleaned_data["mine"])
