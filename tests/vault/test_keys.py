"""Key files, user keys and private halves: opened by their own key and person only."""

import json
import stat
from pathlib import Path
from uuid import UUID

import pytest

from studyhub.domain.errors import Corrupt, WrongState
from studyhub.vault import keys
from studyhub.vault.primitives import (
    box,
    check_signature,
    hkdf,
    public_of,
    seal,
    sign,
    unseal,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vault.json").read_text("utf-8"))
PUBLISHED = VECTORS["password"]
KEY = bytes.fromhex(VECTORS["key"])
PRK = bytes.fromhex(PUBLISHED["prk"])
CODE = bytes.fromhex(VECTORS["recovery_code"]["raw"])
MEMBERSHIP, USER, OTHER = UUID(int=5), UUID(int=6), UUID(int=99)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "instance" / "keys"
    keys.make_key_files(folder)
    return folder


def test_published_user_keys_open():
    by_password = bytes.fromhex(PUBLISHED["user_key"])
    by_code = bytes.fromhex(PUBLISHED["user_key_for_recovery"])

    assert keys.open_user_key(PRK, by_password, USER) == KEY
    assert keys.open_user_key_with_recovery(CODE, by_code, USER) == KEY


def test_published_private_halves_and_seeds_open():
    halves = keys.open_membership_keys(
        KEY, bytes.fromhex(PUBLISHED["membership_keys"]), MEMBERSHIP, USER
    )

    assert halves.opening_public.hex() == VECTORS["opening_public"]
    assert halves.signing_public.hex() == VECTORS["signing_public"]
    assert keys.open_totp(KEY, bytes.fromhex(PUBLISHED["totp"]), USER) == b"seed"


def test_a_link_has_the_published_keys():
    token = VECTORS["token"]

    derived = keys.link_keys(bytes.fromhex(token["raw"]))

    assert derived.pair.private.hex() == token["link_private"]
    assert derived.pair.public == public_of(derived.pair.private)
    assert derived.form_key.hex() == token["form_key"]


def test_private_halves_come_back_for_their_own_member_only():
    halves = keys.new_membership_keys()
    sealed = keys.seal_membership_keys(KEY, halves, MEMBERSHIP, USER)

    assert keys.open_membership_keys(KEY, sealed, MEMBERSHIP, USER) == halves
    assert len(sealed) == 93
    for wrong in ((PRK, MEMBERSHIP, USER), (KEY, OTHER, USER), (KEY, MEMBERSHIP, OTHER)):
        with pytest.raises(Corrupt):
            keys.open_membership_keys(wrong[0], sealed, *wrong[1:])


def test_private_halves_of_a_wrong_size_are_corrupt():
    half = box(
        hkdf(KEY, "studyhub/user/membership/v1"),
        bytes(32),
        keys.membership_key_aad(MEMBERSHIP, USER),
    )

    with pytest.raises(Corrupt):
        keys.open_membership_keys(KEY, half, MEMBERSHIP, USER)


def test_a_user_key_opens_by_password_or_code_of_its_own_person_only():
    by_password = keys.seal_user_key(PRK, KEY, USER)
    by_code = keys.seal_user_key_for_recovery(CODE, KEY, USER)

    assert len(by_password) == len(by_code) == 61
    assert keys.open_user_key(PRK, by_password, USER) == KEY
    assert keys.open_user_key_with_recovery(CODE, by_code, USER) == KEY
    for attempt in (
        lambda: keys.open_user_key(KEY, by_password, USER),
        lambda: keys.open_user_key(PRK, by_password, OTHER),
        lambda: keys.open_user_key(PRK, by_code, USER),
        lambda: keys.open_user_key_with_recovery(CODE, by_code, OTHER),
        lambda: keys.open_user_key_with_recovery(CODE, by_password, USER),
    ):
        with pytest.raises(Corrupt):
            attempt()


def test_a_seed_of_a_second_factor_opens_for_its_own_person_only():
    sealed = keys.seal_totp(KEY, b"seed", USER)

    assert keys.open_totp(KEY, sealed, USER) == b"seed"
    with pytest.raises(Corrupt):
        keys.open_totp(KEY, sealed, OTHER)


def test_showing_keys_does_not_show_private_halves():
    halves, link = keys.new_membership_keys(), keys.link_keys(KEY)

    assert repr(halves) == "MembershipKeys()"
    assert repr(link.form_key) not in repr(link)
    assert repr(link.pair.private) not in repr(link)


def test_key_files_are_closed_to_others(folder):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {name for name, mode in modes.items() if mode == 0o400} == {
        "pepper",
        "mailer",
        "server",
        "log",
        "backup",
    }
    assert {name for name, mode in modes.items() if mode == 0o444} == {
        "mailer.pub",
        "log.pub",
        "backup.pub",
    }


def test_halves_in_key_files_belong_together(folder):
    files = keys.KeyFiles(folder)

    files.check()
    check_signature(files.log_public, b"head", sign(files.log, b"head"))
    letter = seal(files.mailer_public, b"letter", b"info")
    assert unseal(files.mailer, letter, b"info") == b"letter"
    backup = seal(files.backup_public, b"key", b"info")
    assert unseal(files.backup, backup, b"info") == b"key"


def test_every_secret_is_another(folder):
    files = keys.KeyFiles(folder)
    secrets = [files.pepper, files.mailer, files.suppression, files.server, files.log]

    assert len(set(secrets)) == 5
    assert {len(secret) for secret in secrets} == {32}
    assert (folder / "mailer").read_bytes() == files.mailer + files.suppression


def test_keys_are_never_replaced(folder):
    before = (folder / "pepper").read_bytes()

    with pytest.raises(WrongState):
        keys.make_key_files(folder)

    assert (folder / "pepper").read_bytes() == before


def test_an_interrupted_making_is_said(tmp_path):
    (tmp_path / "keys.new").mkdir()

    with pytest.raises(WrongState, match="interrupted"):
        keys.make_key_files(tmp_path / "keys")


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o644, 0o401])
def test_a_key_file_that_others_may_read_is_refused(folder, mode):
    (folder / "pepper").chmod(mode)

    with pytest.raises(Corrupt, match=r"chmod [46]00 .*pepper"):
        _ = keys.KeyFiles(folder).pepper
    with pytest.raises(Corrupt, match="open to others"):
        keys.KeyFiles(folder).check()


def test_a_key_folder_that_others_may_enter_is_refused(folder):
    folder.chmod(0o750)

    with pytest.raises(Corrupt, match="chmod 700"):
        _ = keys.KeyFiles(folder).pepper
    with pytest.raises(Corrupt, match="chmod 700"):
        keys.KeyFiles(folder).check()


def test_a_public_half_that_others_may_change_is_refused(folder):
    (folder / "log.pub").chmod(0o664)

    with pytest.raises(Corrupt, match="chmod 644"):
        _ = keys.KeyFiles(folder).log_public


def test_a_missing_key_file_is_named(folder):
    files = keys.KeyFiles(folder)
    assert files.holds_backup_key

    (folder / "backup").unlink()

    files.check()
    assert not files.holds_backup_key
    with pytest.raises(Corrupt, match="backup is missing"):
        _ = files.backup


def test_a_key_file_of_a_wrong_size_is_refused(folder):
    (folder / "mailer").unlink()
    (folder / "mailer").write_bytes(bytes(32))
    (folder / "mailer").chmod(0o400)

    with pytest.raises(Corrupt, match="32 bytes instead of 64"):
        _ = keys.KeyFiles(folder).mailer
