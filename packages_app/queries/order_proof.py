"""The proof behind an order, as people read it: what was offered, sent, answered and charged."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing.models import Charge, ChargeReason
from kernel.masking import mask_codes
from messaging.models import Sms, SmsState
from packages_app.models import EvidenceKind, Order, OrderEvidence, OrderState
from packages_app.queries.orders import get_order, get_order_evidence


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One step. `text` is the exact text that left, its code hidden while it still works.

    :ivar text_state: what became of the text, a `messaging.models.SmsState`; None for other steps.
    """

    evidence: OrderEvidence
    text: str
    text_state: SmsState | None
    sent_at: datetime | None
    delivered_at: datetime | None

    @property
    def kind(self) -> str:
        return self.evidence.kind

    @property
    def at(self) -> datetime:
        return self.evidence.at

    @property
    def detail(self) -> dict[str, Any]:
        detail: dict[str, Any] = self.evidence.detail
        return detail


@dataclass(frozen=True, slots=True)
class OrderProof:
    """An order with every step of its proof, in order, the charge of its confirmation, and every fee since."""

    order: Order
    steps: tuple[ProofStep, ...]
    charges: tuple[Charge, ...]

    @property
    def charge(self) -> Charge | None:
        """What the confirmation charged."""
        return next((charge for charge in self.charges if charge.reason == ChargeReason.ORDER), None)


def get_order_charge(order: Order) -> Charge | None:
    """Return what was charged for an order, None when it is not carried out or free."""
    return Charge.objects.filter(
        account_id=order.account_id,
        reason=ChargeReason.ORDER,
        reason_id=order.id,
    ).first()


def get_order_actor(order: Order) -> str:
    """Return who asked for an order, as its proof names it (`packages_app.operations.order_steps`)."""
    steps = OrderEvidence.objects.filter(account_id=order.account_id, order_id=order.id, kind=EvidenceKind.OFFERED)
    return steps.order_by("number").values_list("actor", flat=True).first() or ""


def list_charges_of(account_id: uuid.UUID, subscription_id: uuid.UUID) -> list[Charge]:
    """Return what was charged for an order and for the subscription it brought, which have one id; oldest first."""
    charges = Charge.objects.filter(
        account_id=account_id, reason__in=(ChargeReason.ORDER, ChargeReason.SUBSCRIPTION), reason_id=subscription_id
    )
    return list(charges.order_by("charged_at", "id"))


def get_order_proof(account_id: uuid.UUID, order_id: uuid.UUID, now: datetime) -> OrderProof:
    """Return the proof of an order of an account.

    Whoever reads the code of an order that waits could say yes to it, so it is hidden until the order has ended.

    :raises NotFound: the account has no such order.
    """
    order = get_order(account_id, order_id)
    waiting = order.state_at(now) == OrderState.AWAITING_CONFIRMATION
    evidence = get_order_evidence(account_id, order_id)
    sms_ids = [step.detail["sms_id"] for step in evidence if step.kind == EvidenceKind.TEXT_QUEUED]
    texts = {str(sms.id): sms for sms in Sms.objects.filter(account_id=account_id, id__in=sms_ids)}
    return OrderProof(
        order=order,
        steps=tuple(_step(step, texts.get(step.detail.get("sms_id", "")), waiting) for step in evidence),
        charges=tuple(list_charges_of(account_id, order_id)),
    )


def _step(evidence: OrderEvidence, sms: Sms | None, waiting: bool) -> ProofStep:
    text = str(evidence.detail.get("text", ""))
    return ProofStep(
        evidence=evidence,
        text=mask_codes(text) if waiting else text,
        text_state=SmsState(sms.state) if sms else None,
        sent_at=sms.sent_at if sms else None,
        delivered_at=sms.delivered_at if sms else None,
    )
