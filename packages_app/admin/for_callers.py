"""What staff do for a customer who calls or stands before them: end a waiting order, leave a service."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.queries.staff import list_staff_names
from kernel.asking_admin import Question
from kernel.channel import Channel
from kernel.clock import now
from kernel.errors import Text
from packages_app.models import Order, Subscription
from packages_app.operations.order_steps import staff_actor
from packages_app.operations.orders import refuse_order
from packages_app.operations.subscriptions import cancel_subscription

CANCEL_PERMISSION = "packages_app.cancel_for_customer"
DESKS = [(desk.value, desk.label) for desk in (Channel.HOTLINE, Channel.STORE)]


class AskedForm(forms.Form):
    """Where the customer asked for it, and why."""

    channel = forms.ChoiceField(label=_("asked for"), choices=DESKS)
    reason = forms.CharField(
        label=_("reason"), max_length=200, help_text=_("How you made sure of the person, and what the person said.")
    )


def _withdraw(order: Order, entered: dict[str, Any], staff_id: int) -> Text:
    refuse_order(
        account_id=order.account_id,
        order_id=order.id,
        channel=entered["channel"],
        reply=entered["reason"],
        now=now(),
        actor=staff_actor(username=list_staff_names([staff_id])[staff_id]),
    )
    return _("The order is withdrawn; nothing was charged.")


def _cancel(subscription: Subscription, entered: dict[str, Any], _staff_id: int) -> Text:
    cancel_subscription(
        account_id=subscription.account_id,
        subscription_id=subscription.id,
        channel=entered["channel"],
        now=now(),
    )
    return _("The service is cancelled. The customer is told by text until when it goes on.")


WITHDRAW = Question(
    name="withdraw",
    label=_("Withdraw this order"),
    lead=_("The customer says no. All that was asked for in one go ends with it; nothing is charged."),
    permission=CANCEL_PERMISSION,
    form=AskedForm,
    act=_withdraw,
)
CANCEL = Question(
    name="cancel",
    label=_("Cancel this service"),
    lead=_(
        "Make sure of the person first. It goes on to the end of the month that is paid; a plan that has not begun is"
        " withdrawn. The customer is told by text."
    ),
    permission=CANCEL_PERMISSION,
    form=AskedForm,
    act=_cancel,
)
