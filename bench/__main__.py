"""`bin/bench [row …]`: starts throw-away servers, runs the rows, prints the table, writes bench.json."""

import argparse
import importlib
import json
import os
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measure import Goal
from portal.embedded.child import stop_together
from portal.embedded.postgres import embedded_postgres
from portal.embedded.redis import embedded_redis

ROWS = {
    "p1": "bench.p1_confirm_top_up",
    "p2": "bench.p2_record_usage",
    "p3": "bench.p3_deliver_texts",
    "p4": "bench.p4_issue_bills",
    "p5": "bench.p5_home_page",
    "p6": "bench.p6_rest",
    "p7": "bench.p7_growth",
    "p8": "bench.p8_start",
    "p9": "bench.p9_enumeration",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("rows", nargs="*", choices=[[], *ROWS], metavar="row", help=f"any of: {', '.join(ROWS)}")
    names = parser.parse_args().rows or list(ROWS)
    report = Path(os.environ.get("HALL_VAR", "var")) / "bench.json"
    folder = Path(tempfile.mkdtemp(prefix="hall-bench-"))
    console = Console()
    postgres = embedded_postgres(folder)
    redis = embedded_redis(folder)
    children = [postgres.child, redis.child]
    try:
        for child in children:
            child.start()
        for child in children:
            child.wait_until_ready(seconds=60, pause=time.sleep)
        postgres.create_database()
        os.environ.update(
            DATABASE_URL=postgres.url(),
            REDIS_URL=redis.url(),
            DJANGO_SETTINGS_MODULE="portal.settings.testing",
            HALL_VAR=str(folder),
        )
        goals = _run(names, console)
    finally:
        stop_together(children, grace_seconds=5)
        shutil.rmtree(folder, ignore_errors=True)
    _show(goals, console)
    report.parent.mkdir(parents=True, exist_ok=True)
    taken = {"taken_at": datetime.now(UTC).isoformat(), "goals": [goal.as_json() for goal in goals]}
    report.write_text(json.dumps(taken, indent=2, ensure_ascii=False))
    return 0 if all(goal.is_met for goal in goals) else 1


def _run(names: list[str], console: Console) -> list[Goal]:
    import django
    from django.core.management import call_command

    django.setup()
    console.print("Making the tables")
    call_command("migrate", verbosity=0)
    goals: list[Goal] = []
    for name in names:
        console.print(f"Measuring {name}")
        goals += importlib.import_module(ROWS[name]).measure()
    return goals


def _show(goals: list[Goal], console: Console) -> None:
    table = Table(title="Speed against the yardstick of the same run")
    for heading in ("Row", "Work", "Goal", "Measured", "Verdict", "Times"):
        table.add_column(heading)
    for goal in goals:
        bound = f"{'≥' if goal.at_least else '≤'} {goal.wanted:.2f} ×"
        verdict = "[green]met[/]" if goal.is_met else "[red]missed[/]"
        table.add_row(goal.row, goal.work, bound, f"{goal.measured:.2f} ×", verdict, goal.detail)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
