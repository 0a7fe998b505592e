"""Which line a balance operation of TMF654 is about: exactly one of number, wallet and product names it."""

import uuid
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Line
from accounts.queries.visible_accounts import is_account_visible, list_visible_account_ids
from accounts.queries.visible_lines import get_visible_line_by_msisdn, get_visible_line_of_account
from kernel.errors import DomainError, NotFound
from kernel.ids import NIL, PublicId
from kernel.phone import NumberInvalid, parse_msisdn
from kernel.rest.errors import AttributeInvalid
from kernel.rest.resource import Caller
from packages_app.queries.visible_lines import get_visible_line_of_subscription

_TARGETS = ("logicalResource", "bucket", "product")


class BucketNotMonetary(DomainError):
    """An allowance was named where only a wallet can be topped up."""

    code = "BUCKET_NOT_MONETARY"
    message = gettext_lazy("Money can only be added to a monetary bucket.")
    cure = gettext_lazy("Name the monetary bucket of the account, or the number.")
    field = "bucket.id"


def line_named_by(wanted: dict[str, Any], caller: Caller) -> Line:
    """Return the line that a body names by its number, its wallet or one of its products.

    :raises AttributeInvalid: none of the three is given, or several.
    :raises NotFound: there is no such line, or the caller may not see it.
    :raises BucketNotMonetary: an allowance is named.
    """
    named = [target for target in _TARGETS if target in wanted]
    if len(named) != 1:
        names = ", ".join(_TARGETS)
        raise AttributeInvalid(field=_TARGETS[0], cure=_("Give exactly one of: %(names)s.") % {"names": names})
    target = named[0]
    attribute = "value" if "value" in wanted[target] else "id"
    try:
        return _find_line(target, wanted[target].get(attribute, ""), caller)
    except (NotFound, NumberInvalid) as refusal:
        refusal.field = f"{target}.{attribute}"
        raise


def _find_line(target: str, text: str, caller: Caller) -> Line:
    if target == "logicalResource":
        return get_visible_line_by_msisdn(sight=caller.sight, msisdn=parse_msisdn(text))
    try:
        named = PublicId.parse(text)
    except ValueError:
        raise NotFound from None
    if target == "product":
        return get_visible_line_of_subscription(
            sight=caller.sight, account_id=named.account_id, subscription_id=named.row_id
        )
    line = get_visible_line_of_account(sight=caller.sight, account_id=named.account_id)
    if named.row_id != NIL:
        raise BucketNotMonetary
    return line


def account_named_by(wanted: dict[str, Any], caller: Caller) -> uuid.UUID:
    """Return the account that a body names by a number, a product, itself or its customer; where it names none, the
    only one that the caller sees.

    :raises AttributeInvalid: several are named, or none where the caller sees several.
    :raises NotFound: there is no such account, or the caller may not see it.
    """
    named = [name for name in ("logicalResource", "product", "partyAccount", "relatedParty") if wanted.get(name)]
    if len(named) > 1 or any(isinstance(wanted[name], list) and len(wanted[name]) > 1 for name in named):
        raise AttributeInvalid(field=named[-1], cure=_("Name one account only."))
    match named:
        case []:
            seen = list_visible_account_ids(sight=caller.sight, limit=2)
        case ["partyAccount"]:
            seen = [_uuid(wanted["partyAccount"]["id"], "partyAccount.id")]
            if not is_account_visible(sight=caller.sight, account_id=seen[0]):
                raise NotFound(field="partyAccount.id")
        case ["relatedParty"]:
            customer_id = _uuid(wanted["relatedParty"][0]["id"], "relatedParty.id")
            seen = list_visible_account_ids(sight=caller.sight, customer_id=customer_id, limit=2)
            if not seen:
                raise NotFound(field="relatedParty.id")
        case _:
            return line_named_by({named[0]: wanted[named[0]][0]}, caller).account_id
    if len(seen) != 1:
        raise AttributeInvalid(field="partyAccount", cure=_("Say which account."))
    return seen[0]


def _uuid(text: str, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise NotFound(field=field) from None
