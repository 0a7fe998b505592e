"""The table of guards names what is there: each text stands once in its file, each test can be collected."""

import ast

import pytest

from tests.guards.guard import Guard
from tests.guards.removal import CHECKOUT
from tests.guards.statements import GUARDS


def names_in(path: str) -> set[str]:
    """Return `Class` and `Class::test` for all tests of a file."""
    classes = [node for node in ast.parse((CHECKOUT / path).read_text()).body if isinstance(node, ast.ClassDef)]
    tests = {f"{one.name}::{node.name}" for one in classes for node in one.body if isinstance(node, ast.FunctionDef)}
    return tests | {one.name for one in classes}


@pytest.mark.parametrize("guard", GUARDS.values(), ids=GUARDS.keys())
class TestGuards:
    def test_stands_where_the_table_says(self, guard: Guard) -> None:
        text = (CHECKOUT / guard.file).read_text()
        assert [text.count(part) for part, _instead in guard.without] == [1] * len(guard.without)

    def test_is_tried_by_tests_that_exist(self, guard: Guard) -> None:
        files = {test.partition("::")[0] for test in guard.tests}
        named = {test for test in guard.tests if "::" in test}
        there = {f"{file}::{name}" for file in files for name in names_in(file)}
        assert guard.tests
        assert named - there == set()
