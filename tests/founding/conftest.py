"""The browser for the founding study."""

from tests.web.browser import chromium

__all__ = ["chromium"]
