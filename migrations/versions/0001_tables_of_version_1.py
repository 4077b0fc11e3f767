"""The tables of version 1.

Forward only. Written out, so that this step stays what it was when the tables change later.
"""

import sqlalchemy as sa
from alembic import op

from studyhub.store.triggers import create_all_triggers, drop_all_triggers

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of version 1."""
    f = op.f
    drop_all_triggers(op.get_bind())
    op.create_table(
        "events",
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq", name=f("pk_events")),
        sa.CheckConstraint(
            "\"outcome\" IN ('done', 'refused', 'failed')", name=f("ck_events_outcome")
        ),
        sa.CheckConstraint("act LIKE '_%._%'", name=f("ck_events_act")),
        sqlite_with_rowid=False,
    )
    op.create_index(f("ix_events_act"), "events", ["act"])
    op.create_index(f("ix_events_actor_id"), "events", ["actor_id"])
    op.create_index(f("ix_events_at"), "events", ["at"])
    op.create_index(f("ix_events_subject"), "events", ["subject"])
    op.create_table(
        "heads",
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "size", name=f("pk_heads")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("locked_until", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_jobs")),
        sa.CheckConstraint(
            "\"kind\" IN ('send_letter', 'bounce', 'expire_grants', 'expire_uploads', 'quarantine_due', 'erase', 'dispose', 'sweep', 'head', 'mail_head', 'count_attempts', 'verify_objects')",
            name=f("ck_jobs_kind"),
        ),
        sa.CheckConstraint(
            "\"state\" IN ('waiting', 'running', 'done', 'failed')", name=f("ck_jobs_state")
        ),
    )
    op.create_index(f("ix_jobs_state_not_before"), "jobs", ["state", "not_before"])
    op.create_table(
        "studies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("neutral_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("root_public_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_studies")),
        sa.CheckConstraint(
            "\"state\" IN ('setting_up', 'open', 'closed', 'archived')",
            name=f("ck_studies_state"),
        ),
        sa.UniqueConstraint("slug", name=f("uq_studies_slug")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("kdf", sa.JSON(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("verifier", sa.LargeBinary(), nullable=True),
        sa.Column("key_wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("recovery_wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_users")),
        sa.CheckConstraint(
            "\"state\" IN ('invited', 'active', 'disabled')", name=f("ck_users_state")
        ),
        sa.UniqueConstraint("login", name=f("uq_users_login")),
    )
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_documents_study_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_documents")),
        sa.CheckConstraint(
            "\"kind\" IN ('invitation', 'reminder', 'pis', 'consent_form', 'topic_guide', 'summary', 'confirmation', 'debrief', 'withdrawal_form', 'privacy_notice', 'script_verbal_consent')",
            name=f("ck_documents_kind"),
        ),
        sa.UniqueConstraint(
            "study_id",
            "kind",
            "language",
            "audience",
            name=f("uq_documents_study_id_kind_language_audience"),
        ),
    )
    op.create_table(
        "files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_files_study_id")),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_files")),
    )
    op.create_index(f("ix_files_study_id"), "files", ["study_id"])
    op.create_table(
        "memberships",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_memberships_study_id")),
            nullable=False,
        ),
        sa.Column(
            "user_id",
            sa.Uuid(),
            sa.ForeignKey("users.id", name=f("fk_memberships_user_id")),
            nullable=False,
        ),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("duties", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.DateTime(), nullable=False),
        sa.Column("valid_to", sa.DateTime(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("signing_public_key", sa.LargeBinary(), nullable=True),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("certificate", sa.LargeBinary(), nullable=True),
        sa.Column("certified_at", sa.DateTime(), nullable=True),
        sa.Column(
            "certified_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_memberships_certified_by")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_memberships")),
        sa.CheckConstraint(
            "\"role\" IN ('pi', 'recruiter', 'interviewer', 'transcriber', 'reviewer', 'analyst', 'auditor')",
            name=f("ck_memberships_role"),
        ),
        sa.CheckConstraint(
            "\"state\" IN ('invited', 'awaiting_grant', 'active', 'ended')",
            name=f("ck_memberships_state"),
        ),
    )
    op.create_index(f("ix_memberships_study_id"), "memberships", ["study_id"])
    op.create_index(f("ix_memberships_user_id"), "memberships", ["user_id"])
    op.create_index(
        f("uq_memberships_one_not_ended"),
        "memberships",
        ["study_id", "user_id", "role"],
        unique=True,
        sqlite_where=sa.text("state <> 'ended'"),
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "participants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_participants_study_id")),
            nullable=False,
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("listed_on", sa.Date(), nullable=False),
        sa.Column("deadline_at", sa.DateTime(), nullable=True),
        sa.Column("emptied_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_participants")),
        sa.UniqueConstraint("study_id", "code", name=f("uq_participants_study_id_code")),
    )
    op.create_index(f("ix_participants_deadline_at"), "participants", ["deadline_at"])
    op.create_table(
        "retention_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_retention_rules_study_id")),
            nullable=False,
        ),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=True),
        sa.Column("then", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_retention_rules")),
        sa.CheckConstraint(
            "\"class\" IN ('contact_unused', 'recording', 'transcript', 'release_pointer', 'consent_evidence', 'release', 'mail', 'audit')",
            name=f("ck_retention_rules_class"),
        ),
        sa.CheckConstraint(
            "\"clock\" IN ('recruitment_closed', 'transcript_checked', 'release_verified', 'deadline_and_analysis_closed', 'study_closed', 'sent')",
            name=f("ck_retention_rules_clock"),
        ),
        sa.CheckConstraint(
            "\"then\" IN ('erase', 'destroy_key', 'archive')", name=f("ck_retention_rules_then")
        ),
    )
    op.create_index(f("ix_retention_rules_study_id"), "retention_rules", ["study_id"])
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_suppressions_study_id")),
            nullable=True,
        ),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_suppressions")),
        sa.CheckConstraint(
            "\"origin\" IN ('one_click', 'page', 'staff', 'withdrawal')",
            name=f("ck_suppressions_origin"),
        ),
    )
    op.create_index(f("ix_suppressions_study_id"), "suppressions", ["study_id"])
    op.create_index(f("ix_suppressions_tag"), "suppressions", ["tag"])
    op.create_table(
        "user_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "user_id",
            sa.Uuid(),
            sa.ForeignKey("users.id", name=f("fk_user_tokens_user_id")),
            nullable=False,
        ),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_user_tokens")),
        sa.CheckConstraint(
            "\"purpose\" IN ('join', 'reset')", name=f("ck_user_tokens_purpose")
        ),
        sa.UniqueConstraint("token_hash", name=f("uq_user_tokens_token_hash")),
    )
    op.create_index(f("ix_user_tokens_user_id"), "user_tokens", ["user_id"])
    op.create_table(
        "approvals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_approvals_study_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("committee", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("starts_at", sa.DateTime(), nullable=True),
        sa.Column("ends_at", sa.DateTime(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("reconsent", sa.Text(), nullable=False),
        sa.Column(
            "letter_id",
            sa.Uuid(),
            sa.ForeignKey("files.id", name=f("fk_approvals_letter_id")),
            nullable=True,
        ),
        sa.Column(
            "amends_id",
            sa.Uuid(),
            sa.ForeignKey("approvals.id", name=f("fk_approvals_amends_id")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_approvals")),
        sa.CheckConstraint(
            "\"kind\" IN ('initial', 'minor', 'substantial')", name=f("ck_approvals_kind")
        ),
        sa.CheckConstraint(
            "\"state\" IN ('planned', 'submitted', 'revision_requested', 'approved', 'suspended', 'expired', 'closed', 'drafted', 'rejected', 'withdrawn', 'implemented')",
            name=f("ck_approvals_state"),
        ),
        sa.CheckConstraint(
            "\"reconsent\" IN ('none', 'future_contacts', 'all_active')",
            name=f("ck_approvals_reconsent"),
        ),
        sa.CheckConstraint(
            "kind = 'initial' AND state IN ('planned', 'submitted', 'revision_requested', 'approved', 'suspended', 'expired', 'closed') OR kind <> 'initial' AND state IN ('drafted', 'submitted', 'approved', 'rejected', 'withdrawn', 'implemented')",
            name=f("ck_approvals_state_of_kind"),
        ),
    )
    op.create_index(f("ix_approvals_amends_id"), "approvals", ["amends_id"])
    op.create_index(f("ix_approvals_letter_id"), "approvals", ["letter_id"])
    op.create_index(f("ix_approvals_study_id"), "approvals", ["study_id"])
    op.create_table(
        "compartment_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_compartment_keys_study_id")),
            nullable=False,
        ),
        sa.Column("compartment", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("suite", sa.BigInteger(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column(
            "signed_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_compartment_keys_signed_by")),
            nullable=True,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_compartment_keys")),
        sa.CheckConstraint(
            "\"compartment\" IN ('contact', 'consent', 'recording', 'transcript', 'release', 'mailer', 'recovery')",
            name=f("ck_compartment_keys_compartment"),
        ),
        sa.CheckConstraint(
            "\"state\" IN ('current', 'retired')", name=f("ck_compartment_keys_state")
        ),
        sa.UniqueConstraint(
            "study_id",
            "compartment",
            "epoch",
            name=f("uq_compartment_keys_study_id_compartment_epoch"),
        ),
    )
    op.create_table(
        "exceptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_exceptions_study_id")),
            nullable=False,
        ),
        sa.Column(
            "user_id",
            sa.Uuid(),
            sa.ForeignKey("users.id", name=f("fk_exceptions_user_id")),
            nullable=False,
        ),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "approved_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_exceptions_approved_by")),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_exceptions")),
        sa.CheckConstraint(
            "\"rule\" IN ('S-1', 'S-2', 'S-3', 'S-4', 'H-7', 'H-9')",
            name=f("ck_exceptions_rule"),
        ),
    )
    op.create_index(f("ix_exceptions_study_id"), "exceptions", ["study_id"])
    op.create_index(f("ix_exceptions_user_id"), "exceptions", ["user_id"])
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_exports_study_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_exports_by_id")),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("recipients", sa.Text(), nullable=False),
        sa.Column("recall_state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_exports")),
        sa.CheckConstraint(
            "\"kind\" IN ('release_docx', 'release_txt', 'matrix', 'quotes', 'qdpx', 'qdc', 'codebook', 'evidence_pack')",
            name=f("ck_exports_kind"),
        ),
        sa.CheckConstraint(
            "\"recall_state\" IN ('none', 'asked', 'acknowledged')",
            name=f("ck_exports_recall_state"),
        ),
    )
    op.create_index(f("ix_exports_study_id"), "exports", ["study_id"])
    op.create_table(
        "holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_holds_participant_id")),
            nullable=False,
        ),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_holds")),
        sa.CheckConstraint(
            "\"scope\" IN ('contact', 'further_participation', 'audio', 'transcript', 'quotes', 'reuse', 'results_contact', 'identity', 'all')",
            name=f("ck_holds_scope"),
        ),
        sa.CheckConstraint(
            "\"cause\" IN ('withdrawal', 'restriction', 'identifier_reported', 'incident', 'legal')",
            name=f("ck_holds_cause"),
        ),
    )
    op.create_index(f("ix_holds_participant_id"), "holds", ["participant_id"])
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_incidents_study_id")),
            nullable=False,
        ),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_incidents_participant_id")),
            nullable=True,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "reported_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_incidents_reported_by")),
            nullable=False,
        ),
        sa.Column("reported_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_incidents")),
        sa.CheckConstraint(
            "\"kind\" IN ('distress', 'disclosure_of_harm', 'lone_worker', 'data_breach', 'protocol_deviation', 'complaint')",
            name=f("ck_incidents_kind"),
        ),
        sa.CheckConstraint(
            "\"state\" IN ('reported', 'triaged', 'actioned', 'closed')",
            name=f("ck_incidents_state"),
        ),
    )
    op.create_index(f("ix_incidents_participant_id"), "incidents", ["participant_id"])
    op.create_index(f("ix_incidents_study_id"), "incidents", ["study_id"])
    op.create_table(
        "proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_proposals_study_id")),
            nullable=False,
        ),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column(
            "proposed_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_proposals_proposed_by")),
            nullable=False,
        ),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column(
            "decided_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_proposals_decided_by")),
            nullable=True,
        ),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_proposals")),
        sa.CheckConstraint(
            "\"outcome\" IN ('approved', 'refused', 'lapsed')", name=f("ck_proposals_outcome")
        ),
        sa.CheckConstraint(
            "\"reason_code\" IN ('entered_in_error', 'wrong_version', 'wrong_person', 'not_informed', 'person_asked', 'duplicate', 'quality', 'protocol', 'committee', 'law', 'other')",
            name=f("ck_proposals_reason_code"),
        ),
        sa.CheckConstraint("act LIKE '_%._%'", name=f("ck_proposals_act")),
    )
    op.create_index(f("ix_proposals_study_id"), "proposals", ["study_id"])
    op.create_table(
        "requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_requests_participant_id")),
            nullable=True,
        ),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_requests_study_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_requests")),
        sa.CheckConstraint(
            "\"kind\" IN ('access', 'rectification', 'erasure', 'restriction', 'objection', 'portability')",
            name=f("ck_requests_kind"),
        ),
        sa.CheckConstraint(
            "\"state\" IN ('received', 'identity_checked', 'in_work', 'extended', 'answered', 'closed', 'refused')",
            name=f("ck_requests_state"),
        ),
    )
    op.create_index(f("ix_requests_participant_id"), "requests", ["participant_id"])
    op.create_index(f("ix_requests_study_id"), "requests", ["study_id"])
    op.create_table(
        "withdrawals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_withdrawals_participant_id")),
            nullable=False,
        ),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_withdrawals_by_id")),
            nullable=True,
        ),
        sa.Column("before_deadline", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_withdrawals")),
        sa.CheckConstraint(
            "\"channel\" IN ('email', 'link', 'web', 'telephone', 'post', 'in_person')",
            name=f("ck_withdrawals_channel"),
        ),
        sa.UniqueConstraint("reference", name=f("uq_withdrawals_reference")),
        sqlite_with_rowid=False,
    )
    op.create_index(f("ix_withdrawals_participant_id"), "withdrawals", ["participant_id"])
    op.create_table(
        "data_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shred_id", sa.Uuid(), nullable=False),
        sa.Column(
            "compartment_key_id",
            sa.Uuid(),
            sa.ForeignKey("compartment_keys.id", name=f("fk_data_keys_compartment_key_id")),
            nullable=False,
        ),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_data_keys")),
    )
    op.create_index(f("ix_data_keys_compartment_key_id"), "data_keys", ["compartment_key_id"])
    op.create_index(f("ix_data_keys_shred_id"), "data_keys", ["shred_id"])
    op.create_table(
        "document_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "document_id",
            sa.Uuid(),
            sa.ForeignKey("documents.id", name=f("fk_document_versions_document_id")),
            nullable=False,
        ),
        sa.Column("major", sa.BigInteger(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=True),
        sa.Column(
            "file_id",
            sa.Uuid(),
            sa.ForeignKey("files.id", name=f("fk_document_versions_file_id")),
            nullable=True,
        ),
        sa.Column(
            "author_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_document_versions_author_id")),
            nullable=False,
        ),
        sa.Column(
            "approved_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_document_versions_approved_by")),
            nullable=True,
        ),
        sa.Column(
            "approval_id",
            sa.Uuid(),
            sa.ForeignKey("approvals.id", name=f("fk_document_versions_approval_id")),
            nullable=True,
        ),
        sa.Column("use_from", sa.DateTime(), nullable=True),
        sa.Column("retired_at", sa.DateTime(), nullable=True),
        sa.Column("reconsent", sa.Text(), nullable=False),
        sa.Column("deadline_rule", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_document_versions")),
        sa.CheckConstraint(
            "\"state\" IN ('draft', 'submitted', 'approved', 'effective', 'superseded', 'retired')",
            name=f("ck_document_versions_state"),
        ),
        sa.CheckConstraint(
            "\"reconsent\" IN ('none', 'future_contacts', 'all_active')",
            name=f("ck_document_versions_reconsent"),
        ),
        sa.CheckConstraint(
            "approved_by <> author_id", name=f("ck_document_versions_approved_by_another")
        ),
        sa.UniqueConstraint(
            "document_id",
            "major",
            "minor",
            name=f("uq_document_versions_document_id_major_minor"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(f("ix_document_versions_approval_id"), "document_versions", ["approval_id"])
    op.create_index(f("ix_document_versions_file_id"), "document_versions", ["file_id"])
    op.create_index(
        f("uq_document_versions_one_effective"),
        "document_versions",
        ["document_id"],
        unique=True,
        sqlite_where=sa.text("state = 'effective'"),
        postgresql_where=sa.text("state = 'effective'"),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_erasures_study_id")),
            nullable=False,
        ),
        sa.Column(
            "withdrawal_id",
            sa.Uuid(),
            sa.ForeignKey("withdrawals.id", name=f("fk_erasures_withdrawal_id")),
            nullable=True,
        ),
        sa.Column(
            "rule_id",
            sa.Uuid(),
            sa.ForeignKey("retention_rules.id", name=f("fk_erasures_rule_id")),
            nullable=True,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("shred_ids", sa.JSON(), nullable=False),
        sa.Column("roots", sa.JSON(), nullable=False),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_erasures")),
        sa.CheckConstraint(
            "\"state\" IN ('requested', 'keys', 'rows', 'files', 'done')",
            name=f("ck_erasures_state"),
        ),
    )
    op.create_index(f("ix_erasures_rule_id"), "erasures", ["rule_id"])
    op.create_index(f("ix_erasures_study_id"), "erasures", ["study_id"])
    op.create_index(f("ix_erasures_withdrawal_id"), "erasures", ["withdrawal_id"])
    op.create_table(
        "key_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "compartment_key_id",
            sa.Uuid(),
            sa.ForeignKey("compartment_keys.id", name=f("fk_key_grants_compartment_key_id")),
            nullable=False,
        ),
        sa.Column(
            "membership_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_key_grants_membership_id")),
            nullable=True,
        ),
        sa.Column("to_recovery", sa.Boolean(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column(
            "granted_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_key_grants_granted_by")),
            nullable=True,
        ),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("granted_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_key_grants")),
        sa.CheckConstraint(
            "(membership_id IS NULL) = to_recovery", name=f("ck_key_grants_member_or_recovery")
        ),
    )
    op.create_index(f("ix_key_grants_compartment_key_id"), "key_grants", ["compartment_key_id"])
    op.create_index(f("ix_key_grants_membership_id"), "key_grants", ["membership_id"])
    op.create_table(
        "withdrawal_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "withdrawal_id",
            sa.Uuid(),
            sa.ForeignKey("withdrawals.id", name=f("fk_withdrawal_items_withdrawal_id")),
            nullable=False,
        ),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column(
            "decided_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_withdrawal_items_decided_by")),
            nullable=True,
        ),
        sa.Column(
            "second_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_withdrawal_items_second_by")),
            nullable=True,
        ),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_withdrawal_items")),
        sa.CheckConstraint(
            "\"class\" IN ('recording', 'transcript', 'notes', 'register', 'release', 'coding', 'quote', 'contact', 'letter', 'question', 'interview', 'pointer', 'evidence', 'export')",
            name=f("ck_withdrawal_items_class"),
        ),
        sa.CheckConstraint(
            "\"decision\" IN ('erase', 'stop_use', 'cannot')",
            name=f("ck_withdrawal_items_decision"),
        ),
        sa.CheckConstraint(
            "\"reason_code\" IN ('already_anonymised_irreversibly', 'already_published', 'legal_retention', 'not_found')",
            name=f("ck_withdrawal_items_reason_code"),
        ),
        sa.UniqueConstraint(
            "withdrawal_id",
            "class",
            "ordinal",
            name=f("uq_withdrawal_items_withdrawal_id_class_ordinal"),
        ),
    )
    op.create_table(
        "withdrawal_steps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "withdrawal_id",
            sa.Uuid(),
            sa.ForeignKey("withdrawals.id", name=f("fk_withdrawal_steps_withdrawal_id")),
            nullable=False,
        ),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_withdrawal_steps_by_id")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_withdrawal_steps")),
        sa.CheckConstraint(
            "\"step\" IN ('received', 'acknowledged', 'retracted', 'assessed', 'executing', 'completed', 'confirmed')",
            name=f("ck_withdrawal_steps_step"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        f("ix_withdrawal_steps_withdrawal_id"), "withdrawal_steps", ["withdrawal_id"]
    )
    op.create_table(
        "approaches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_approaches_participant_id")),
            nullable=False,
        ),
        sa.Column(
            "version_id",
            sa.Uuid(),
            sa.ForeignKey("document_versions.id", name=f("fk_approaches_version_id")),
            nullable=True,
        ),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("nth", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_approaches_by_id")),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_approaches")),
        sa.CheckConstraint(
            "\"purpose\" IN ('invitation', 'reminder', 'information', 'results')",
            name=f("ck_approaches_purpose"),
        ),
        sa.CheckConstraint(
            "\"channel\" IN ('email', 'link', 'web', 'telephone', 'post', 'in_person')",
            name=f("ck_approaches_channel"),
        ),
        sa.CheckConstraint(
            "\"outcome\" IN ('replied', 'declined', 'no_reply', 'bounced', 'opted_out')",
            name=f("ck_approaches_outcome"),
        ),
        sa.UniqueConstraint(
            "participant_id",
            "version_id",
            "purpose",
            "nth",
            name=f("uq_approaches_participant_id_version_id_purpose_nth"),
        ),
    )
    op.create_index(f("ix_approaches_version_id"), "approaches", ["version_id"])
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_cases_study_id")),
            nullable=False,
        ),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_cases_data_key_id")),
            nullable=True,
        ),
        sa.Column("attributes_sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_cases")),
        sa.UniqueConstraint("study_id", "label", name=f("uq_cases_study_id_label")),
    )
    op.create_index(f("ix_cases_data_key_id"), "cases", ["data_key_id"])
    op.create_table(
        "codebooks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_codebooks_study_id")),
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_codebooks_data_key_id")),
            nullable=False,
        ),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_codebooks_by_id")),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_codebooks")),
        sa.UniqueConstraint("study_id", "number", name=f("uq_codebooks_study_id_number")),
    )
    op.create_index(f("ix_codebooks_data_key_id"), "codebooks", ["data_key_id"])
    op.create_table(
        "codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_codes_study_id")),
            nullable=False,
        ),
        sa.Column(
            "parent_id",
            sa.Uuid(),
            sa.ForeignKey("codes.id", name=f("fk_codes_parent_id")),
            nullable=True,
        ),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_codes_data_key_id")),
            nullable=False,
        ),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("definition_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("colour", sa.Text(), nullable=False),
        sa.Column("codable", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_codes")),
        sa.CheckConstraint(
            "\"colour\" IN ('blue', 'turquoise', 'green', 'yellow', 'orange', 'red', 'pink', 'purple', 'brown', 'grey')",
            name=f("ck_codes_colour"),
        ),
        sa.CheckConstraint(
            "\"state\" IN ('active', 'merged', 'retired')", name=f("ck_codes_state")
        ),
    )
    op.create_index(f("ix_codes_data_key_id"), "codes", ["data_key_id"])
    op.create_index(f("ix_codes_parent_id"), "codes", ["parent_id"])
    op.create_index(f("ix_codes_study_id"), "codes", ["study_id"])
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_consents_participant_id")),
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column(
            "form_version_id",
            sa.Uuid(),
            sa.ForeignKey("document_versions.id", name=f("fk_consents_form_version_id")),
            nullable=False,
        ),
        sa.Column(
            "sheet_version_id",
            sa.Uuid(),
            sa.ForeignKey("document_versions.id", name=f("fk_consents_sheet_version_id")),
            nullable=False,
        ),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(), nullable=False),
        sa.Column("time_source", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column(
            "taken_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_consents_taken_by")),
            nullable=True,
        ),
        sa.Column("interpreter", sa.Boolean(), nullable=False),
        sa.Column("wait_waived", sa.Boolean(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("evidence_root", sa.LargeBinary(), nullable=True),
        sa.Column(
            "supersedes_id",
            sa.Uuid(),
            sa.ForeignKey("consents.id", name=f("fk_consents_supersedes_id")),
            nullable=True,
        ),
        sa.Column("deadline_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_consents")),
        sa.CheckConstraint(
            "\"mode\" IN ('digital_link', 'digital_in_person', 'paper_scan', 'verbal_audio', 'email_reply')",
            name=f("ck_consents_mode"),
        ),
        sa.CheckConstraint(
            "\"capacity\" IN ('own', 'supported')", name=f("ck_consents_capacity")
        ),
        sa.CheckConstraint("\"kind\" IN ('signed', 'refused')", name=f("ck_consents_kind")),
        sa.CheckConstraint(
            "\"time_source\" IN ('server', 'attested', 'date_only')",
            name=f("ck_consents_time_source"),
        ),
        sa.CheckConstraint(
            "signed_at <= entered_at", name=f("ck_consents_entered_after_signing")
        ),
        sa.UniqueConstraint("participant_id", "seq", name=f("uq_consents_participant_id_seq")),
        sa.UniqueConstraint("supersedes_id", name=f("uq_consents_supersedes_id")),
        sqlite_with_rowid=False,
    )
    op.create_index(f("ix_consents_form_version_id"), "consents", ["form_version_id"])
    op.create_index(f("ix_consents_sheet_version_id"), "consents", ["sheet_version_id"])
    op.create_table(
        "data_key_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_data_key_grants_data_key_id")),
            nullable=False,
        ),
        sa.Column("grantee_kind", sa.Text(), nullable=False),
        sa.Column("grantee_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_data_key_grants")),
        sa.CheckConstraint(
            "\"grantee_kind\" IN ('membership', 'link')",
            name=f("ck_data_key_grants_grantee_kind"),
        ),
        sa.UniqueConstraint(
            "data_key_id",
            "grantee_kind",
            "grantee_id",
            name=f("uq_data_key_grants_data_key_id_grantee_kind_grantee_id"),
        ),
    )
    op.create_index(f("ix_data_key_grants_ends_at"), "data_key_grants", ["ends_at"])
    op.create_index(f("ix_data_key_grants_grantee_id"), "data_key_grants", ["grantee_id"])
    op.create_table(
        "documents_given",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_documents_given_participant_id")),
            nullable=False,
        ),
        sa.Column(
            "version_id",
            sa.Uuid(),
            sa.ForeignKey("document_versions.id", name=f("fk_documents_given_version_id")),
            nullable=False,
        ),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_documents_given_by_id")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_documents_given")),
        sa.CheckConstraint(
            "\"channel\" IN ('email', 'link', 'web', 'telephone', 'post', 'in_person')",
            name=f("ck_documents_given_channel"),
        ),
    )
    op.create_index(
        f("ix_documents_given_participant_id"), "documents_given", ["participant_id"]
    )
    op.create_index(f("ix_documents_given_version_id"), "documents_given", ["version_id"])
    op.create_table(
        "entities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_entities_study_id")),
            nullable=False,
        ),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("directness", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_entities_data_key_id")),
            nullable=False,
        ),
        sa.Column("replacement_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_entities_by_id")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_entities")),
        sa.CheckConstraint(
            "\"category\" IN ('PERSON', 'ORG', 'PLACE', 'ROLE', 'DATE', 'AGE', 'CONTACT', 'ID', 'URL', 'OTHER_QUASI')",
            name=f("ck_entities_category"),
        ),
        sa.CheckConstraint(
            "\"directness\" IN ('direct', 'quasi')", name=f("ck_entities_directness")
        ),
        sa.CheckConstraint("\"state\" IN ('active', 'merged')", name=f("ck_entities_state")),
    )
    op.create_index(f("ix_entities_data_key_id"), "entities", ["data_key_id"])
    op.create_index(f("ix_entities_study_id"), "entities", ["study_id"])
    op.create_table(
        "expressions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_expressions_study_id")),
            nullable=False,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_expressions_data_key_id")),
            nullable=False,
        ),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_expressions_participant_id")),
            nullable=True,
        ),
        sa.Column(
            "assigned_to",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_expressions_assigned_to")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_expressions")),
        sa.CheckConstraint(
            "\"state\" IN ('received', 'acknowledged', 'screening', 'eligible', 'info_sent', 'considering', 'converted', 'ineligible', 'declined', 'lapsed', 'unreachable', 'opted_out')",
            name=f("ck_expressions_state"),
        ),
        sa.CheckConstraint(
            "\"channel\" IN ('email', 'link', 'web', 'telephone', 'post', 'in_person')",
            name=f("ck_expressions_channel"),
        ),
    )
    op.create_index(f("ix_expressions_assigned_to"), "expressions", ["assigned_to"])
    op.create_index(f("ix_expressions_data_key_id"), "expressions", ["data_key_id"])
    op.create_index(f("ix_expressions_participant_id"), "expressions", ["participant_id"])
    op.create_index(f("ix_expressions_study_id"), "expressions", ["study_id"])
    op.create_table(
        "interviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_interviews_participant_id")),
            nullable=False,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.DateTime(), nullable=True),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column(
            "interviewer_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_interviews_interviewer_id")),
            nullable=True,
        ),
        sa.Column(
            "guide_version_id",
            sa.Uuid(),
            sa.ForeignKey("document_versions.id", name=f("fk_interviews_guide_version_id")),
            nullable=True,
        ),
        sa.Column("calendar_uid", sa.Text(), nullable=False),
        sa.Column("calendar_sequence", sa.BigInteger(), nullable=False),
        sa.Column("still_willing_at", sa.DateTime(), nullable=True),
        sa.Column("may_record", sa.Text(), nullable=True),
        sa.Column("others_present", sa.Text(), nullable=True),
        sa.Column("setting", sa.Text(), nullable=True),
        sa.Column("relationship", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_interviews")),
        sa.CheckConstraint(
            "\"state\" IN ('proposed', 'scheduled', 'confirmed', 'in_progress', 'completed', 'ended_early', 'cancelled', 'no_show')",
            name=f("ck_interviews_state"),
        ),
        sa.CheckConstraint(
            "\"mode\" IN ('telephone', 'video', 'in_person')", name=f("ck_interviews_mode")
        ),
        sa.CheckConstraint(
            "\"may_record\" IN ('yes', 'no')", name=f("ck_interviews_may_record")
        ),
        sa.CheckConstraint(
            "\"others_present\" IN ('yes', 'no')", name=f("ck_interviews_others_present")
        ),
        sa.CheckConstraint(
            "\"setting\" IN ('home', 'work', 'university', 'public', 'remote', 'other')",
            name=f("ck_interviews_setting"),
        ),
        sa.CheckConstraint(
            "\"relationship\" IN ('none', 'professional', 'personal')",
            name=f("ck_interviews_relationship"),
        ),
        sa.UniqueConstraint("calendar_uid", name=f("uq_interviews_calendar_uid")),
    )
    op.create_index(f("ix_interviews_guide_version_id"), "interviews", ["guide_version_id"])
    op.create_index(f("ix_interviews_interviewer_id"), "interviews", ["interviewer_id"])
    op.create_index(f("ix_interviews_participant_id"), "interviews", ["participant_id"])
    op.create_table(
        "questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_questions_participant_id")),
            nullable=False,
        ),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("blocks", sa.Boolean(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_questions_data_key_id")),
            nullable=False,
        ),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column(
            "answered_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_questions_answered_by")),
            nullable=True,
        ),
        sa.Column(
            "assigned_to",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_questions_assigned_to")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_questions")),
        sa.CheckConstraint(
            "\"channel\" IN ('email', 'link', 'web', 'telephone', 'post', 'in_person')",
            name=f("ck_questions_channel"),
        ),
        sa.CheckConstraint(
            "\"topic\" IN ('taking_part', 'recording', 'privacy', 'withdrawing', 'practical', 'other')",
            name=f("ck_questions_topic"),
        ),
        sa.CheckConstraint(
            "\"state\" IN ('open', 'assigned', 'answered', 'closed')",
            name=f("ck_questions_state"),
        ),
    )
    op.create_index(f("ix_questions_assigned_to"), "questions", ["assigned_to"])
    op.create_index(f("ix_questions_data_key_id"), "questions", ["data_key_id"])
    op.create_index(f("ix_questions_participant_id"), "questions", ["participant_id"])
    op.create_table(
        "releases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_releases_study_id")),
            nullable=False,
        ),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_releases_data_key_id")),
            nullable=True,
        ),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("quotes_ok", sa.Boolean(), nullable=False),
        sa.Column("sharing_ok", sa.Boolean(), nullable=False),
        sa.Column("use_until", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_releases")),
        sa.CheckConstraint(
            "\"state\" IN ('current', 'recalled', 'superseded', 'erased')",
            name=f("ck_releases_state"),
        ),
        sa.UniqueConstraint(
            "study_id", "label", "number", name=f("uq_releases_study_id_label_number")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(f("ix_releases_data_key_id"), "releases", ["data_key_id"])
    op.create_index(
        f("uq_releases_one_current"),
        "releases",
        ["study_id", "label"],
        unique=True,
        sqlite_where=sa.text("state = 'current'"),
        postgresql_where=sa.text("state = 'current'"),
    )
    op.create_table(
        "sealed_objects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_sealed_objects_study_id")),
            nullable=False,
        ),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_sealed_objects_data_key_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("store_name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=True),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("gone_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_sealed_objects")),
        sa.CheckConstraint(
            "\"kind\" IN ('recording', 'rendition', 'peaks', 'evidence')",
            name=f("ck_sealed_objects_kind"),
        ),
        sa.UniqueConstraint("store_name", name=f("uq_sealed_objects_store_name")),
    )
    op.create_index(f("ix_sealed_objects_data_key_id"), "sealed_objects", ["data_key_id"])
    op.create_index(f("ix_sealed_objects_study_id"), "sealed_objects", ["study_id"])
    op.create_table(
        "sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_sources_study_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_sources_data_key_id")),
            nullable=False,
        ),
        sa.Column("label_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_sources")),
        sa.CheckConstraint(
            "\"kind\" IN ('list', 'network', 'snowball', 'gatekeeper', 'public_call', 'other')",
            name=f("ck_sources_kind"),
        ),
    )
    op.create_index(f("ix_sources_data_key_id"), "sources", ["data_key_id"])
    op.create_index(f("ix_sources_study_id"), "sources", ["study_id"])
    op.create_table(
        "statements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "version_id",
            sa.Uuid(),
            sa.ForeignKey("document_versions.id", name=f("fk_statements_version_id")),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_statements")),
        sa.CheckConstraint(
            "\"code\" IN ('read_pis', 'voluntary', 'withdraw_until', 'participate', 'audio_recording', 'transcription_third_party', 'anon_use', 'quotes', 'data_sharing', 'recontact', 'results', 'limits_of_confidentiality') OR substr(\"code\", 1, 2) = 'x_'",
            name=f("ck_statements_code"),
        ),
        sa.UniqueConstraint("version_id", "code", name=f("uq_statements_version_id_code")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "study_keys",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_study_keys_study_id")),
            nullable=False,
        ),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_study_keys_data_key_id")),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_study_keys")),
        sa.CheckConstraint(
            "\"purpose\" IN ('email_index', 'print', 'vocabulary', 'codebook')",
            name=f("ck_study_keys_purpose"),
        ),
        sa.UniqueConstraint("study_id", "purpose", name=f("uq_study_keys_study_id_purpose")),
    )
    op.create_index(f("ix_study_keys_data_key_id"), "study_keys", ["data_key_id"])
    op.create_table(
        "call_sheets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "interview_id",
            sa.Uuid(),
            sa.ForeignKey("interviews.id", name=f("fk_call_sheets_interview_id")),
            nullable=False,
        ),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_call_sheets_data_key_id")),
            nullable=False,
        ),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("visible_from", sa.DateTime(), nullable=False),
        sa.Column("visible_until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_call_sheets")),
    )
    op.create_index(f("ix_call_sheets_data_key_id"), "call_sheets", ["data_key_id"])
    op.create_index(f("ix_call_sheets_interview_id"), "call_sheets", ["interview_id"])
    op.create_table(
        "case_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_case_notes_participant_id")),
            nullable=True,
        ),
        sa.Column(
            "interview_id",
            sa.Uuid(),
            sa.ForeignKey("interviews.id", name=f("fk_case_notes_interview_id")),
            nullable=True,
        ),
        sa.Column(
            "incident_id",
            sa.Uuid(),
            sa.ForeignKey("incidents.id", name=f("fk_case_notes_incident_id")),
            nullable=True,
        ),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_case_notes_data_key_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_case_notes_by_id")),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_case_notes")),
        sa.CheckConstraint(
            "\"kind\" IN ('field_note', 'interview_log', 'attributes', 'incident', 'reason')",
            name=f("ck_case_notes_kind"),
        ),
    )
    op.create_index(f("ix_case_notes_data_key_id"), "case_notes", ["data_key_id"])
    op.create_index(f("ix_case_notes_incident_id"), "case_notes", ["incident_id"])
    op.create_index(f("ix_case_notes_interview_id"), "case_notes", ["interview_id"])
    op.create_index(f("ix_case_notes_participant_id"), "case_notes", ["participant_id"])
    op.create_table(
        "cells",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "case_id",
            sa.Uuid(),
            sa.ForeignKey("cases.id", name=f("fk_cells_case_id")),
            nullable=False,
        ),
        sa.Column(
            "code_id",
            sa.Uuid(),
            sa.ForeignKey("codes.id", name=f("fk_cells_code_id")),
            nullable=False,
        ),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_cells_data_key_id")),
            nullable=True,
        ),
        sa.Column("summary_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_cells_by_id")),
            nullable=False,
        ),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_cells")),
        sa.CheckConstraint(
            "\"status\" IN ('empty', 'draft', 'agreed')", name=f("ck_cells_status")
        ),
        sa.UniqueConstraint("case_id", "code_id", name=f("uq_cells_case_id_code_id")),
    )
    op.create_index(f("ix_cells_code_id"), "cells", ["code_id"])
    op.create_index(f("ix_cells_data_key_id"), "cells", ["data_key_id"])
    op.create_table(
        "codings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "release_id",
            sa.Uuid(),
            sa.ForeignKey("releases.id", name=f("fk_codings_release_id")),
            nullable=False,
        ),
        sa.Column(
            "code_id",
            sa.Uuid(),
            sa.ForeignKey("codes.id", name=f("fk_codings_code_id")),
            nullable=False,
        ),
        sa.Column(
            "codebook_id",
            sa.Uuid(),
            sa.ForeignKey("codebooks.id", name=f("fk_codings_codebook_id")),
            nullable=True,
        ),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_codings_by_id")),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_codings")),
        sa.CheckConstraint(
            "\"state\" IN ('active', 'removed', 'unanchored')", name=f("ck_codings_state")
        ),
    )
    op.create_index(f("ix_codings_code_id"), "codings", ["code_id"])
    op.create_index(f("ix_codings_codebook_id"), "codings", ["codebook_id"])
    op.create_index(f("ix_codings_release_id"), "codings", ["release_id"])
    op.create_table(
        "consent_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "consent_id",
            sa.Uuid(),
            sa.ForeignKey("consents.id", name=f("fk_consent_events_consent_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("entered_at", sa.DateTime(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_consent_events_by_id")),
            nullable=True,
        ),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_consent_events")),
        sa.CheckConstraint(
            "\"kind\" IN ('countersigned', 'verified', 'queried', 'resolved', 'invalidated')",
            name=f("ck_consent_events_kind"),
        ),
        sa.CheckConstraint(
            "\"reason_code\" IN ('entered_in_error', 'wrong_version', 'wrong_person', 'not_informed', 'person_asked', 'duplicate', 'quality', 'protocol', 'committee', 'law', 'other')",
            name=f("ck_consent_events_reason_code"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(f("ix_consent_events_consent_id"), "consent_events", ["consent_id"])
    op.create_table(
        "contacts",
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_contacts_participant_id")),
            nullable=False,
        ),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_contacts_data_key_id")),
            nullable=False,
        ),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("email_index", sa.LargeBinary(), nullable=True),
        sa.Column("register_due", sa.Boolean(), nullable=False),
        sa.Column("by_email", sa.Boolean(), nullable=False),
        sa.Column("mailbox_private", sa.Boolean(), nullable=False),
        sa.Column("opted_out_at", sa.DateTime(), nullable=True),
        sa.Column(
            "assigned_to",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_contacts_assigned_to")),
            nullable=True,
        ),
        sa.Column(
            "source_id",
            sa.Uuid(),
            sa.ForeignKey("sources.id", name=f("fk_contacts_source_id")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("participant_id", name=f("pk_contacts")),
    )
    op.create_index(f("ix_contacts_assigned_to"), "contacts", ["assigned_to"])
    op.create_index(f("ix_contacts_data_key_id"), "contacts", ["data_key_id"])
    op.create_index(f("ix_contacts_email_index"), "contacts", ["email_index"])
    op.create_index(f("ix_contacts_source_id"), "contacts", ["source_id"])
    op.create_table(
        "decisions",
        sa.Column(
            "consent_id",
            sa.Uuid(),
            sa.ForeignKey("consents.id", name=f("fk_decisions_consent_id")),
            nullable=False,
        ),
        sa.Column(
            "statement_id",
            sa.Uuid(),
            sa.ForeignKey("statements.id", name=f("fk_decisions_statement_id")),
            nullable=False,
        ),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("consent_id", "statement_id", name=f("pk_decisions")),
        sa.CheckConstraint("\"answer\" IN ('agree', 'decline')", name=f("ck_decisions_answer")),
        sqlite_with_rowid=False,
    )
    op.create_index(f("ix_decisions_statement_id"), "decisions", ["statement_id"])
    op.create_table(
        "evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "consent_id",
            sa.Uuid(),
            sa.ForeignKey("consents.id", name=f("fk_evidence_consent_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "object_id",
            sa.Uuid(),
            sa.ForeignKey("sealed_objects.id", name=f("fk_evidence_object_id")),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_evidence")),
        sa.CheckConstraint(
            "\"kind\" IN ('copy', 'typed_name', 'drawing', 'scan', 'audio', 'email')",
            name=f("ck_evidence_kind"),
        ),
    )
    op.create_index(f("ix_evidence_consent_id"), "evidence", ["consent_id"])
    op.create_index(f("ix_evidence_object_id"), "evidence", ["object_id"])
    op.create_table(
        "export_items",
        sa.Column(
            "export_id",
            sa.Uuid(),
            sa.ForeignKey("exports.id", name=f("fk_export_items_export_id")),
            nullable=False,
        ),
        sa.Column(
            "release_id",
            sa.Uuid(),
            sa.ForeignKey("releases.id", name=f("fk_export_items_release_id")),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("export_id", "release_id", name=f("pk_export_items")),
    )
    op.create_index(f("ix_export_items_release_id"), "export_items", ["release_id"])
    op.create_table(
        "gate_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_gate_answers_participant_id")),
            nullable=False,
        ),
        sa.Column("statement_code", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("known_at", sa.DateTime(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column(
            "consent_id",
            sa.Uuid(),
            sa.ForeignKey("consents.id", name=f("fk_gate_answers_consent_id")),
            nullable=True,
        ),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_gate_answers")),
        sa.CheckConstraint(
            "\"statement_code\" IN ('read_pis', 'voluntary', 'withdraw_until', 'participate', 'audio_recording', 'transcription_third_party', 'anon_use', 'quotes', 'data_sharing', 'recontact', 'results', 'limits_of_confidentiality') OR substr(\"statement_code\", 1, 2) = 'x_'",
            name=f("ck_gate_answers_statement_code"),
        ),
        sa.CheckConstraint(
            "\"answer\" IN ('yes', 'provisional', 'no')", name=f("ck_gate_answers_answer")
        ),
        sa.CheckConstraint(
            "\"reason_code\" IN ('in_force', 'no_consent', 'refused', 'declined', 'later_refusal_invalidated', 'not_countersigned', 'not_approved', 'version_not_effective', 'reconsent_due', 'withdrawn', 'expired', 'unverified')",
            name=f("ck_gate_answers_reason_code"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(f("ix_gate_answers_consent_id"), "gate_answers", ["consent_id"])
    op.create_index(f("ix_gate_answers_participant_id"), "gate_answers", ["participant_id"])
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_letters_study_id")),
            nullable=True,
        ),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_letters_participant_id")),
            nullable=True,
        ),
        sa.Column(
            "expression_id",
            sa.Uuid(),
            sa.ForeignKey("expressions.id", name=f("fk_letters_expression_id")),
            nullable=True,
        ),
        sa.Column(
            "user_id",
            sa.Uuid(),
            sa.ForeignKey("users.id", name=f("fk_letters_user_id")),
            nullable=True,
        ),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "version_id",
            sa.Uuid(),
            sa.ForeignKey("document_versions.id", name=f("fk_letters_version_id")),
            nullable=True,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("not_before", sa.DateTime(), nullable=False),
        sa.Column("cancel_when", sa.JSON(), nullable=False),
        sa.Column("shred_id", sa.Uuid(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("bounce_hash", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_letters_by_id")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_letters")),
        sa.CheckConstraint(
            "\"purpose\" IN ('invitation', 'reminder', 'acknowledgement', 'information', 'consent', 'receipt', 'answer', 'appointment', 'cancellation', 'summary', 'debrief', 'results', 'withdrawal_received', 'withdrawal_confirmed', 'suppression_confirmed', 'staff_join', 'staff_reset', 'staff_notice', 'audit_head')",
            name=f("ck_letters_purpose"),
        ),
        sa.CheckConstraint(
            "\"state\" IN ('queued', 'sending', 'relay_accepted', 'deferred', 'confirmed', 'bounced_hard', 'bounced_final', 'complained', 'cancelled', 'suppressed')",
            name=f("ck_letters_state"),
        ),
        sa.UniqueConstraint("bounce_hash", name=f("uq_letters_bounce_hash")),
    )
    op.create_index(f("ix_letters_expression_id"), "letters", ["expression_id"])
    op.create_index(f("ix_letters_message_id"), "letters", ["message_id"])
    op.create_index(f("ix_letters_participant_id"), "letters", ["participant_id"])
    op.create_index(f("ix_letters_shred_id"), "letters", ["shred_id"])
    op.create_index(f("ix_letters_state_not_before"), "letters", ["state", "not_before"])
    op.create_index(f("ix_letters_study_id"), "letters", ["study_id"])
    op.create_index(f("ix_letters_user_id"), "letters", ["user_id"])
    op.create_index(f("ix_letters_version_id"), "letters", ["version_id"])
    op.create_table(
        "links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_links_participant_id")),
            nullable=True,
        ),
        sa.Column(
            "expression_id",
            sa.Uuid(),
            sa.ForeignKey("expressions.id", name=f("fk_links_expression_id")),
            nullable=True,
        ),
        sa.Column("purposes", sa.JSON(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("word_verifier", sa.LargeBinary(), nullable=True),
        sa.Column("capsule_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("shred_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("seen_by_staff", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_links")),
        sa.CheckConstraint(
            "participant_id IS NOT NULL OR expression_id IS NOT NULL",
            name=f("ck_links_for_somebody"),
        ),
        sa.UniqueConstraint("token_hash", name=f("uq_links_token_hash")),
    )
    op.create_index(f("ix_links_expression_id"), "links", ["expression_id"])
    op.create_index(f("ix_links_participant_id"), "links", ["participant_id"])
    op.create_index(f("ix_links_shred_id"), "links", ["shred_id"])
    op.create_table(
        "memos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_memos_study_id")),
            nullable=False,
        ),
        sa.Column(
            "release_id",
            sa.Uuid(),
            sa.ForeignKey("releases.id", name=f("fk_memos_release_id")),
            nullable=True,
        ),
        sa.Column(
            "code_id",
            sa.Uuid(),
            sa.ForeignKey("codes.id", name=f("fk_memos_code_id")),
            nullable=True,
        ),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_memos_data_key_id")),
            nullable=False,
        ),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_memos_by_id")),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_memos")),
    )
    op.create_index(f("ix_memos_code_id"), "memos", ["code_id"])
    op.create_index(f("ix_memos_data_key_id"), "memos", ["data_key_id"])
    op.create_index(f("ix_memos_release_id"), "memos", ["release_id"])
    op.create_index(f("ix_memos_study_id"), "memos", ["study_id"])
    op.create_table(
        "register_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_register_entries_study_id")),
            nullable=False,
        ),
        sa.Column(
            "participant_id",
            sa.Uuid(),
            sa.ForeignKey("participants.id", name=f("fk_register_entries_participant_id")),
            nullable=True,
        ),
        sa.Column(
            "entity_id",
            sa.Uuid(),
            sa.ForeignKey("entities.id", name=f("fk_register_entries_entity_id")),
            nullable=False,
        ),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_register_entries_data_key_id")),
            nullable=False,
        ),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_register_entries_by_id")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_register_entries")),
        sa.CheckConstraint(
            "\"category\" IN ('PERSON', 'ORG', 'PLACE', 'ROLE', 'DATE', 'AGE', 'CONTACT', 'ID', 'URL', 'OTHER_QUASI')",
            name=f("ck_register_entries_category"),
        ),
        sa.CheckConstraint(
            "\"source\" IN ('contact', 'organisation', 'team', 'text')",
            name=f("ck_register_entries_source"),
        ),
    )
    op.create_index(f("ix_register_entries_data_key_id"), "register_entries", ["data_key_id"])
    op.create_index(f("ix_register_entries_entity_id"), "register_entries", ["entity_id"])
    op.create_index(
        f("ix_register_entries_participant_id"), "register_entries", ["participant_id"]
    )
    op.create_index(f("ix_register_entries_study_id"), "register_entries", ["study_id"])
    op.create_table(
        "slots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "interview_id",
            sa.Uuid(),
            sa.ForeignKey("interviews.id", name=f("fk_slots_interview_id")),
            nullable=False,
        ),
        sa.Column("starts_at", sa.DateTime(), nullable=False),
        sa.Column("offered_at", sa.DateTime(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_slots")),
    )
    op.create_index(f("ix_slots_interview_id"), "slots", ["interview_id"])
    op.create_index(
        f("uq_slots_one_chosen"),
        "slots",
        ["interview_id"],
        unique=True,
        sqlite_where=sa.text("chosen_at IS NOT NULL"),
        postgresql_where=sa.text("chosen_at IS NOT NULL"),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "interview_id",
            sa.Uuid(),
            sa.ForeignKey("interviews.id", name=f("fk_uploads_interview_id")),
            nullable=False,
        ),
        sa.Column(
            "object_id",
            sa.Uuid(),
            sa.ForeignKey("sealed_objects.id", name=f("fk_uploads_object_id")),
            nullable=False,
        ),
        sa.Column(
            "by_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_uploads_by_id")),
            nullable=False,
        ),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_uploads")),
        sa.CheckConstraint(
            "\"state\" IN ('receiving', 'complete', 'expired', 'destroyed')",
            name=f("ck_uploads_state"),
        ),
    )
    op.create_index(f("ix_uploads_expires_at"), "uploads", ["expires_at"])
    op.create_index(f("ix_uploads_interview_id"), "uploads", ["interview_id"])
    op.create_index(f("ix_uploads_object_id"), "uploads", ["object_id"])
    op.create_table(
        "cell_quotes",
        sa.Column(
            "cell_id",
            sa.Uuid(),
            sa.ForeignKey("cells.id", name=f("fk_cell_quotes_cell_id")),
            nullable=False,
        ),
        sa.Column(
            "coding_id",
            sa.Uuid(),
            sa.ForeignKey("codings.id", name=f("fk_cell_quotes_coding_id")),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("cell_id", "coding_id", name=f("pk_cell_quotes")),
    )
    op.create_index(f("ix_cell_quotes_coding_id"), "cell_quotes", ["coding_id"])
    op.create_table(
        "mail_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "letter_id",
            sa.Uuid(),
            sa.ForeignKey("letters.id", name=f("fk_mail_events_letter_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("report_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_mail_events")),
        sa.CheckConstraint(
            "\"kind\" IN ('relayed', 'delivered', 'delayed', 'expanded', 'failed', 'auto_reply', 'complaint')",
            name=f("ck_mail_events_kind"),
        ),
    )
    op.create_index(f("ix_mail_events_letter_id"), "mail_events", ["letter_id"])
    op.create_table(
        "recordings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "interview_id",
            sa.Uuid(),
            sa.ForeignKey("interviews.id", name=f("fk_recordings_interview_id")),
            nullable=False,
        ),
        sa.Column(
            "object_id",
            sa.Uuid(),
            sa.ForeignKey("sealed_objects.id", name=f("fk_recordings_object_id")),
            nullable=True,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("duration_s", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column(
            "deposited_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_recordings_deposited_by")),
            nullable=False,
        ),
        sa.Column("deposited_at", sa.DateTime(), nullable=False),
        sa.Column(
            "gate_id",
            sa.Uuid(),
            sa.ForeignKey("gate_answers.id", name=f("fk_recordings_gate_id")),
            nullable=True,
        ),
        sa.Column("dispose_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_recordings")),
        sa.CheckConstraint(
            "\"state\" IN ('quarantined', 'accepted', 'transcribed', 'checked', 'disposed', 'rejected')",
            name=f("ck_recordings_state"),
        ),
        sa.CheckConstraint(
            "\"media_type\" IN ('audio/mpeg', 'audio/mp4', 'audio/ogg', 'audio/webm', 'audio/wav', 'audio/flac', 'audio/amr', 'audio/3gpp', 'audio/x-ms-wma')",
            name=f("ck_recordings_media_type"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'transcribed', 'checked') OR gate_id IS NOT NULL",
            name=f("ck_recordings_gate"),
        ),
    )
    op.create_index(f("ix_recordings_dispose_at"), "recordings", ["dispose_at"])
    op.create_index(f("ix_recordings_gate_id"), "recordings", ["gate_id"])
    op.create_index(f("ix_recordings_interview_id"), "recordings", ["interview_id"])
    op.create_index(f("ix_recordings_object_id"), "recordings", ["object_id"])
    op.create_table(
        "register_prints",
        sa.Column(
            "entry_id",
            sa.Uuid(),
            sa.ForeignKey("register_entries.id", name=f("fk_register_prints_entry_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("print", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "kind", "print", name=f("pk_register_prints")),
        sa.CheckConstraint(
            "\"kind\" IN ('exact', 'token', 'initials', 'nickname', 'spoken', 'digits', 'mail', 'sound')",
            name=f("ck_register_prints_kind"),
        ),
    )
    op.create_index(f("ix_register_prints_print"), "register_prints", ["print"])
    op.create_table(
        "renditions",
        sa.Column(
            "recording_id",
            sa.Uuid(),
            sa.ForeignKey("recordings.id", name=f("fk_renditions_recording_id")),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "object_id",
            sa.Uuid(),
            sa.ForeignKey("sealed_objects.id", name=f("fk_renditions_object_id")),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("recording_id", "kind", name=f("pk_renditions")),
        sa.CheckConstraint("\"kind\" IN ('rendition', 'peaks')", name=f("ck_renditions_kind")),
    )
    op.create_index(f("ix_renditions_object_id"), "renditions", ["object_id"])
    op.create_table(
        "transcripts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "interview_id",
            sa.Uuid(),
            sa.ForeignKey("interviews.id", name=f("fk_transcripts_interview_id")),
            nullable=False,
        ),
        sa.Column(
            "recording_id",
            sa.Uuid(),
            sa.ForeignKey("recordings.id", name=f("fk_transcripts_recording_id")),
            nullable=True,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "data_key_id",
            sa.Uuid(),
            sa.ForeignKey("data_keys.id", name=f("fk_transcripts_data_key_id")),
            nullable=True,
        ),
        sa.Column(
            "deidentified_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_transcripts_deidentified_by")),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=f("pk_transcripts")),
        sa.CheckConstraint(
            "\"state\" IN ('raw_draft', 'raw_verified', 'anonymising', 'submitted', 'returned', 'released')",
            name=f("ck_transcripts_state"),
        ),
    )
    op.create_index(f("ix_transcripts_data_key_id"), "transcripts", ["data_key_id"])
    op.create_index(f("ix_transcripts_interview_id"), "transcripts", ["interview_id"])
    op.create_index(f("ix_transcripts_recording_id"), "transcripts", ["recording_id"])
    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "study_id",
            sa.Uuid(),
            sa.ForeignKey("studies.id", name=f("fk_assignments_study_id")),
            nullable=False,
        ),
        sa.Column(
            "recording_id",
            sa.Uuid(),
            sa.ForeignKey("recordings.id", name=f("fk_assignments_recording_id")),
            nullable=True,
        ),
        sa.Column(
            "transcript_id",
            sa.Uuid(),
            sa.ForeignKey("transcripts.id", name=f("fk_assignments_transcript_id")),
            nullable=True,
        ),
        sa.Column(
            "consent_id",
            sa.Uuid(),
            sa.ForeignKey("consents.id", name=f("fk_assignments_consent_id")),
            nullable=True,
        ),
        sa.Column(
            "membership_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_assignments_membership_id")),
            nullable=False,
        ),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column(
            "given_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_assignments_given_by")),
            nullable=False,
        ),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f("pk_assignments")),
        sa.CheckConstraint(
            "\"duty\" IN ('transcribe', 'deidentify', 'review', 'verify_consent')",
            name=f("ck_assignments_duty"),
        ),
        sa.CheckConstraint(
            "CASE WHEN recording_id IS NULL THEN 0 ELSE 1 END + CASE WHEN transcript_id IS NULL THEN 0 ELSE 1 END + CASE WHEN consent_id IS NULL THEN 0 ELSE 1 END = 1",
            name=f("ck_assignments_exactly_one"),
        ),
    )
    op.create_index(f("ix_assignments_consent_id"), "assignments", ["consent_id"])
    op.create_index(f("ix_assignments_membership_id"), "assignments", ["membership_id"])
    op.create_index(f("ix_assignments_recording_id"), "assignments", ["recording_id"])
    op.create_index(f("ix_assignments_study_id"), "assignments", ["study_id"])
    op.create_index(f("ix_assignments_transcript_id"), "assignments", ["transcript_id"])
    op.create_table(
        "transcript_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "transcript_id",
            sa.Uuid(),
            sa.ForeignKey("transcripts.id", name=f("fk_transcript_versions_transcript_id")),
            nullable=False,
        ),
        sa.Column(
            "parent_id",
            sa.Uuid(),
            sa.ForeignKey("transcript_versions.id", name=f("fk_transcript_versions_parent_id")),
            nullable=True,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "author_id",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_transcript_versions_author_id")),
            nullable=False,
        ),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f("pk_transcript_versions")),
        sa.CheckConstraint(
            "\"kind\" IN ('imported', 'verbatim', 'cleaned', 'deidentified')",
            name=f("ck_transcript_versions_kind"),
        ),
    )
    op.create_index(f("ix_transcript_versions_parent_id"), "transcript_versions", ["parent_id"])
    op.create_index(
        f("ix_transcript_versions_transcript_id"), "transcript_versions", ["transcript_id"]
    )
    op.create_table(
        "working_copies",
        sa.Column(
            "transcript_id",
            sa.Uuid(),
            sa.ForeignKey("transcripts.id", name=f("fk_working_copies_transcript_id")),
            nullable=False,
        ),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("spans_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_seq", sa.BigInteger(), nullable=False),
        sa.Column(
            "saved_by",
            sa.Uuid(),
            sa.ForeignKey("memberships.id", name=f("fk_working_copies_saved_by")),
            nullable=False,
        ),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.Column("lock_until", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("transcript_id", name=f("pk_working_copies")),
    )
    create_all_triggers(op.get_bind())
