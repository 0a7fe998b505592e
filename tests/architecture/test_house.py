"""What import-linter cannot see: lengths, names, the single ledger writer, task names, where time is read, the map."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("portal", "channels", "partners", "care", "packages_app", "billing", "accounts", "messaging", "kernel")
SOURCE = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py"))]
BELOW_THE_DOORS = [
    path
    for path in SOURCE
    if {"operations", "queries", "models", "capabilities", "halls", "gateways"} & set(path.relative_to(ROOT).parts)
]
LONGEST_FILE = 400
BANNED_NAMES = {"utils", "helpers", "common", "misc", "services", "managers", "util", "helper", "service", "manager"}
LEDGER_WRITERS = {"billing/operations/ledger.py", "billing/operations/import_history.py"}
LEDGER_SQL = {"billing/sql/post_entries.sql"}
WRITES_MONEY = re.compile(
    r"(insert\s+into|update|delete\s+from|copy|truncate)\s+(only\s+)?\"?(billing_wallet|billing_ledger_entry)\b",
    re.IGNORECASE,
)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def has(part: str, path: Path) -> bool:
    return part in path.relative_to(ROOT).parts


class TestFiles:
    def test_stay_short_enough_to_read(self) -> None:
        kinds = ("*.py", "*.sql", "*.html", "*.css", "*.js")
        folders = [ROOT / name for name in (*APPS, "templates", "static", "tests", "bench", "bin")]
        files = [file for folder in folders if folder.exists() for kind in kinds for file in folder.rglob(kind)]
        assert len(files) > 100
        too_long = {
            name_of(file): length
            for file in files
            if not {"vendor", "migrations"} & set(file.parts)
            and (length := len(file.read_text().splitlines())) > LONGEST_FILE
        }
        assert too_long == {}

    def test_have_names_that_say_something(self) -> None:
        assert [
            name_of(path) for path in SOURCE if BANNED_NAMES & {*path.relative_to(ROOT).parts[:-1], path.stem}
        ] == []

    def test_leave_no_empty_room(self) -> None:
        rooms = {path.parent for path in SOURCE if path.name == "__init__.py" and path.parent.parent.parent == ROOT}
        assert rooms
        empty = [
            name_of(room) for room in rooms if not [file for file in room.rglob("*.py") if file.read_text().strip()]
        ]
        assert empty == []


class TestLedger:
    def test_is_written_by_one_function(self) -> None:
        found = [
            name_of(path)
            for path in SOURCE
            if not has("migrations", path) and name_of(path) not in LEDGER_WRITERS and self.writes(path)
        ]
        assert found == []

    def test_is_written_by_one_piece_of_sql(self) -> None:
        scripts = [path for app in APPS for path in (ROOT / app).rglob("*.sql")]
        assert {name_of(path) for path in scripts if WRITES_MONEY.search(path.read_text())} == LEDGER_SQL

    def writes(self, path: Path) -> bool:
        text = path.read_text()
        if WRITES_MONEY.search(text):
            return True
        return any(self.is_orm_write(node) for node in ast.walk(ast.parse(text)))

    def is_orm_write(self, node: ast.AST) -> bool:
        """`Wallet.objects.create(…)`, `LedgerEntry.objects.filter(…).update(…)`, `LedgerEntry(…)` and the like."""
        writing = {
            "create",
            "update",
            "delete",
            "bulk_create",
            "bulk_update",
            "get_or_create",
            "update_or_create",
            "save",
        }
        if not isinstance(node, ast.Call):
            return False
        names = {part.id for part in ast.walk(node.func) if isinstance(part, ast.Name)}
        makes = isinstance(node.func, ast.Name)
        return bool(names & {"Wallet", "LedgerEntry"}) and (
            makes or (isinstance(node.func, ast.Attribute) and node.func.attr in writing)
        )

    @pytest.mark.parametrize(
        ("code", "is_write"),
        [
            ("Wallet.objects.filter(account_id=1).update(cash_fen=0)", True),
            ("LedgerEntry.objects.bulk_create(rows)", True),
            ("LedgerEntry(version=1)", True),
            ("Wallet.objects.filter(account_id=1).values_list('cash_fen')", False),
            ("Order.objects.create()", False),
        ],
    )
    def test_would_notice_another_writer(self, code: str, is_write: bool) -> None:
        assert any(self.is_orm_write(node) for node in ast.walk(ast.parse(code))) is is_write


class TestTasks:
    def test_are_named_after_their_app(self) -> None:
        current_app.loader.import_default_modules()
        names = [name for name in current_app.tasks if not name.startswith("celery.")]
        assert names
        assert [name for name in names if not re.fullmatch(rf"({'|'.join(APPS)}|packages)\.[a-z_]+", name)] == []

    def test_stand_behind_every_entry_of_the_schedule(self) -> None:
        current_app.loader.import_default_modules()
        scheduled = {entry["task"] for entry in current_app.conf.beat_schedule.values()}
        assert scheduled
        assert scheduled - set(current_app.tasks) == set()

    def test_take_what_a_newer_caller_may_send(self) -> None:
        current_app.loader.import_default_modules()
        own = [task for name, task in current_app.tasks.items() if not name.startswith("celery.")]
        assert own
        strict = [
            task.name
            for task in own
            if not any(p.kind is p.VAR_KEYWORD for p in inspect.signature(task.run).parameters.values())
        ]
        assert strict == []


class TestOperationsAndQueries:
    def functions(self) -> Iterator[tuple[str, ast.FunctionDef]]:
        for path in BELOW_THE_DOORS:
            if has("operations", path):
                for node in ast.parse(path.read_text()).body:
                    if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                        yield f"{name_of(path)}:{node.name}", node

    def test_operations_take_keywords_only(self) -> None:
        functions = list(self.functions())
        assert functions
        assert [where for where, node in functions if node.args.args or node.args.posonlyargs] == []

    def test_operations_say_how_to_use_them(self) -> None:
        assert [where for where, node in self.functions() if not ast.get_docstring(node)] == []

    def test_time_is_read_at_the_doors(self) -> None:
        reads = re.compile(
            r"timezone\.now\(|clock\.now|clock import .*\bnow\b|datetime\.(now|utcnow|today)\(|date\.today\("
        )
        assert BELOW_THE_DOORS
        assert [name_of(path) for path in BELOW_THE_DOORS if reads.search(path.read_text())] == []

    def test_no_request_gets_below_the_doors(self) -> None:
        asks = re.compile(r"\bHttpRequest\b|from django\.http|from rest_framework")
        assert [name_of(path) for path in BELOW_THE_DOORS if asks.search(path.read_text())] == []


class TestReadme:
    @pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
    def test_map_leads_to_files_that_exist(self, readme: str) -> None:
        paths = re.findall(
            rf"`((?:{'|'.join(APPS)}|bin|docs|templates|tests|static)/[\w./-]+)`", (ROOT / readme).read_text()
        )
        assert len(paths) >= 12
        assert [path for path in paths if not (ROOT / path).exists()] == []
