"""What no page of the code may do, found by reading it."""

import ast
import re
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "studyhub").rglob("*.py"))
TEMPLATES = sorted((ROOT / "studyhub" / "templates").rglob("*.html"))
STATEFUL = frozenset({"advance"})
LINES = 300
PRODUCT_LINES_OF_CODE = 46_000  # docs/decisions/0011


def _trees():
    return [(path, ast.parse(path.read_text())) for path in MODULES]


def test_states_change_only_through_the_lifecycle():
    wrong = []
    for path, tree in _trees():
        for node in ast.walk(tree):
            targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
            if not isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
                continue
            for target in targets:
                if isinstance(target, ast.Attribute) and target.attr == "state":
                    call = node.value
                    ok = isinstance(call, ast.Call) and getattr(call.func, "id", "") in STATEFUL
                    if not ok:
                        wrong.append(f"{path}:{node.lineno}")
    assert wrong == []


@pytest.mark.parametrize(
    "word",
    [
        "request.files",
        "NamedTemporaryFile",
        "mkstemp",
        "flask.session",
        "login_user",
        "SECRET_KEY",
    ],
)
def test_nothing_puts_plaintext_or_sessions_where_they_do_not_belong(word):
    assert [str(path) for path in MODULES if word in path.read_text()] == []


def test_no_template_marks_anything_as_safe_or_holds_script():
    for path in TEMPLATES:
        text = path.read_text()
        assert "|safe" not in text.replace(" ", ""), path
        assert "style=" not in text, path
        assert "<script>" not in text, path
        assert "onclick" not in text, path


def test_modules_stay_small_and_so_does_the_product():
    sizes = {path: len(path.read_text().splitlines()) for path in MODULES}
    assert [str(path) for path, size in sizes.items() if size > LINES] == []
    assert sum(_lines_of_code(tree) for _, tree in _trees()) < PRODUCT_LINES_OF_CODE


def _lines_of_code(tree) -> int:
    """Lines on which something of the syntax tree stands, docstrings left out."""
    lines, words = set(), set()
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            lines.update({node.lineno, node.end_lineno})
        documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        if documented and ast.get_docstring(node):
            words.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return len(lines - words)


def test_every_module_says_its_one_job():
    assert [str(path) for path, tree in _trees() if not ast.get_docstring(tree)] == []


def test_nobody_swallows_every_error():
    for path, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler):
                names = ast.dump(node.type) if node.type else "bare"
                assert "'Exception'" not in names, f"{path}:{node.lineno}"
                assert "HouseRuleBroken" not in names, f"{path}:{node.lineno}"
                assert names != "bare", f"{path}:{node.lineno}"


def test_no_registry_host_and_no_foreign_path_in_the_project():
    for name in ("requirements/run.txt", "requirements/dev.txt", "pyproject.toml"):
        text = (ROOT / name).read_text()
        assert "http:" not in text, name
        assert "https:" not in text, name
        options = re.findall(r"^\s*--([a-z-]+)", text, re.MULTILINE)
        assert set(options) <= {"hash"}, name
    for line in (ROOT / "requirements/dev.txt").read_text().splitlines():
        assert line.startswith((" ", "#")) or "==" in line, line


def test_what_locked_packages_ask_for_with_an_extra_is_locked_with_it():
    """Otherwise pip takes a newer one for the extra as soon as there is one, without a hash."""
    lines = (ROOT / "requirements/dev.txt").read_text().splitlines()
    named = (line.split(" ")[0] for line in lines if re.match(r"[a-z0-9]", line))
    locked = [Requirement(each) for each in named]
    held = {each.name: each.extras for each in locked}
    asked = [
        (each.name, wanted)
        for each in locked
        for wanted in map(Requirement, distribution(each.name).requires or ())
        if wanted.extras and _is_meant(wanted, each.extras)
    ]

    assert asked, "pytest-cov asks for one at least"
    assert [pair for pair in asked if not pair[1].extras <= held[pair[1].name]] == []


def _is_meant(wanted: Requirement, extras: set[str]) -> bool:
    marker = wanted.marker
    return marker is None or any(marker.evaluate({"extra": each}) for each in extras or {""})
