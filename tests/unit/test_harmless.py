"""Foreign words are shown as they were typed, wherever Streamlit reads more than Markdown into a text."""

import re

import pytest

from signoff.ui.session import JOINER, label, plain

READ = (
    r":material[/_]\w+:",
    r":streamlit:",
    *(rf"(^|\s){arrow}(\s|$)" for arrow in ("<->", "->", "<-", "--", ">=", "<=", "~=")),
)
"""What Streamlit 1.67 draws as an icon or an arrow, found in its ``StreamlitMarkdown``."""


@pytest.mark.parametrize("harmless", [plain, label])
@pytest.mark.parametrize(
    "text",
    [":material/delete: yes", ":material_delete:", "a :Streamlit: b", "a -> b <- c <-> d", "--", "x >= 1 <= 2 ~= 3"],
)
def test_no_icon_and_no_arrow_is_made_of_foreign_words(harmless, text):
    unescaped = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", harmless(text))

    assert [sign for sign in READ if re.search(sign, unescaped, re.IGNORECASE)] == []
    assert unescaped.replace(JOINER, "") == text


def test_words_with_dashes_stay_as_they_are():
    assert label("a--b, a->b") == r"a\--b, a-\>b"
