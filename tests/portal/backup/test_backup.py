"""A backup is taken while money moves, and everything of it comes back into an empty database."""

import io
import itertools
import json
import stat
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from billing.models import LedgerEntry
from kernel.clock import now
from portal.backup import postgres_programs
from portal.backup.figures import count_tables, read_figures
from portal.backup.manifest import manifest_path, sha256_of
from portal.backup.postgres_programs import libpq_environment
from portal.backup.refusal import BackupRefused
from portal.backup.restore import restore_backup
from portal.backup.take import take_backup
from tests.books import broken_invariants
from tests.factories.billing import give_bonus, make_charge, make_hold, make_line, make_top_up, propose, wallet_of
from tests.factories.packages_app import ask_for, make_offering
from tests.factories.vouchers import make_card
from tests.hall_records import open_database
from tests.servers import database_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def line_with_history() -> uuid.UUID:
    """Money of every kind, and what is not money."""
    line = make_line(cash_fen=100_00, bonus_fen=5_00)
    give_bonus(line, 3_00)
    make_charge(line, amount_fen=7_00)
    make_hold(line, 2_00)
    make_top_up(line)
    propose(line)
    make_card()
    ask_for(line, make_offering())
    return line.account_id


@contextmanager
def another_database() -> Iterator[None]:
    """Point Django at an empty database, which is gone after the block."""
    name = f"hall_restored_{uuid.uuid4().hex[:8]}"
    server = psycopg2.connect(database_url("postgres"))
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            with open_database(database_url(name)):
                yield
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    server.close()


def contents() -> dict[str, str]:
    """Return a digest of all rows of each table."""
    digests = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f"SELECT md5(coalesce(string_agg(row::text, '|' ORDER BY row::text), '')) FROM {table} AS row"  # noqa: S608
            )
            (digests[table],) = cursor.fetchone()
    return digests


class TestTakeBackup:
    def test_writes_a_dump_and_its_manifest_for_the_owner_alone(self, backups: Path) -> None:
        line = make_line(cash_fen=12_34)
        taken_at = now()
        dump, manifest = take_backup(folder=backups, now=taken_at)
        assert sorted(backups.iterdir()) == [dump, manifest_path(dump)]
        assert {stat.S_IMODE(path.stat().st_mode) for path in backups.iterdir()} == {0o600}
        assert stat.S_IMODE(backups.stat().st_mode) == 0o700
        assert dump.name == f"hall-{taken_at:%Y%m%dT%H%M%SZ}.dump"
        assert manifest.sha256 == sha256_of(dump)
        assert manifest.figures.rows["billing_wallet"] == 1
        assert manifest.figures.money == {
            "wallets_cash_fen": 12_34, "wallets_bonus_fen": 0, "wallets_held_fen": 0, "entries_OPENING_fen": 12_34,
        }  # fmt: skip
        assert line.msisdn not in manifest_path(dump).read_text()

    def test_does_not_overwrite_one(self, backups: Path) -> None:
        instant = now()
        dump, _manifest = take_backup(folder=backups, now=instant)
        before = sha256_of(dump)
        with pytest.raises(BackupRefused, match="exists already and is not overwritten"):
            take_backup(folder=backups, now=instant)
        assert sha256_of(dump) == before

    def test_leaves_nothing_when_it_fails(self, backups: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(postgres_programs, "_VARIABLES", {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER"})
        monkeypatch.setenv("PGDATABASE", "not_there")
        with pytest.raises(BackupRefused, match="pg_dump failed: .*not_there"):
            take_backup(folder=backups, now=now())
        assert list(backups.iterdir()) == []

    def test_says_where_it_cannot_write(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(BackupRefused, match="file cannot be written: "):
            take_backup(folder=tmp_path / "file", now=now())


class TestRestoreBackup:
    def test_brings_back_every_row_into_books_that_go_on(self, backups: Path, line_with_history: uuid.UUID) -> None:
        before, wallet = contents(), wallet_of(line_with_history)
        dump, manifest = take_backup(folder=backups, now=now())
        with another_database():
            assert restore_backup(dump=dump) == manifest
            assert contents() == before
            assert read_figures() == manifest.figures
            assert broken_invariants() == {}
            line = make_line(cash_fen=1_00)
            make_charge(line, amount_fen=1_00)
            assert (wallet_of(line.account_id), wallet_of(line_with_history)) == ((0, 0, 2), wallet)
            assert broken_invariants() == {}

    def test_brings_back_one_instant_of_a_busy_hall(self, backups: Path) -> None:
        lines = [make_line(cash_fen=1_000_00) for _number in range(4)]
        over = threading.Event()

        def spend() -> None:
            try:
                for number in itertools.count():
                    if over.is_set():
                        return
                    make_charge(lines[number % 4], amount_fen=1)
            finally:
                connection.close()

        spender = threading.Thread(target=spend)
        spender.start()
        try:
            dump, manifest = take_backup(folder=backups, now=now())
        finally:
            over.set()
            spender.join()
        assert manifest.figures.rows["billing_charge"] < LedgerEntry.objects.filter(reason_kind="CHARGE").count()
        with another_database():
            restore_backup(dump=dump)
            assert broken_invariants() == {}

    def test_overwrites_nothing(self, backups: Path) -> None:
        dump, _manifest = take_backup(folder=backups, now=now())
        before = contents()
        with pytest.raises(BackupRefused, match=r"The database has \d+ tables already"):
            restore_backup(dump=dump)
        assert contents() == before

    def test_refuses_a_damaged_dump(self, backups: Path) -> None:
        dump, _manifest = take_backup(folder=backups, now=now())
        damaged = bytearray(dump.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        dump.write_bytes(damaged)
        with another_database():
            with pytest.raises(BackupRefused, match="is damaged"):
                restore_backup(dump=dump)
            assert count_tables() == 0

    @pytest.mark.parametrize("missing", ["dump", "manifest"])
    def test_refuses_half_a_backup(self, backups: Path, missing: str) -> None:
        dump, _manifest = take_backup(folder=backups, now=now())
        (dump if missing == "dump" else manifest_path(dump)).unlink()
        with pytest.raises(BackupRefused, match="is not there: a backup is a dump and its manifest"):
            restore_backup(dump=dump)

    @pytest.mark.parametrize("text", ["", "[]", '{"figures": 1}', '{"taken_at": ""}'])
    def test_refuses_what_is_no_manifest(self, backups: Path, text: str) -> None:
        dump, _manifest = take_backup(folder=backups, now=now())
        manifest_path(dump).write_text(text)
        with pytest.raises(BackupRefused, match="is not the manifest of a backup"):
            restore_backup(dump=dump)

    def test_leaves_the_database_empty_when_it_fails_midway(self, backups: Path, line_with_history: uuid.UUID) -> None:
        dump, _manifest = take_backup(folder=backups, now=now())
        dump.write_bytes(dump.read_bytes()[:-2_000])
        change_manifest(dump, sha256=sha256_of(dump))
        with another_database():
            with pytest.raises(BackupRefused, match="pg_restore failed"):
                restore_backup(dump=dump)
            assert count_tables() == 0

    def test_says_what_is_not_as_it_was(self, backups: Path) -> None:
        make_line(cash_fen=5_00)
        dump, manifest = take_backup(folder=backups, now=now())
        money = manifest.figures.money | {"wallets_cash_fen": 6_00, "entries_PAYMENTS_fen": 1_00}
        change_manifest(dump, figures={"rows": manifest.figures.rows, "money": money})
        with another_database(), pytest.raises(BackupRefused) as refusal:
            restore_backup(dump=dump)
        assert str(refusal.value) == (
            "What came back is not what was written: "
            "entries_PAYMENTS_fen: 100 became not there; wallets_cash_fen: 600 became 500."
        )


def change_manifest(dump: Path, **changes: object) -> None:
    path = manifest_path(dump)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


class TestTheCommands:
    def test_say_what_was_written_and_what_came_back(self, backups: Path) -> None:
        make_line(cash_fen=12_34, bonus_fen=1_00)
        said = io.StringIO()
        call_command("backup", str(backups), stdout=said)
        [dump] = backups.glob("*.dump")
        assert said.getvalue().startswith(f"{dump}: ")
        assert " rows, 13.34 yuan in wallets." in said.getvalue()
        with another_database():
            said = io.StringIO()
            call_command("restore", str(dump), stdout=said)
        assert said.getvalue().startswith("All of the backup of 20")
        assert "invariants hold." in said.getvalue()

    def test_ask_for_migrations_when_the_backup_is_older(self, backups: Path) -> None:
        call_command("backup", str(backups), stdout=io.StringIO())
        [dump] = backups.glob("*.dump")
        with another_database():
            restore_backup(dump=dump)
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")
            older, _manifest = take_backup(folder=backups / "older", now=now())
        with another_database():
            said = io.StringIO()
            call_command("restore", str(older), stdout=said)
        assert "It is of an older version, 1 migrations ago: run `migrate`" in said.getvalue()

    def test_refuse_in_one_sentence(self, backups: Path) -> None:
        with pytest.raises(CommandError, match="is not there"):
            call_command("restore", str(backups / "none.dump"))


class TestLibpqEnvironment:
    def test_keeps_the_password_off_the_command_line_and_the_time_outs_out(self) -> None:
        parameters = {
            "dbname": "hall", "user": "hall", "password": "secret", "host": "db", "port": 5433, "sslmode": "require",
            "options": "-c statement_timeout=60s", "connect_timeout": 5, "client_encoding": "UTF8",
        }  # fmt: skip
        assert libpq_environment(parameters) == {
            "PGDATABASE": "hall", "PGUSER": "hall", "PGPASSWORD": "secret", "PGHOST": "db", "PGPORT": "5433",
            "PGSSLMODE": "require", "PGCONNECT_TIMEOUT": "5",
        }  # fmt: skip
