"""What the record of an act may hold, and whose very existence a refusal does not tell."""

# Kinds whose very existence is hidden from a role that has no act on them (404, not 403).
HIDDEN = frozenset(
    {
        *("contact", "expression", "invitation", "reminder", "information", "letter", "link"),
        *("question", "call_sheet", "consent", "upload", "recording", "transcript"),
        *("assignment", "register", "entity", "label_map"),
    }
)

# The only names a fact of an event may have. Values are ids, codes, versions, counts.
FACTS = frozenset(
    {
        *("count", "version", "form", "kind", "mode", "channel", "purpose", "scope", "scopes"),
        *("reason", "reference", "role", "duty", "state", "from", "to", "due", "answer"),
        *("code", "statement", "epoch", "compartment", "size", "digest", "root", "upload"),
        *("recording", "interview", "consent", "transcript", "letter", "link", "document"),
        *("approval", "withdrawal", "item", "membership", "job", "rule", "skew"),
        *("demonstration",),
    }
)
