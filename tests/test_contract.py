"""Every rule of the e-mail contract is named by a test: by `_e63` in its name, or by E-63 in its docstring or a case."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
RULES = {*range(1, 28), *range(30, 42), *range(43, 49), *range(50, 55), *range(60, 74), *range(80, 100)}
_NAMED = re.compile(r"(?:_e|E-)(\d{1,2})(?![\da-z])")


def _tests() -> Iterator[ast.FunctionDef]:
    for path in [*(ROOT / "answerable").rglob("test_*.py"), *(ROOT / "tests").glob("test_*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node


def _rules_of(test: ast.FunctionDef) -> set[int]:
    cases = (node.value for mark in test.decorator_list for node in ast.walk(mark) if isinstance(node, ast.Constant))
    words = [test.name, ast.get_docstring(test) or "", *(one for one in cases if isinstance(one, str))]
    return {int(number) for one in words for number in _NAMED.findall(one)}


def test_every_rule_is_named_by_a_test() -> None:
    named = {rule for test in _tests() for rule in _rules_of(test)}
    assert sorted(RULES - named) == []
    assert named <= RULES
