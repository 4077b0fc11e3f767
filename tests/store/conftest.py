"""Both engines for every test of the tables."""

import importlib
import pkgutil

import studyhub.store
from tests.engines import engine_kind, engines_end, sessions

__all__ = ["engine_kind", "engines_end", "sessions"]

for module in pkgutil.iter_modules(studyhub.store.__path__):
    importlib.import_module(f"studyhub.store.{module.name}")
