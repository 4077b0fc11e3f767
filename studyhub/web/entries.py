"""Which addresses are open to strangers."""

PUBLIC = frozenset(
    {
        *("static", "health.alive", "health.ready", "health.csp_report"),
        *("accounts.sign_in", "accounts.enter"),
        *("interest.public", "interest.home", "interest.invited", "interest.decline"),
        *("opt_out.ask", "opt_out.stop"),
        *("interest.sheet", "interest.questions"),
        "interview_guest.interview",
        *("consent_guest.consent", "consent_guest.copy"),
        "withdrawal_guest.withdraw",
        *("account.join", "account.joined", "account.reset", "account.recovered"),
    }
)
