"""What the books add up to, for comparing two copies of them."""

from django.db.models import Sum

from billing.models import LedgerEntry, Wallet


def get_book_totals() -> dict[str, int]:
    """Return sums in fen: what all wallets hold, by kind, and what each counterpart gave (positive) or took."""
    held = Wallet.objects.aggregate(cash_fen=Sum("cash_fen"), bonus_fen=Sum("bonus_fen"), held_fen=Sum("held_fen"))
    moved = LedgerEntry.objects.order_by("counterpart").values_list("counterpart").annotate(fen=Sum("amount_fen"))
    wallets = {f"wallets_{name}": int(fen or 0) for name, fen in held.items()}
    return wallets | {f"entries_{counterpart}_fen": int(fen) for counterpart, fen in moved}
