"""${message}.

Forward only. A table that SQLite rebuilds (``op.batch_alter_table``) loses its CHECKs, its
triggers and WITHOUT ROWID: name the CHECKs in ``table_args``, ``sqlite_with_rowid`` in
``table_kwargs``; the triggers are made anew by the last line.
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
