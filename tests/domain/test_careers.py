"""The posts of a curriculum vitae, however it sets them."""

from __future__ import annotations

import pytest

from app.domain.extraction.careers import posts_in
from app.domain.kind_words import paper_of
from data.kinds import kind_words
from tests.domain.pages_of_words import form


@pytest.mark.parametrize(
    ("lines", "position", "employer"),
    [
        (("Site Electrician, Halden Freight plc",), "Site Electrician", "Halden Freight plc"),
        (("Depuis 2019 : Technicien de maintenance, Transports Girondins SA",), "Technicien de maintenance",
         "Transports Girondins SA"),
        (("2019 - pågående Undersköterska, Mälardalens Vård AB",), "Undersköterska", "Mälardalens Vård AB"),
        (("Blue Mesa Logistics Inc. - Shift Lead", "Jun 2019 - Present"), "Shift Lead", "Blue Mesa Logistics Inc."),
        (("Dental Nurse", "Brightwater Dental LLP, 2018 - date"), "Dental Nurse", "Brightwater Dental LLP"),
        (("2019年至今 杭州云帆科技有限公司 软件工程师",), "软件工程师", "杭州云帆科技有限公司"),
    ],
)  # fmt: skip
def test_post_and_firm(lines: tuple[str, ...], position: str, employer: str) -> None:
    post = next(posts_in(paper_of(form(*lines), kind_words())))
    assert (post.position and post.position.text, post.employer.text) == (position, employer)


def test_the_present_post_is_told() -> None:
    lines = ("2011 - 2014 Trainee, Alder Ltd", "Nothing", "Nothing more", "2014 - present Clerk, Birch Ltd")
    posts = list(posts_in(paper_of(form(*lines), kind_words())))
    assert [(post.employer.text, post.present) for post in posts] == [("Alder Ltd", False), ("Birch Ltd", True)]


def test_what_was_done_there_is_no_post() -> None:
    lines = ("• Sold parts to Alder Ltd", "Led a team of 9. Cut losses.")
    assert not list(posts_in(paper_of(form(*lines), kind_words())))
