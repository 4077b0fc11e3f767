"""Runs the steps on the connection that ``studyhub.store.schema`` hands over."""

import importlib
import pkgutil

from alembic import context

import studyhub.store
from studyhub.store.db import Base

for module in pkgutil.iter_modules(studyhub.store.__path__):
    importlib.import_module(f"studyhub.store.{module.name}")

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)

with context.begin_transaction():
    context.run_migrations()
