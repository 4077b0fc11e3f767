"""What tests in a browser share."""

from tests.web.browser import chromium

__all__ = ["chromium"]
