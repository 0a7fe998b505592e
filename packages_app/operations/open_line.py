"""Opens a line for a new customer with the plan of the contract that was signed in a shop."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Line
from accounts.operations.documents import ShownDocument
from accounts.operations.open_account import open_account
from accounts.operations.sim_cards import IssuedSim
from billing.models import BillHead, ChargeReason
from billing.operations.charge import charge_wallet
from billing.operations.wallets import open_wallet
from kernel.clock import month_of
from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.money import yuan_text
from kernel.phone import grouped_number
from messaging.operations.queue_sms import queue_sms
from packages_app.models import OfferingKind, OrderStart, Subscription
from packages_app.operations.buckets import open_buckets
from packages_app.operations.eligibility import require_eligible
from packages_app.operations.turn_month import fee_key
from packages_app.queries.catalogue import get_offering
from packages_app.queries.quotes import Quote, get_quote, parse_instant
from packages_app.queries.terms import Terms, get_name, get_terms
from packages_app.welcome_texts import WELCOME, included_words


class PlanNeeded(DomainError):
    """A line is opened with a plan, nothing else."""

    code = "PLAN_NEEDED"
    message = _("A number is opened with a plan.")
    cure = _("Choose a plan; other things can be ordered once the number is in use.")
    field = "offering"


def open_line(
    *,
    customer_name: str,
    document: ShownDocument,
    msisdn: str,
    province: str,
    language: str,
    offering_code: str,
    now: datetime,
    sim: IssuedSim | None = None,
    prospect_id: uuid.UUID | None = None,
) -> Line:
    """Open customer, account, wallet and line with a plan, its allowances and first fee, and send the welcome notice.

    All or nothing. The plan comes with the signed contract, so there is no order behind it. The first month costs what
    the plan's rule says; an empty wallet owes it until the first top-up.

    :param customer_name: as on the document that was shown.
    :param document: that document.
    :param msisdn: E.164, not in use.
    :param province: ISO 3166-2 code, such as "CN-GD".
    :param language: of texts, an `accounts.models.Language` value.
    :param offering_code: of a plan.
    :param sim: the card that was handed out; None where it is noted later.
    :param prospect_id: the customer as a partner entered it; the partner may then see the account.
    :return: the line.
    :raises NumberTaken: the number is in use.
    :raises NumberResting: somebody left the number not long ago.
    :raises DocumentInvalid: the document's number cannot be right.
    :raises TooManyLinesOfDocument: as many lines as may stand under it.
    :raises SimInvalid: the card's number or PUK cannot be right.
    :raises SimTaken: the card was given to somebody before.
    :raises ProspectUnknown: there is nobody of this id who waits for an account.
    :raises OfferingUnknown: there is no such offering.
    :raises PlanNeeded: it is no plan.
    :raises DomainError: a new line of the province may not have it, as `require_eligible`.
    """
    offering = get_offering(code=offering_code)
    if offering.kind != OfferingKind.PLAN:
        raise PlanNeeded
    with transaction.atomic():
        line = open_account(
            customer_name=customer_name,
            document=document,
            msisdn=msisdn,
            province=province,
            language=language,
            sim=sim,
            prospect_id=prospect_id,
            now=now,
        )
        open_wallet(account_id=line.account_id, now=now)
        require_eligible(line=line, offering=offering, now=now)
        terms = get_terms(offering)
        quote = get_quote(terms=terms, start=OrderStart.NOW, replaces=None, now=now)
        plan = Subscription(
            account_id=line.account_id,
            id=uuid7(),
            line_id=line.id,
            offering=offering,
            terms=terms,
            first_month=quote["first_month"],
            started_at=now,
            committed_until=parse_instant(quote["committed_until"]),
        )
        plan.save(force_insert=True)
        open_buckets(subscription=plan, now=now)
        if quote["price_now_fen"] > 0:
            _charge_first_month(line, plan, terms, quote, now)
        _welcome(line, terms, quote, now)
    return line


def _charge_first_month(line: Line, plan: Subscription, terms: Terms, quote: Quote, now: datetime) -> None:
    charge_wallet(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        language=line.language,
        head=BillHead(terms["head"]),
        name=get_name(terms, line.language),
        provider_name=terms["provider_name"],
        amount_fen=quote["price_now_fen"],
        reason=ChargeReason.SUBSCRIPTION,
        reason_id=plan.id,
        charge_key=fee_key(subscription_id=plan.id, month=month_of(now)),
        now=now,
        may_owe=True,
    )


def _welcome(line: Line, terms: Terms, quote: Quote, now: datetime) -> None:
    queue_sms(
        account_id=line.account_id,
        msisdn=line.msisdn,
        template=WELCOME,
        language=line.language,
        values={
            "number": grouped_number(line.msisdn),
            "plan": get_name(terms, line.language),
            "amount": yuan_text(quote["monthly_fen"]),
            "included": included_words(line.language, terms["allowances"]),
            "first": yuan_text(quote["price_now_fen"]),
            "service_number": settings.SERVICE_NUMBER,
        },
        dedup_key=f"welcome:{line.id}",
        now=now,
    )
