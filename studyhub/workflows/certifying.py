"""The certificate of an erasure: made in the act that finishes it, kept with other files.

It has the id of its erasure. It is signed with the key that signs the record, so whoever has
the public half can check it, and it names nobody.
"""

from dataclasses import replace
from hashlib import sha256
from uuid import UUID

from studyhub.domain.certificates import Proven, Statement
from studyhub.store.keys import File
from studyhub.store.withdrawals import Erasure, Withdrawal, WithdrawalItem
from studyhub.vault.certificates import signed_certificate
from studyhub.vault.heads import instant_text
from studyhub.vault.ledger import LedgerEnd, last_line_of
from studyhub.workflows.kernel import Hub, Work
from studyhub.workflows.withdrawal_steps import rows_of

MEDIA_TYPE = "application/json"


def certify(work: Work, row: Erasure) -> None:
    """State what was destroyed, sign it, and keep it: the same bytes are given to everybody."""
    told = _statement(work, row)
    content = signed_certificate(work.hub.key_files.log, told.parts)
    work.session.add(
        File(
            id=row.id,
            study_id=work.study,
            name=f"certificate-{told.reference or str(row.id)[:8]}.json",
            media_type=MEDIA_TYPE,
            content=content,
            sha256=sha256(content).digest(),
        )
    )


def ledger_line(hub: Hub, row: Erasure) -> LedgerEnd | None:
    """The last line of the ledger about this erasure; it vouches for all lines before it."""
    return last_line_of(hub.settings.erasure_ledger, map(UUID, row.shred_ids))


def _statement(work: Work, row: Erasure) -> Statement:
    line = ledger_line(work.hub, row)
    told = Statement(
        erasure=str(row.id),
        study=str(row.study_id),
        requested=instant_text(row.requested_at),
        completed=instant_text(row.done_at or work.now),
        roots=row.roots,
        ledger_line=line.lines if line else 0,
        ledger_digest=line.digest if line else "",
    )
    if row.withdrawal_id is None:
        return told
    withdrawal = work.session.get_one(Withdrawal, row.withdrawal_id)
    return replace(
        told,
        reference=withdrawal.reference,
        received=instant_text(withdrawal.received_at),
        scopes=withdrawal.scopes,
        items=[_proven(item) for item in rows_of(work.session, withdrawal.id)],
    )


def _proven(item: WithdrawalItem) -> Proven:
    return Proven(
        item.class_,
        item.ordinal,
        item.decision or "",
        item.reason_code or "",
        item.proof or "",
    )
