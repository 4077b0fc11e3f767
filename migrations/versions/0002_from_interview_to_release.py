"""What the way from the interview to the release keeps beside the tables of version 1."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from studyhub.store.triggers import create_all_triggers, drop_all_triggers

revision = "0002"
down_revision = "0001"

REASONS = (
    "'entered_in_error', 'wrong_version', 'wrong_person', 'not_informed', 'person_asked', "
    "'duplicate', 'quality', 'protocol', 'committee', 'law', 'other'"
)


def _add(
    table: str, name: str, kind: sa.types.TypeEngine[Any], first: str | sa.ColumnElement[bool]
) -> None:
    """Add a column that is never empty; what it holds at first is no default for later."""
    held = sa.text(first) if isinstance(first, str) else first
    with op.batch_alter_table(table) as changed:
        changed.add_column(sa.Column(name, kind, nullable=False, server_default=held))
    with op.batch_alter_table(table) as changed:
        changed.alter_column(name, server_default=None)


def upgrade() -> None:
    """Add second readings, and what saving, thinning and uploading need to remember."""
    f = op.f
    drop_all_triggers(op.get_bind())
    op.create_table(
        "second_readings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transcript_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_second_readings")),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name=f("fk_second_readings_transcript_id_transcripts"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["transcript_versions.id"],
            name=f("fk_second_readings_version_id_transcript_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["memberships.id"], name=f("fk_second_readings_by_id_memberships")
        ),
        sa.CheckConstraint(
            "\"outcome\" IN ('open', 'passed', 'returned')",
            name=f("ck_second_readings_outcome"),
        ),
        sa.CheckConstraint(
            f'"reason_code" IN ({REASONS})', name=f("ck_second_readings_reason_code")
        ),
    )
    for column in ("transcript_id", "version_id"):
        op.create_index(f(f"ix_second_readings_{column}"), "second_readings", [column])
    _add("uploads", "metadata_given", sa.Text(), "''")
    _add("transcript_versions", "kept_for_good", sa.Boolean(), sa.true())
    for name in ("run_from", "marks_rev"):
        _add("working_copies", name, sa.BigInteger(), "0")
    for name in ("earlier", "marks_by"):
        _add("working_copies", name, sa.JSON(), "'{}'")
    with op.batch_alter_table("working_copies") as copies:
        copies.add_column(sa.Column("locked_by", sa.Uuid(), nullable=True))
        copies.create_foreign_key(
            f("fk_working_copies_locked_by_memberships"), "memberships", ["locked_by"], ["id"]
        )
    create_all_triggers(op.get_bind())
