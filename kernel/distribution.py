"""The order in which the house's tables are handed to a Citus cluster (docs/how-to/scale-out.md)."""

from collections.abc import Iterable
from graphlib import TopologicalSorter

from django.apps import apps
from django.db import models

from kernel.account_owned import Placement


def list_statements() -> list[tuple[str, str]]:
    """Return (table, SQL) for every table that leaves the coordinator.

    Reference tables come first, then directories, then customer tables with parents before children, all of them
    colocated with the account.
    """
    placed = {placement: _models_placed(placement) for placement in Placement}
    statements = [
        (model._meta.db_table, f"SELECT create_reference_table('{model._meta.db_table}')")
        for model in _parents_first(placed[Placement.REFERENCE])
    ]
    statements += [
        (model._meta.db_table, _distributed(model, column=_key_column(model), colocate_with="none"))
        for model in _parents_first(placed[Placement.DIRECTORY])
    ]
    root = apps.get_model("accounts", "Account")
    for model in _parents_first(placed[Placement.ACCOUNT]):
        is_root = model is root
        statements.append(
            (
                model._meta.db_table,
                _distributed(
                    model,
                    column="id" if is_root else "account_id",
                    colocate_with="none" if is_root else root._meta.db_table,
                ),
            )
        )
    return statements


def _distributed(model: type[models.Model], *, column: str, colocate_with: str) -> str:
    return f"SELECT create_distributed_table('{model._meta.db_table}', '{column}', colocate_with => '{colocate_with}')"


def _key_column(model: type[models.Model]) -> str:
    key = model._meta.pk
    assert key is not None
    assert key.column is not None
    return key.column


def _models_placed(placement: Placement) -> list[type[models.Model]]:
    return [
        model for model in apps.get_models() if model._meta.managed and getattr(model, "placement", None) is placement
    ]


def _parents_first(chosen: Iterable[type[models.Model]]) -> list[type[models.Model]]:
    wanted = set(chosen)
    sorter: TopologicalSorter[type[models.Model]] = TopologicalSorter()
    for model in sorted(wanted, key=lambda item: item._meta.db_table):
        parents = {
            field.related_model
            for field in model._meta.get_fields()
            if isinstance(field, models.ForeignObject) and field.related_model in wanted - {model}
        }
        sorter.add(model, *sorted(parents, key=lambda item: item._meta.db_table))
    return list(sorter.static_order())
