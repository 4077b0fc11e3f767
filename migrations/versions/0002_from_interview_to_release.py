"""What the way from the interview to the release keeps beside the tables of version 1."""

import sqlalchemy as sa
from alembic import op

from studyhub.store.triggers import create_all_triggers, drop_all_triggers

revision = "0002"
down_revision = "0001"

REASONS = (
    "'entered_in_error', 'wrong_version', 'wrong_person', 'not_informed', 'person_asked', "
    "'duplicate', 'quality', 'protocol', 'committee', 'law', 'other'"
)


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
    with op.batch_alter_table("uploads") as uploads:
        uploads.add_column(
            sa.Column("metadata_given", sa.Text(), nullable=False, server_default="")
        )
    with op.batch_alter_table("transcript_versions") as versions:
        versions.add_column(
            sa.Column("kept_for_good", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    with op.batch_alter_table("working_copies") as copies:
        for name in ("run_from", "marks_rev"):
            copies.add_column(
                sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")
            )
        for name in ("earlier", "marks_by"):
            copies.add_column(
                sa.Column(name, sa.JSON(), nullable=False, server_default=sa.text("'{}'"))
            )
        copies.add_column(sa.Column("locked_by", sa.Uuid(), nullable=True))
        copies.create_foreign_key(
            f("fk_working_copies_locked_by_memberships"), "memberships", ["locked_by"], ["id"]
        )
    create_all_triggers(op.get_bind())
