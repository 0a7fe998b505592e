"""The sandbox's cashier page, with no money: the visitor pays or lets the payment fail, and how the hall is told of it.

There only in demo mode.
"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing.gateways.base import PaymentOutcome
from billing.gateways.sandbox import SandboxProvider
from billing.operations.sandbox_cashier import Telling, decide_sandbox_payment
from billing.queries.sandbox_payments import get_sandbox_payment
from kernel.clock import now
from kernel.errors import NotFound

_DECISIONS = {
    "PAID": (True, Telling.AT_ONCE),
    "REFUSED": (False, Telling.AT_ONCE),
    "PAID_LATE": (True, Telling.LATE),
    "PAID_TWICE": (True, Telling.TWICE),
    "PAID_CUT": (True, Telling.NEVER),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cashier(request: HttpRequest, payment_number: str) -> HttpResponse:
    """Show a payment and take the visitor's decision. Like a real cashier it knows nobody: the number is the key.

    :raises Http404: no such payment, an unknown decision, or the sandbox is not in use.
    """
    if not settings.DEMO_MODE or SandboxProvider.name != settings.PAYMENT_PROVIDER:
        raise Http404
    try:
        payment = get_sandbox_payment(payment_number)
        if request.method == "POST":
            decision = request.POST.get("outcome", "")
            if decision not in _DECISIONS:
                raise Http404
            paid, telling = _DECISIONS[decision]
            payment = decide_sandbox_payment(payment_number=payment_number, paid=paid, telling=telling, now=now())
            return redirect(payment.return_path)
    except NotFound:
        raise Http404 from None
    decided = payment.outcome != PaymentOutcome.OPEN
    return render(request, "billing/cashier.html", {"payment": payment, "decided": decided})
