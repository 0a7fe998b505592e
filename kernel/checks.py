"""System checks that hold the schema rules 1–4 of docs/adr/0007-account-owned-keys.md on plain PostgreSQL."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import models

from kernel.account_owned import AccountOwned, Placement, SameAccountKey

HOUSE = ("portal", "channels", "partners", "care", "packages_app", "billing", "accounts", "messaging", "kernel")
ACCOUNT_LABEL = "accounts.Account"


@register(Tags.models)
def check_placement(app_configs: Sequence[AppConfig] | None, **_options: Any) -> list[CheckMessage]:
    """Report every managed model of the house that could not live in a cluster distributed by account."""
    models_of_house = [
        model
        for model in apps.get_models()
        if model._meta.app_label in HOUSE and model._meta.managed and not model._meta.proxy
    ]
    return [message for model in models_of_house for message in problems_of(model)]


def problems_of(model: type[models.Model]) -> Iterable[CheckMessage]:
    """Yield one error for each schema rule that the model breaks."""
    placement = getattr(model, "placement", None)
    if not isinstance(placement, Placement):
        yield Error("names no Placement (kernel.account_owned).", obj=model, id="kernel.E001")
        return
    if placement is Placement.ACCOUNT:
        yield from _customer_table_problems(model)
    yield from _foreign_key_problems(model, placement)


def _customer_table_problems(model: type[models.Model]) -> Iterable[CheckMessage]:
    if not issubclass(model, AccountOwned) and model._meta.label != ACCOUNT_LABEL:
        yield Error("is a customer table but not an AccountOwned.", obj=model, id="kernel.E002")
        return
    account_columns = {"account", "account_id", "pk"} if issubclass(model, AccountOwned) else {"id", "pk"}
    key_names = [field.name for field in model._meta.pk_fields]
    if not key_names or key_names[0] not in account_columns:
        yield Error("has a primary key that does not begin with the account.", obj=model, id="kernel.E003")
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and not account_columns & set(constraint.fields):
            yield Error(f"has {constraint.name}, unique without the account.", obj=model, id="kernel.E004")
    for field in model._meta.local_fields:
        if field.unique and not field.primary_key:
            yield Error(f"has {field.name}, unique without the account.", obj=model, id="kernel.E004")
        if field.primary_key and isinstance(field, models.AutoField):
            yield Error("has an identity column as its key.", obj=model, id="kernel.E005")


def _foreign_key_problems(model: type[models.Model], placement: Placement) -> Iterable[CheckMessage]:
    for field in model._meta.local_fields:
        if not isinstance(field, models.ForeignKey):
            continue
        target: Any = field.related_model
        target_placement = getattr(target, "placement", Placement.LOCAL)
        if target._meta.label == ACCOUNT_LABEL and placement is Placement.ACCOUNT:
            continue
        if target_placement is Placement.REFERENCE or (placement is target_placement is Placement.LOCAL):
            continue
        if placement is target_placement is Placement.ACCOUNT:
            yield Error(
                f"{field.name}: between customer tables use {SameAccountKey.__name__}.", obj=model, id="kernel.E006"
            )
        elif getattr(field, "db_constraint", True):
            yield Error(
                f"{field.name}: a foreign key from {placement.name} to {target_placement.name} cannot be held by the"
                " database in a cluster; use a plain id or db_constraint=False.",
                obj=model,
                id="kernel.E007",
            )
