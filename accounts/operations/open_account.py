"""Opens an account for a new customer, with its first line."""

import uuid
from datetime import datetime

from django.db import transaction

from accounts.models import Account, Customer, Line
from accounts.operations.documents import ShownDocument, keep_first_document
from accounts.operations.grant_partner import grant_partner_account
from accounts.operations.numbers import claim_number
from accounts.operations.partner_customers import take_prospect
from accounts.operations.sim_cards import IssuedSim, issue_first_sim


def open_account(
    *,
    customer_name: str,
    msisdn: str,
    province: str,
    language: str,
    now: datetime,
    document: ShownDocument | None = None,
    sim: IssuedSim | None = None,
    prospect_id: uuid.UUID | None = None,
) -> Line:
    """Make a customer, an account and its first line. The wallet is opened by billing.

    :param msisdn: E.164, not in use.
    :param province: ISO 3166-2 code, such as "CN-GD".
    :param language: of texts, an `accounts.models.Language` value.
    :param document: what the customer showed; None where another system has made sure of the person.
    :param sim: the card that was handed out; None where it is noted later.
    :param prospect_id: the customer as a partner entered it; the partner may then see the account.
    :return: the line; `line.account_id` is the account.
    :raises NumberTaken: the number is in use; nothing was made.
    :raises NumberResting: somebody left the number not long ago; nothing was made.
    :raises DocumentInvalid: the document's number cannot be right; nothing was made.
    :raises TooManyLinesOfDocument: as many lines as may stand under the document; nothing was made.
    :raises SimInvalid: the card's number or PUK cannot be right; nothing was made.
    :raises SimTaken: the card was given to somebody before; nothing was made.
    :raises ProspectUnknown: there is no such prospect; nothing was made.
    """
    with transaction.atomic():
        if prospect_id is None:
            customer = Customer.objects.create(name=customer_name, created_at=now)
        else:
            customer = take_prospect(customer_id=prospect_id, name=customer_name)
        account = Account.objects.create(customer=customer, province=province, created_at=now)
        line = Line.objects.create(account=account, msisdn=msisdn, language=language, activated_at=now)
        claim_number(msisdn=msisdn, account_id=account.id, line_id=line.id, now=now)
        if customer.client_id:
            grant_partner_account(client_id=customer.client_id, account_id=account.id, now=now)
        if document is not None:
            keep_first_document(account_id=account.id, document=document, now=now)
        if sim is not None:
            issue_first_sim(account_id=account.id, line_id=line.id, sim=sim, now=now)
    return line
