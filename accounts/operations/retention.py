"""What of this app is kept for how long, and the applying of every app's rules."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Model, QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_access_token_model

from accounts.models import (
    Budget,
    Customer,
    DataDownload,
    DataDownloadState,
    PartnerMessage,
    RetentionRecord,
    SignIn,
    SignInCode,
    StaffTrace,
)
from kernel.models import IdempotencyRecord
from kernel.retention import RetentionRule

_OVER = (DataDownloadState.FAILED, DataDownloadState.DELETED)


@dataclass(frozen=True, slots=True)
class AppliedRule:
    """A rule, and how many rows it concerned."""

    rule: RetentionRule
    rows: int


def list_rules() -> list[RetentionRule]:
    """Return the rules of accounts."""
    return [*list_short_rules(), *_list_long_rules()]


def list_short_rules() -> list[RetentionRule]:
    """Return the rules for what only counts or answers for a while; they are applied each hour as well."""
    return [
        RetentionRule("budgets", _("Counters of tries"), 0, _ended(Budget, "ends_at"), shown=False),
        RetentionRule("sign_in_codes", _("Codes by text"), 0, _ended(SignInCode, "expires_at")),
        RetentionRule("sessions", _("Sign-ins that have ended"), 0, _ended(Session, "expire_date"), shown=False),
        RetentionRule(
            "partner_tokens", _("Tokens of partners"), 0, _ended(get_access_token_model(), "expires"), shown=False
        ),
        RetentionRule(
            "idempotency_records",
            _("Answers to partners' requests"),
            settings.IDEMPOTENCY_KEEP_DAYS,
            _ended(IdempotencyRecord, "created_at"),
            shown=False,
        ),
        RetentionRule(
            "staff_traces",
            _("Which of our staff looked at what"),
            settings.STAFF_TRACE_KEEP_DAYS,
            _ended(StaffTrace, "at"),
        ),
    ]


def list_all_rules() -> list[RetentionRule]:
    """Return the rules of every app, as `settings.RETENTION_RULES` names them."""
    return [rule for path in settings.RETENTION_RULES for rule in import_string(path)()]


def apply_retention(*, now: datetime) -> Sequence[AppliedRule]:
    """Forget what every rule says, and write down how much it was. Running it again forgets nothing more.

    :return: each rule with how many rows it concerned.
    """
    applied = []
    for rule in list_all_rules():
        rows = rule.apply(now)
        if rows:
            RetentionRecord.objects.create(rule=rule.name, keep_days=rule.keep_days, rows=rows, applied_at=now)
        applied.append(AppliedRule(rule, rows))
    return applied


def count_retention(*, now: datetime) -> Sequence[AppliedRule]:
    """Return each rule with how many rows it would concern. Nothing changes."""
    return [AppliedRule(rule, rule.count(now)) for rule in list_all_rules()]


def _list_long_rules() -> list[RetentionRule]:
    return [
        RetentionRule(
            "prospects",
            _("People whom a partner entered and who never opened a number"),
            settings.PROSPECT_KEEP_DAYS,
            lambda before: Customer.objects.filter(is_prospect=True, created_at__lte=before),
        ),
        RetentionRule("sign_ins", _("Where you were signed in"), settings.SIGN_IN_KEEP_DAYS, _ended(SignIn, "seen_at")),
        RetentionRule(
            "data_downloads",
            _("That you asked for a copy of your data"),
            settings.DATA_DOWNLOAD_KEEP_DAYS,
            lambda before: DataDownload.objects.filter(state__in=_OVER, requested_at__lte=before),
        ),
        RetentionRule(
            "partner_messages",
            _("What partners had us tell you"),
            settings.TEXT_KEEP_DAYS,
            _ended(PartnerMessage, "sent_at"),
        ),
        RetentionRule(
            "retention_records",
            _("What was deleted when"),
            settings.STAFF_TRACE_KEEP_DAYS,
            _ended(RetentionRecord, "applied_at"),
            shown=False,
        ),
    ]


def _ended(model: type[Model], field: str) -> Callable[[datetime], QuerySet[Any]]:
    return lambda before: model._default_manager.filter(**{f"{field}__lte": before})
