"""The rules that are taken out one at a time, by what they protect.

A mutant names the numbers of the invariants whose rule it takes out; ``mutants.py`` counts which
invariant has one.
"""

from mutations import (
    access,
    consent,
    deidentification,
    documents,
    interest,
    interviews,
    letters,
    releases,
    withdrawal,
)

MUTANTS = (
    access.MUTANTS
    + documents.MUTANTS
    + letters.MUTANTS
    + interest.MUTANTS
    + consent.MUTANTS
    + interviews.MUTANTS
    + deidentification.MUTANTS
    + releases.MUTANTS
    + withdrawal.MUTANTS
)

# Invariants whose rule cannot be taken out in one place, and why.
WITHOUT: dict[int, str] = {
    63: "there is no sample table yet",
    80: "there is no restriction yet",
}
