"""`bin/screenshots [word …]`: draws every page in every look, for a person to look at all of them at once."""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import rich
from playwright.sync_api import Browser, sync_playwright
from rich.progress import track

from kernel.clock import now
from portal.demo.people import MAIN_MSISDN, bulk_msisdn
from tests.hall_records import open_records
from tests.halls import open_hall
from tests.tour.looks import LOOKS
from tests.tour.stage import secrets_of, set_stage
from tests.tour.tour import Tour

CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
OWING = bulk_msisdn(0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/screenshots", description=__doc__)
    parser.add_argument("words", nargs="*", help="only pages with one of these in their address")
    parser.add_argument("--look", choices=[look.name for look in LOOKS], action="append", help="only in this look")
    parser.add_argument("--hall", type=Path, help="HALL_VAR of a hall that is open; without it one is started")
    parser.add_argument("--at", default="http://127.0.0.1:8000", help="address of that hall")
    wanted = parser.parse_args()
    looks = [look for look in LOOKS if not wanted.look or look.name in wanted.look]
    folder = Path(os.environ.get("HALL_VAR", "var")) / "screenshots"
    if not wanted.words and not wanted.look:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright keeps an event loop in this thread
    with ExitStack() as stack:
        hall = stack.enter_context(_given(wanted.hall, wanted.at) if wanted.hall else _started())
        stack.enter_context(open_records(hall))
        stack.enter_context(secrets_of(hall))
        stage = set_stage(customer=MAIN_MSISDN, owing=OWING, now=now())
        browser = stack.enter_context(_chromium())
        tour = Tour(browser, hall, stage)
        stops = [stop for stop in tour.list_pages() if not wanted.words or any(w in stop.path for w in wanted.words)]
        for look, stop in track([(look, stop) for look in looks for stop in stops], description="Drawing"):
            page = tour.go(look, stop)
            # A window as high as the page, so that what is fixed to its lower edge covers nothing.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": look.screen["width"], "height": height})
            page.screenshot(path=folder / f"{stop.name}.{look.name}.png")
            page.set_viewport_size(look.screen)
    rich.print(f"All pictures of all pages: {_write_index(folder)}")
    return 0


def _write_index(folder: Path) -> Path:
    rows = []
    for page, pictures in groupby(sorted(folder.glob("*.png")), key=lambda picture: picture.name.split(".")[0]):
        cells = "".join(
            f'<a href="{one.name}"><img src="{one.name}" alt="{one.stem}" width="200"></a> ' for one in pictures
        )
        rows.append(f"<h2>{page}</h2>\n<p>{cells}</p>\n")
    index = folder / "index.html"
    index.write_text(
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Screenshots</title>\n{"".join(rows)}'
    )
    return index


@contextmanager
def _started() -> Iterator[Any]:
    with tempfile.TemporaryDirectory(prefix="hall-screenshots-") as var:
        rich.print("Starting a hall of its own")
        with open_hall(Path(var), HALL_SIMULATE="0") as hall:
            yield hall


@contextmanager
def _given(var: Path, base_url: str) -> Iterator[Any]:
    yield SimpleNamespace(var=var, base_url=base_url)


@contextmanager
def _chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
