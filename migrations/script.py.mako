"""${message}.

Forward only. SQLite changes a table by building it anew (``op.batch_alter_table``), which drops
its triggers: the last line makes them all again. The house tests compare CHECKs, indexes and
WITHOUT ROWID with the models.
"""

import sqlalchemy as sa
from alembic import op

from studyhub.store.triggers import create_all_triggers, drop_all_triggers

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """${message}."""
    drop_all_triggers(op.get_bind())
    ${upgrades if upgrades else "pass"}
    create_all_triggers(op.get_bind())
