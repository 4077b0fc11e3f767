"""De-identification: the numbered rules of the workflow, each with its test."""

from mutations.mutant import Mutant

WORKFLOW = ("tests/workflows/test_deidentification.py",)
APPLYING = ("tests/domain/test_redaction_applying.py",)
GATE = ("tests/workflows/test_leak_gate.py",)
WORK = "studyhub/workflows/deidentification.py"
APPLY = "studyhub/domain/redaction/applying.py"
REPLACED = "studyhub/domain/redaction/replacements.py"

MUTANTS = (
    Mutant(
        "deid 3: a blank more after a replacement",
        APPLY,
        "        pieces += [kept, words]\n",
        '        pieces += [kept, words + " "]\n',
        APPLYING,
    ),
    Mutant(
        "deid 3: decisions that do not fit are placed",
        APPLY,
        "    return inside and text[decision.start : decision.end] == decision.surface\n",
        "    return inside\n",
        APPLYING,
    ),
    Mutant(
        "deid 4: handed in undecided",
        WORK,
        "    if kept.open or (base_rev is not None and base_rev != kept.copy.marks_rev):\n",
        "    if base_rev is not None and base_rev != kept.copy.marks_rev:\n",
        WORKFLOW,
        "deid_4",
    ),
    Mutant(
        "deid 6: two entities under one replacement",
        REPLACED,
        "    if folded(replacement) in {folded(words) for words in taken}:\n",
        "    if replacement in set(taken) - {replacement}:\n",
        WORKFLOW,
        "deid_6",
    ),
    Mutant(
        "deid 7: a name of the study as replacement",
        REPLACED,
        '    if _is_known(" ".join(words), words, known):\n',
        '    if known("never", replacement):\n',
        WORKFLOW,
        "deid_7",
    ),
    Mutant(
        "deid 7: an initial is kept",
        REPLACED,
        "    if names & {original[0] for original in originals if original}:\n",
        "    if names & set(originals):\n",
        WORKFLOW,
        "deid_7",
    ),
    Mutant(
        "deid 10: a name is overruled",
        "studyhub/workflows/deidentification_gate.py",
        "    if leak.direct:\n",
        '    if leak.direct and reason == "never":\n',
        GATE,
        "deid_10",
    ),
    Mutant(
        "deid 18: neighbours become one",
        APPLY,
        "        if overlap(one, following):\n",
        "        if overlap(one, following) or one.end == following.start:\n",
        APPLYING,
    ),
    Mutant(
        "deid 18: decisions overlap",
        APPLY,
        "        if overlap(one, following):\n",
        "        if one == following:\n",
        APPLYING,
    ),
)
