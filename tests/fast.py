"""What ``make fast`` leaves out: PostgreSQL and the browser."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    slow = [item for item in items if _is_slow(item)]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if not _is_slow(item)]


def _is_slow(item: pytest.Item) -> bool:
    return "chromium" in getattr(item, "fixturenames", ()) or "postgresql" in item.nodeid
