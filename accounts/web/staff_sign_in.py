"""Staff sign in by password at their desk; whoever guesses is held up."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError

from accounts.operations.budgets import BudgetSpent, clear_budget, take_from_budget
from kernel.clock import now


class StaffSignInForm(AdminAuthenticationForm):
    """Counts each try under its user name, whether there is such a user or not, before the password is looked at."""

    def clean(self) -> dict[str, Any]:
        key = f"staff:sign-in:{self.cleaned_data.get('username', '').lower()[:100]}"
        try:
            take_from_budget(
                key=key,
                limit=settings.STAFF_SIGN_IN_TRIES,
                period=timedelta(seconds=settings.STAFF_SIGN_IN_LOCK_SECONDS),
                now=now(),
            )
        except BudgetSpent as refusal:
            raise ValidationError(str(refusal), code=refusal.code) from None
        values: dict[str, Any] = super().clean()
        clear_budget(key=key)
        return values
