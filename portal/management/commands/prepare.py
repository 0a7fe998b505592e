"""`manage.py prepare`: everything that has to be done before the hall serves, and only what is not done yet."""

import hashlib
import json
from argparse import ArgumentParser
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation

from accounts.models import Account
from accounts.operations.ensure_roles import ensure_roles
from accounts.operations.keep_holidays import keep_holidays
from accounts.operations.star_tables import ensure_first_star_table
from kernel.clock import now
from portal.demo.bank_cards import prepare_demo_bank_card
from portal.demo.recharge_cards import prepare_demo_recharge_cards
from portal.demo.sign_ins import list_demo_sign_ins, prepare_demo_sign_ins
from portal.demo.sites import prepare_demo_sites

# ReDoc is shipped beside Swagger UI but fetches fonts from elsewhere, which our Content-Security-Policy forbids; the
# browsable pages of the REST framework are not offered.
STATIC_FILES_LEFT_OUT = ["drf_spectacular_sidecar/redoc/*", "rest_framework/*"]


class Command(BaseCommand):
    help = "Migrate, load the first demo data, collect static files: whatever of it is still to be done."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--report", type=Path, help="write what the hall offers to this file, as JSON")
        parser.add_argument("--demo-lines", type=int, default=200, help="lines of the first demo data (200)")

    def handle(self, *args: Any, report: Path | None, demo_lines: int, **options: Any) -> None:
        self.migrate()
        keep_holidays(now=now())
        ensure_first_star_table(now=now())
        if settings.DEMO_MODE:
            self.load_demo_data(demo_lines)
            prepare_demo_sign_ins(now=now())
            prepare_demo_recharge_cards(now=now())
            prepare_demo_bank_card(now=now())
            prepare_demo_sites(now=now())
        self.collect_static_files()
        if report:
            report.write_text(json.dumps(_offers(), ensure_ascii=False))

    def tell(self, text: str) -> None:
        self.stdout.write(f"          {text}")
        self.stdout.flush()

    def migrate(self) -> None:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            self.tell(f"{len(waiting)} migrations")
            call_command("migrate", interactive=False, verbosity=0)
            ensure_roles()

    def load_demo_data(self, lines: int) -> None:
        """All or nothing, so that a first start that was cut off is made up for by the next."""
        if Account.objects.exists():
            return
        self.tell(f"demo data: {lines} lines")
        with transaction.atomic():
            call_command("seed_demo", lines=lines, stdout=StringIO())

    def collect_static_files(self) -> None:
        """Collecting hashes and compresses every file, so it is left out while none of them changed."""
        seen = Path(settings.STATIC_ROOT).with_name("static.fingerprint")
        fingerprint = _fingerprint_of_static_files()
        if seen.exists() and seen.read_text() == fingerprint:
            return
        self.tell("static files")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=STATIC_FILES_LEFT_OUT)
        seen.write_text(fingerprint)


def _fingerprint_of_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(STATIC_FILES_LEFT_OUT):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _offers() -> dict[str, Any]:
    with translation.override("en"):  # as all that bin/serve says
        sign_ins = list_demo_sign_ins() if settings.DEMO_MODE else []
    rows = [[entry.role, entry.sign_in, entry.secret, entry.where] for entry in sign_ins]
    return {"demo": settings.DEMO_MODE, "sign_ins": rows}
