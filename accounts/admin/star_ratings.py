"""Star ratings at the staff desk: what each was made of."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.models import StarInput, StarRating
from accounts.queries.star_explanation import explain_rating
from kernel.read_only_admin import AccountOwnedAdmin, RelatedTable, yuan_column, yuan_words

_overdraft = yuan_column("overdraft_fen", _("overdraft"))


@admin.register(StarRating)
class StarRatingAdmin(AccountOwnedAdmin):
    """The rating of an account for a month."""

    list_display = ("period_date", "numbers", "star", "points", _overdraft)
    list_filter = ("star",)
    shown = (
        "account",
        "period_date",
        "star",
        "points",
        _overdraft,
        "previous_star",
        "valid_until",
        "rated_at",
        "table",
    )

    def related_tables(self, row: StarRating) -> list[RelatedTable]:
        return [
            RelatedTable(
                _("Where the points come from"),
                (_("input"), _("value"), _("points"), _("most points")),
                [
                    (
                        fact.name.label,
                        yuan_words(fact.value) if fact.name == StarInput.SPEND else fact.value,
                        fact.points,
                        fact.most_points,
                    )
                    for fact in explain_rating(row).inputs
                ],
            )
        ]
