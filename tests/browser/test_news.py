"""What the button says that tells what has happened, and when it is there; its script alone, without a server."""

import pytest

from signoff.ui import live

pytestmark = pytest.mark.browser
BEGUN = """async script => {
  window.asked = 0
  const source = new Blob([script + "\\nexport { newsIn }"], { type: "text/javascript" })
  const { newsIn } = await import(URL.createObjectURL(source))
  window.news = newsIn(document.body, () => asked++)
}"""


class Button:
    """The button of one tab, on an empty page of the desk's own address; its clock goes when a test says so."""

    def __init__(self, page):
        self.page = page

    def take(self, at, *happened, more=False):
        news = [dict(zip(("review", "title", "outcome", "by"), one, strict=True)) for one in happened]
        self.page.evaluate("told => news.take(told)", {"at": at, "news": news, "more": more})

    def turn(self, mark):
        self.page.evaluate("mark => news.turn(mark)", mark)

    def drawn(self, mark, opened=None):
        self.page.evaluate("([mark, opened]) => news.drawn(mark, opened)", [mark, opened])

    def after(self, seconds):
        """Return what it says so much later, None while it is not there."""
        self.page.clock.run_for(1000 * seconds)
        button = self.page.locator("button")
        return button.text_content() if button.is_visible() else None


@pytest.fixture
def button(demo, browser):
    page = browser.new_page()
    page.goto(f"{demo.url}/_stcore/health")
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.evaluate(BEGUN, live.SCRIPT)
    button = Button(page)
    button.drawn("1")
    yield button
    page.close()


NEW, DECIDED = ("a", "Pay A?", None, None), ("b", "Pay B?", "recorded", "Ada")


def test_it_is_there_where_a_tab_waits_for_its_turn_and_gone_when_the_page_is_drawn(button):
    button.take(2, NEW)
    assert button.after(0.3) is None
    assert button.after(0.2) == "↻ New: Pay A?"

    button.drawn("2!")

    assert button.after(5) is None


def test_it_is_not_there_where_the_page_is_about_to_be_drawn_unless_that_takes_long(button):
    button.take(2, NEW)
    button.turn("2")
    assert button.after(0.8) is None
    assert button.after(0.2) == "↻ New: Pay A?"


def test_what_a_page_shows_already_is_no_news(button):
    button.drawn("2")
    button.take(2, NEW)

    assert button.after(5) is None


def test_a_page_that_could_not_tell_what_it_shows_keeps_the_news(button):
    button.take(2, NEW)
    button.drawn("?")

    assert button.after(1) == "↻ New: Pay A?"


def test_of_several_it_counts_what_became_of_each_and_lists_them(button):
    button.take(2, NEW, DECIDED, ("c", "Pay C?", "recorded", "Kim"))
    button.take(
        3, ("c", "Pay C?", "failed", "Kim"), ("d", "Pay D?", "superseded", "Ada"), ("e", "E?", "applying", "Ada")
    )

    assert button.after(1) == "↻ 1 new · 2 decided · 1 failed · 1 not applied"
    assert button.page.locator("button").get_attribute("title").splitlines() == [
        "Decided (Ada): E?",
        "Not applied (Ada): Pay D?",
        "Failed (Kim): Pay C?",
        "Decided (Ada): Pay B?",
        "New: Pay A?",
    ]


def test_the_open_review_goes_first_once_it_is_decided(button):
    button.drawn("1", "b")
    button.take(2, NEW, ("b", "Pay B?", None, None))
    assert button.after(1) == "↻ 2 new"

    button.take(3, DECIDED)

    assert button.after(0) == "↻ The review that you have open: Decided (Ada): Pay B?"


def test_that_there_is_more_is_said_until_a_page_shows_it(button):
    button.take(2, NEW, more=True)
    assert button.after(1) == "↻ New: Pay A? · and more"

    button.take(3, DECIDED)
    button.drawn("2")

    assert button.after(1) == "↻ Decided (Ada): Pay B?"


def test_no_sign_in_a_title_or_a_name_turns_the_words_around(button):
    button.take(2, ("a", "Pay \u202eA\n?", "applied", "A\u2067da"))

    assert button.after(1) == "↻ Applied (A da): Pay  A ?"


def test_screen_readers_are_told_when_it_appears_and_not_at_every_change(button):
    said = button.page.get_by_role("status")
    button.take(2, NEW)
    button.after(1)
    assert said.text_content() == "New: Pay A?"
    button.take(3, DECIDED)
    assert button.after(1) == "↻ 1 new · 1 decided"
    assert said.text_content() == "New: Pay A?"

    button.drawn("3")
    assert said.text_content() == ""


def test_a_click_asks_for_the_page_and_its_end_leaves_nothing(button):
    button.take(2, NEW)
    button.after(1)
    button.page.locator("button").click()
    assert button.page.evaluate("asked") == 1

    button.page.evaluate("news.close()")

    assert button.page.locator("button, [role=status]").count() == 0
