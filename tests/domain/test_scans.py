"""What may be sent as the picture of a paper, whoever cut it into which pieces."""

import pytest

from studyhub.domain.errors import Invalid
from studyhub.domain.scans import MOST_BYTES, checked, kind_of_scan, refuse_size, whole

PDF = b"%PDF-1.7 approved"


@pytest.mark.parametrize(
    ("beginning", "kind"),
    [
        (PDF, "application/pdf"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"%PDF", ""),
        (b" %PDF-", ""),
        (b"GIF89a", ""),
        (b"<svg", ""),
        (b"", ""),
    ],
)
def test_a_scan_is_known_by_its_first_bytes(beginning, kind):
    assert kind_of_scan(beginning) == kind


@pytest.mark.parametrize("piece", [1, 2, 5, 99])
def test_all_of_a_scan_is_handed_on_however_it_arrives(piece):
    chunks = [PDF[start : start + piece] for start in range(0, len(PDF), piece)]

    assert b"".join(checked(chunks)) == whole(chunks, len(PDF)) == PDF


@pytest.mark.parametrize("length", [len(PDF) - 1, len(PDF) + 1, 0, -1, MOST_BYTES + 1])
def test_a_scan_has_the_length_that_was_announced(length):
    with pytest.raises(Invalid):
        whole([PDF], length)


def test_nothing_more_is_read_than_was_announced():
    def endless():
        yield PDF
        yield b"more"
        pytest.fail("was read")

    with pytest.raises(Invalid):
        whole(endless(), len(PDF))


def test_what_is_no_scan_is_refused_before_its_end():
    def page():
        yield b"<html>    "
        pytest.fail("was read")

    with pytest.raises(Invalid):
        list(checked(page()))
    with pytest.raises(Invalid):
        list(checked([]))


@pytest.mark.parametrize("length", [0, -1, MOST_BYTES + 1])
def test_an_empty_or_endless_scan_is_refused_by_what_is_announced(length):
    with pytest.raises(Invalid):
        refuse_size(length)
    refuse_size(MOST_BYTES)
