"""The keys that open other keys: key files, user keys, halves of memberships and links."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from uuid import UUID

from studyhub.domain.errors import Corrupt, WrongState
from studyhub.vault.files import flush_folder, write_new
from studyhub.vault.places import membership_key_aad, totp_aad, user_key_aad
from studyhub.vault.primitives import (
    KEY_SIZE,
    Pair,
    box,
    hkdf,
    new_pair,
    new_signing_pair,
    public_of,
    random_key,
    signing_public_of,
    unbox,
)

_OPEN_TO_OTHERS = 0o077
_WRITABLE_BY_OTHERS = 0o022
_MODES = 0o777


@dataclass(frozen=True, slots=True)
class MembershipKeys:
    """Both private halves of a membership: one opens grants, one signs."""

    opening: bytes = field(repr=False)
    signing: bytes = field(repr=False)

    @property
    def opening_public(self) -> bytes:
        """The half to which grants are sealed."""
        return public_of(self.opening)

    @property
    def signing_public(self) -> bytes:
        """The half that checks this membership's signatures."""
        return signing_public_of(self.signing)


@dataclass(frozen=True, slots=True)
class LinkKeys:
    """What a participant's link can do: open what is sealed to it, and vouch for a form."""

    pair: Pair
    form_key: bytes = field(repr=False)


def link_keys(token: bytes) -> LinkKeys:
    """Derive the keys of a link from the 32 bytes of its token; they are stored nowhere."""
    private = hkdf(token, "studyhub/link/x25519/v1")
    form_key = hkdf(token, "studyhub/link/form/v1")
    return LinkKeys(Pair(private, public_of(private)), form_key)


def new_membership_keys() -> MembershipKeys:
    """Draw the private halves of a new membership."""
    return MembershipKeys(new_pair().private, new_signing_pair().private)


def seal_membership_keys(
    user_key: bytes, keys: MembershipKeys, membership_id: UUID, user_id: UUID
) -> bytes:
    """Seal both private halves under the member's user key: 93 bytes."""
    key = hkdf(user_key, "studyhub/user/membership/v1")
    return box(key, keys.opening + keys.signing, membership_key_aad(membership_id, user_id))


def open_membership_keys(
    user_key: bytes, sealed: bytes, membership_id: UUID, user_id: UUID
) -> MembershipKeys:
    """Open both private halves of a membership."""
    key = hkdf(user_key, "studyhub/user/membership/v1")
    halves = unbox(key, sealed, membership_key_aad(membership_id, user_id))
    if len(halves) != 2 * KEY_SIZE:
        raise Corrupt("two private halves have 64 bytes")
    return MembershipKeys(halves[:KEY_SIZE], halves[KEY_SIZE:])


def seal_user_key(prk: bytes, user_key: bytes, user_id: UUID) -> bytes:
    """Seal a user key under what the password was stretched to: 61 bytes."""
    key = hkdf(prk, "studyhub/user/kek/v1")
    return box(key, user_key, user_key_aad(user_id, "password"))


def open_user_key(prk: bytes, sealed: bytes, user_id: UUID) -> bytes:
    """Open a user key with what the password was stretched to."""
    key = hkdf(prk, "studyhub/user/kek/v1")
    return unbox(key, sealed, user_key_aad(user_id, "password"))


def seal_user_key_for_recovery(code: bytes, user_key: bytes, user_id: UUID) -> bytes:
    """Seal a user key under the 16 bytes of the person's recovery code: 61 bytes."""
    return box(_recovery_key(code, user_id), user_key, user_key_aad(user_id, "recovery"))


def open_user_key_with_recovery(code: bytes, sealed: bytes, user_id: UUID) -> bytes:
    """Open a user key with the person's recovery code."""
    return unbox(_recovery_key(code, user_id), sealed, user_key_aad(user_id, "recovery"))


def _recovery_key(code: bytes, user_id: UUID) -> bytes:
    return hkdf(code, "studyhub/user/recovery/v1", salt=user_id.bytes)


def seal_totp(server_key: bytes, seed: bytes, user_id: UUID) -> bytes:
    """Seal the seed of a second factor under the server's key."""
    return box(server_key, seed, totp_aad(user_id))


def open_totp(server_key: bytes, sealed: bytes, user_id: UUID) -> bytes:
    """Open the seed of a second factor."""
    return unbox(server_key, sealed, totp_aad(user_id))


def make_key_files(folder: Path) -> None:
    """Make every key file of an installation, all or none.

    Raises ``WrongState`` where there are keys already: replacing them would lock everybody out.
    """
    if folder.exists():
        raise WrongState(f"there are keys already in {folder}")
    unfinished = folder.with_name(folder.name + ".new")
    try:
        unfinished.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise WrongState(f"{unfinished} is left of an interrupted run: delete it") from None
    unfinished.chmod(0o700)
    for name, (content, mode) in _new_contents().items():
        write_new(unfinished / name, content, mode)
    flush_folder(unfinished)
    unfinished.rename(folder)
    flush_folder(folder.parent)


def _new_contents() -> dict[str, tuple[bytes, int]]:
    mailer, log, backup = new_pair(), new_signing_pair(), new_pair()
    return {
        "pepper": (random_key(), 0o400),
        "mailer": (mailer.private + random_key(), 0o400),
        "mailer.pub": (mailer.public, 0o444),
        "server": (random_key(), 0o400),
        "log": (log.private, 0o400),
        "log.pub": (log.public, 0o444),
        "backup": (backup.private, 0o400),
        "backup.pub": (backup.public, 0o444),
    }


class KeyFiles:
    """The key files of an installation, each read when first asked for.

    A file that is missing, of a wrong size or open to others is ``Corrupt``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def check(self) -> None:
        """Refuse a folder or any present file that others may read or change."""
        self._closed(self.folder, _OPEN_TO_OTHERS)
        for path in sorted(self.folder.iterdir()):
            public = path.suffix == ".pub"
            self._closed(path, _WRITABLE_BY_OTHERS if public else _OPEN_TO_OTHERS)

    @cached_property
    def pepper(self) -> bytes:
        """The secret of every Argon2id run."""
        return self._secret("pepper")

    @cached_property
    def mailer(self) -> bytes:
        """The private half that opens waiting letters; for the worker only."""
        return self._secret("mailer", 2 * KEY_SIZE)[:KEY_SIZE]

    @cached_property
    def suppression(self) -> bytes:
        """The key of the tags of suppressed addresses; for the worker only."""
        return self._secret("mailer", 2 * KEY_SIZE)[KEY_SIZE:]

    @cached_property
    def mailer_public(self) -> bytes:
        """The half to which letters without a study are sealed."""
        return self._public("mailer.pub")

    @cached_property
    def server(self) -> bytes:
        """The key of the seeds of second factors."""
        return self._secret("server")

    @cached_property
    def log(self) -> bytes:
        """The private half that signs audit heads; for the worker and the command line only."""
        return self._secret("log")

    @cached_property
    def log_public(self) -> bytes:
        """The half that checks audit heads."""
        return self._public("log.pub")

    @cached_property
    def backup(self) -> bytes:
        """The private half that opens backups, until the operator has moved it away."""
        return self._secret("backup")

    @cached_property
    def backup_public(self) -> bytes:
        """The half to which backups are sealed."""
        return self._public("backup.pub")

    @property
    def holds_backup_key(self) -> bool:
        """The key that opens backups still lies on this machine."""
        return (self.folder / "backup").exists()

    def _secret(self, name: str, size: int = KEY_SIZE) -> bytes:
        self._closed(self.folder, _OPEN_TO_OTHERS)
        self._closed(self.folder / name, _OPEN_TO_OTHERS)
        return self._content(name, size)

    def _public(self, name: str) -> bytes:
        self._closed(self.folder / name, _WRITABLE_BY_OTHERS)
        return self._content(name, KEY_SIZE)

    def _content(self, name: str, size: int) -> bytes:
        path = self.folder / name
        content = path.read_bytes()
        if len(content) != size:
            raise Corrupt(f"the key file {path} has {len(content)} bytes instead of {size}")
        return content

    def _closed(self, path: Path, loose: int) -> None:
        try:
            mode = path.stat().st_mode & _MODES
        except FileNotFoundError:
            raise Corrupt(f"the key file {path} is missing") from None
        if mode & loose:
            raise Corrupt(
                f"{path} is open to others (mode {mode:o}): chmod {mode & ~loose:o} {path}"
            )
