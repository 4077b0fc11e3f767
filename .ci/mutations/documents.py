"""Documents of a study: what is frozen, what may be used, one at a time."""

from mutations.mutant import Mutant

TRIGGERS = "studyhub/store/triggers.py"
USE = "studyhub/workflows/consent_versions.py"
DOCUMENTS = ("tests/workflows/test_documents_in_use.py",)
LETTERS = ("tests/workflows/test_recruitment_letters.py",)

MUTANTS = (
    Mutant(
        "approved words go back to draft",
        "studyhub/domain/lifecycle_course.py",
        '    ("submitted", "document.send_back"): "draft",\n',
        '    ("submitted", "document.send_back"): "draft",\n'
        '    ("approved", "document.send_back"): "draft",\n',
        ("tests/domain/test_lifecycle_course.py",),
        "inv_2",
        invariants=(2,),
    ),
    Mutant(
        "approved words are changed by SQL",
        TRIGGERS,
        '    *("id", "document_id", "major", "minor", "author_id", "body", "body_hash", "file_id"),\n',
        '    *("id", "document_id", "major", "minor", "author_id", "file_id"),\n',
        DOCUMENTS,
        "inv_2",
        invariants=(2,),
    ),
    Mutant(
        "statements are changed by SQL",
        TRIGGERS,
        "    *_sqlite_statements(),\n",
        "",
        DOCUMENTS,
        "inv_2",
        invariants=(2,),
    ),
    Mutant(
        "versions are used after the approval",
        "studyhub/domain/documents.py",
        "    if not covered(approved, use_from):\n",
        "    if not approved:\n",
        ("tests/domain/test_documents.py",),
        "inv_4",
        invariants=(4,),
    ),
    Mutant(
        "two versions in use",
        USE,
        "        _supersede(work, document.id, Act.DOCUMENT_USE, at)\n",
        "",
        DOCUMENTS,
        "inv_5",
        invariants=(5,),
    ),
    Mutant(
        "letters of any version",
        "studyhub/workflows/protocol_periods.py",
        "        raise WrongState(f\"no version of {kind.replace('_', ' ')} is in use in this language\")\n",
        "        return session.scalars(select(DocumentVersion)).first()\n",
        LETTERS,
        "inv_6",
        invariants=(6,),
    ),
    Mutant(
        "letters forget their version",
        "studyhub/workflows/post.py",
        "        version_id=letter.version_id,\n        not_before=_leaves(work, letter),\n",
        "        version_id=None,\n        not_before=_leaves(work, letter),\n",
        LETTERS,
        "inv_6",
        invariants=(6,),
    ),
    Mutant(
        "1.9 after 1.10",
        "studyhub/domain/documents.py",
        "    newest = max(numbers, default=Number(0, 0))\n",
        "    newest = max(numbers, key=str, default=Number(0, 0))\n",
        ("tests/domain/test_documents.py",),
        "next_number",
        invariants=(7,),
    ),
    Mutant(
        "plans without an approval",
        "studyhub/workflows/protocol_periods.py",
        "    return covered(approved.get(row.approval_id, ()), row.use_from)\n",
        "    return True\n",
        ("tests/workflows/test_consent_versions.py",),
        "given_up_where",
    ),
    Mutant(
        "authors approve",
        "studyhub/domain/policy_documents.py",
        "    return version.author_id != actor.membership_id\n",
        "    return True\n",
        ("tests/domain/test_policy_documents.py",),
        invariants=(3,),
    ),
    Mutant(
        "authors approve in another role",
        "studyhub/workflows/consent_documents.py",
        "    if author.user_id == work.actor.user_id:\n",
        "    if author.user_id is None:\n",
        ("tests/workflows/test_documents_approved.py",),
        "in_another_role",
        invariants=(3,),
    ),
    Mutant(
        "two versions in use by SQL",
        "migrations/versions/0001_tables_of_version_1.py",
        '        ["document_id"],\n        unique=True,\n        sqlite_where=sa.text("state = \'effective\'"),\n',
        '        ["document_id"],\n        sqlite_where=sa.text("state = \'effective\'"),\n',
        DOCUMENTS,
        "inv_5_the_database",
        invariants=(5,),
        engine="postgresql",
    ),
)
