from studyhub.domain.vocabulary import Compartment


def test_the_whole_team_can_be_made_by_its_own_acts(study):
    assert study.last_event().act == "audit.head"
    assert study.petra.keys.member is not None


def test_x(study):
    pass

def test_y(study):
    pass
