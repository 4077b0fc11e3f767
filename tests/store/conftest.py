"""Every table is known before a test of the tables begins."""

import importlib
import pkgutil

import studyhub.store

for module in pkgutil.iter_modules(studyhub.store.__path__):
    importlib.import_module(f"studyhub.store.{module.name}")
