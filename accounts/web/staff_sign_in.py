"""Staff sign in at their desk: by password, then by a code of their authenticator app. Whoever guesses is held up."""

from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.admin.forms import AdminAuthenticationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django_otp import login as name_device

from accounts.models import SecondFactor, StaffUser, TraceKind, TraceOutcome
from accounts.operations.budgets import BudgetSpent, clear_budget, take_from_budget
from accounts.operations.staff_traces import Trace, record_traces
from accounts.queries.second_factors import get_second_factor
from accounts.web.client_address import client_address
from kernel.clock import now

_PASSWORD_AT = "staff_password_at"  # noqa: S105 (a key of the session)
_SECOND_FACTOR_DUE = "staff_second_factor_due"


class StaffSignInForm(AdminAuthenticationForm):
    """Counts each try under its user name, whether there is such a user or not, before the password is looked at."""

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username", "")
        key = f"staff:sign-in:{username.lower()[:100]}"
        try:
            take_from_budget(
                key=key,
                limit=settings.STAFF_SIGN_IN_TRIES,
                period=timedelta(seconds=settings.STAFF_SIGN_IN_LOCK_SECONDS),
                now=now(),
            )
            values: dict[str, Any] = super().clean()
        except (BudgetSpent, ValidationError) as refusal:
            self._write_down(username, locked=isinstance(refusal, BudgetSpent))
            if isinstance(refusal, BudgetSpent):
                raise ValidationError(str(refusal), code=refusal.code) from None
            raise
        clear_budget(key=key)
        return values

    def _write_down(self, username: str, *, locked: bool) -> None:
        """Leave a trace if there is such a member of staff; what else people type is not kept."""
        staff = StaffUser.objects.filter(username=username).first()
        if staff and self.request:
            trace_sign_in(
                self.request,
                staff,
                TraceKind.SIGN_IN_REFUSED,
                page="password_locked" if locked else "password",
            )


def trace_sign_in(request: HttpRequest, staff: StaffUser, kind: TraceKind, *, page: str) -> None:
    """Write down that somebody came in, or was not let in."""
    outcome = TraceOutcome.REFUSED if kind == TraceKind.SIGN_IN_REFUSED else TraceOutcome.DONE
    trace = Trace(kind, page, outcome=outcome)
    record_traces(staff=staff, traces=[trace], address=client_address(request), now=now())


def remember_password(request: HttpRequest) -> None:
    """Note in a session that its password was right just now, and whether the second factor has to follow.

    Who has one is asked for it even where the house does not ask everybody.
    """
    staff = cast("StaffUser", request.user)
    due = settings.STAFF_SECOND_FACTOR or get_second_factor(staff) is not None
    request.session[_PASSWORD_AT] = now().timestamp()
    request.session[_SECOND_FACTOR_DUE] = due
    if not due:
        trace_sign_in(request, staff, TraceKind.SIGN_IN, page="password")


def remember_second_factor(request: HttpRequest, device: SecondFactor) -> None:
    """Let a session in. Its key changes, as it did at the password."""
    request.session.cycle_key()
    request.session[_SECOND_FACTOR_DUE] = True
    name_device(request, device)


def waits_for_second_factor(request: HttpRequest) -> bool:
    """Tell whether a session must still show the second factor before anything else."""
    due = settings.STAFF_SECOND_FACTOR or request.session.get(_SECOND_FACTOR_DUE, False)
    return bool(due) and not cast("Any", request.user).is_verified()


def may_show_second_factor(request: HttpRequest) -> bool:
    """Tell whether a session's password was right a short while ago, so that the code may follow."""
    staff = cast("Any", request.user)
    at = request.session.get(_PASSWORD_AT, 0.0)
    fresh = now().timestamp() - at < settings.STAFF_SECOND_FACTOR_WITHIN
    return bool(staff.is_active and staff.is_staff and fresh)
