"""Where a table lives when the house is spread over a cluster, and the bases that put it there.

The same models and migrations run on one PostgreSQL and on a Citus cluster distributed by account: see
docs/adr/0007-account-owned-keys.md. `kernel.checks` holds the rules.
"""

from enum import Enum
from typing import Any

from django.db import migrations, models
from django.utils.translation import gettext_lazy as _

from kernel.ids import uuid7


class Placement(Enum):
    """Where a model's table lives in a cluster. Every model of the house names one."""

    ACCOUNT = "distributed by account, beside all other rows of that account"
    DIRECTORY = "distributed by its own primary key: values unique in the whole house"
    REFERENCE = "small, rarely written, copied to every node"
    LOCAL = "on the coordinator only: staff, sessions, credentials"


class AccountOwned(models.Model):
    """Base of every customer table: each row carries its account, and the primary key starts with it.

    A subclass names its own `pk = CompositePrimaryKey("account_id", …)`; `AccountOwnedRow` serves where there is no
    natural key.
    """

    placement = Placement.ACCOUNT

    account = models.ForeignKey(
        "accounts.Account", on_delete=models.PROTECT, related_name="+", db_index=False, verbose_name=_("account")
    )

    class Meta:
        abstract = True


class AccountOwnedRow(AccountOwned):
    """Customer table without a natural key: (account, time-ordered id made by the application)."""

    pk = models.CompositePrimaryKey("account_id", "id")
    id = models.UUIDField(default=uuid7, editable=False)

    class Meta:
        abstract = True


class SameAccountKey(models.ForeignObject):
    """Many-to-one to a row of the same account: joins on (account, id), so that it never leaves the shard.

    Declare the id column beside it, and the constraint by `same_account_constraint` in the migration::

        line_id = models.UUIDField()
        line = SameAccountKey("accounts.Line", "line_id")
    """

    def __init__(self, to: Any, id_field: str, **options: Any) -> None:
        self.id_field = id_field
        options.setdefault("on_delete", models.DO_NOTHING)
        options.setdefault("related_name", "+")
        options["from_fields"] = ["account", id_field]
        options["to_fields"] = ["account", "id"]
        super().__init__(to, **options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, _args, options = super().deconstruct()
        for option in ("from_fields", "to_fields"):
            options.pop(option, None)
        target = options.pop("to")
        return name, path, [target, self.id_field], options


def same_account_constraint(*, table: str, id_column: str, to_table: str, name: str) -> migrations.RunSQL:
    """Return the migration operation that makes a `SameAccountKey` a real foreign key.

    :param table: the child's table, `id_column` its column that names the parent's id.
    :param to_table: the parent's table, keyed by (account_id, id).
    :param name: constraint name, says what it holds.
    """
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY (account_id, {id_column})"
        f" REFERENCES {to_table} (account_id, id) DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )
