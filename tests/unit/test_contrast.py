"""Colours that can be read: the theme's own, by the arithmetic of WCAG 2.2."""

import tomllib
from pathlib import Path

import pytest

THEME = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())["theme"]
FADED = 0.6  # Streamlit's captions: the text's colour, so opaque
READABLE, VISIBLE = 4.5, 3.0


def channels(color):
    return [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]


def luminance(rgb):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def over(ink, paper, opacity):
    return [opacity * i + (1 - opacity) * p for i, p in zip(ink, paper, strict=True)]


def test_the_arithmetic_is_that_of_wcag():
    assert contrast(channels("#000000"), channels("#ffffff")) == pytest.approx(21)
    assert contrast(channels("#777777"), channels("#ffffff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("paper", ["backgroundColor", "secondaryBackgroundColor"])
def test_text_captions_and_links_can_be_read_on_both_papers(scheme, paper):
    theme = {name: channels(color) for name, color in THEME[scheme].items()}

    assert contrast(theme["textColor"], theme[paper]) >= READABLE
    assert contrast(over(theme["textColor"], theme[paper], FADED), theme[paper]) >= READABLE
    assert contrast(theme["linkColor"], theme[paper]) >= READABLE
    assert contrast(theme["primaryColor"], theme[paper]) >= VISIBLE


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_white_words_on_the_submit_button_can_be_read(scheme):
    assert contrast(channels("#ffffff"), channels(THEME[scheme]["primaryColor"])) >= READABLE
