from pathlib import Path
from tests.founding import test_founding as t, secrecy
from tests.founding.test_founding import Made
PARTS = [(f.__name__, f) for f in (t.the_committee_approves, t.nine_are_invited_and_six_consent, t.six_are_interviewed, t.a_seventh_is_recorded_and_waits, t.six_texts_are_released, t.the_analyst_reads_them)]
def backup(scene, made): 
    import shutil; shutil.rmtree("/tmp/q5-backup", ignore_errors=True); coming_back.a_backup_is_taken(scene, Path("/tmp/q5-backup"))
def withdraw(scene, made):
    from tests.founding.people import LIZ
    withdrawals.the_transcript_is_taken_back(scene, LIZ, made.labels[LIZ])
def carried(scene, made):
    withdrawals.it_is_decided_and_carried_out(scene, LIZ)
    withdrawals.exactly_one_release_disappeared(scene, made.labels, LIZ)
    withdrawals.the_certificate_says_so(scene)
def back(scene, made):
    import shutil; shutil.rmtree("/tmp/q5-again", ignore_errors=True)
    with coming_back.restored(scene, Path("/tmp/q5-backup"), Path("/tmp/q5-again")) as study:
        coming_back.it_does_not_come_back(study, made.labels, LIZ)
def all_(scene, made):
    withdrawals.everything_is_taken_back(scene, HELEN, made.people[HELEN])
def aud(scene, made):
    codes = {consent.code_of(scene, each) for each in made.people.values()}
    import shutil; shutil.rmtree("/tmp/q5-record", ignore_errors=True)
    audit.the_auditor_verifies_the_record(scene, Path("/tmp/q5-record"))
    audit.the_auditor_has_seen_no_name(scene, codes, set(made.labels.values()))
def end(scene, made): secrecy.assert_nothing_in_clear(scene)
from tests.founding import *
from tests.founding import coming_back, withdrawals, audit, consent
from tests.founding.people import LIZ, HELEN
PARTS += [(f.__name__, f) for f in (backup, withdraw, carried, back, all_, aud, end)]
