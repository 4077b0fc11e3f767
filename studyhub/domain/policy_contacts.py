"""Who may keep contacts, write to them and stop writing to them."""

from studyhub.domain.rules import Rule, rule
from studyhub.domain.vocabulary import Act, Compartment, Role, Service

CONTACTS: dict[Act, Rule] = {
    Act.CONTACT_ADD: rule(
        "The recruiter adds a contact, with where it came from and how to reach it safely.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.CONTACT_LIST: rule(
        "The recruiter sees everybody approached by name; the PI sees them by code.",
        Role.RECRUITER,
        Role.PI,
        opens=(Compartment.CONTACT,),
    ),
    Act.CONTACT_COUNT: rule(
        "The recruiter and the PI see how many people and letters wait for what, without a "
        "name.",
        Role.RECRUITER,
        Role.PI,
        traced=False,
    ),
    Act.CONTACT_READ: rule(
        "The recruiter opens a contact; the PI does so with a reason and the password again.",
        Role.RECRUITER,
        Role.PI,
        opens=(Compartment.CONTACT,),
        asks_password=(Role.PI,),
    ),
    Act.CONTACT_CHANGE: rule(
        "The recruiter changes a contact; letters that break the new wishes are cancelled.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.CONTACT_CALL: rule(
        "The recruiter records what came of calling or meeting somebody.",
        Role.RECRUITER,
    ),
    Act.CONTACT_OPT_OUT: rule(
        "A person stops all letters by a link; staff record it for those who call.",
        Role.PARTICIPANT,
        Role.RECRUITER,
        Role.PI,
        opens=(Compartment.CONTACT,),
    ),
    Act.CONTACT_REOPEN: rule(
        "The recruiter records how and when a person who had stopped all letters wrote again.",
        Role.RECRUITER,
    ),
    Act.CONTACT_EXPORT: rule(
        "The PI takes out everything that is held on a person, for that person, who asked.",
        Role.PI,
        opens=(Compartment.CONTACT, Compartment.CONSENT),
        asks_password=True,
    ),
    Act.REGISTER_WRITE: rule(
        "The recruiter's session lists the names on a card among what no text may keep.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT, Compartment.TRANSCRIPT),
    ),
    Act.INVITATION_SEND: rule(
        "The recruiter sends one person the invitation in use, under an approval.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.REMINDER_SEND: rule(
        "The recruiter reminds one person, as often as the protocol allows.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.LETTER_PREVIEW: rule(
        "The recruiter sees each letter as it will be, before any is sent.",
        Role.RECRUITER,
        opens=(Compartment.CONTACT,),
    ),
    Act.LETTER_READ: rule(
        "The recruiter sees what became of each letter by name; the PI sees it by code.",
        Role.RECRUITER,
        Role.PI,
        opens=(Compartment.CONTACT,),
    ),
    Act.LETTER_SEND: rule(
        "The mailer opens one finished letter at a time, and no address book.",
        Role.SYSTEM,
        opens=(Service.MAILER,),
    ),
    Act.LETTER_CONFIRM: rule(
        "The mailer records that a letter was taken; of one in doubt, a person decides it.",
        Role.SYSTEM,
        Role.RECRUITER,
        Role.PI,
    ),
    Act.LETTER_DEFER: rule(
        "The mailer records that a letter was not taken yet; of one in doubt, a person does.",
        Role.SYSTEM,
        Role.RECRUITER,
        Role.PI,
    ),
    Act.LETTER_BOUNCE: rule(
        "The mailer records that a letter was refused or came back, by its codes only.",
        Role.SYSTEM,
    ),
    Act.LETTER_CANCEL: rule(
        "The recruiter takes a letter back, or the mailer one that no approval covers.",
        Role.RECRUITER,
        Role.PI,
        Role.SYSTEM,
    ),
    Act.LETTER_SUPPRESS: rule(
        "The mailer drops a letter to an address that wants none, and empties it.",
        Role.SYSTEM,
        opens=(Service.MAILER,),
    ),
}
