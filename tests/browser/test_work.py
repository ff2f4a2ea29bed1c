"""Two people on one desk, as they see it in Chromium: Ada's server and Grace's, on the same databases."""

import pytest
from browser.conftest import serving
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
RUN = 30_000  # ms for a thread to go on and the page to say so


@pytest.fixture
def both(fresh_desk):
    with serving(fresh_desk.folder, name="Grace") as other:
        yield fresh_desk, other


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_claim_is_seen_and_taken_over_and_the_former_holders_answer_is_refused_and_kept(both, visit):
    ada_desk, grace_desk = both
    review = ada_desk.untouched("transaction", "approve_payment")
    ada = visit(f"{ada_desk.url}/?review={review.id}")
    grace = visit(f"{grace_desk.url}/?review={review.id}")

    press(ada, "Claim")
    expect(grace.get_by_text("Ada has it since")).to_be_visible(timeout=RUN)
    ada.get_by_label("Note for the file").fill("asked the customer")
    grace.get_by_role("button", name="Take over…").click()
    grace.get_by_role("textbox", name="Reason").fill("Ada is in a meeting")
    press(grace, "Take over")
    expect(grace.get_by_text("You have it since")).to_be_visible()
    expect(ada.get_by_text("“Ada is in a meeting”")).to_be_visible(timeout=RUN)

    ada.get_by_role("radio", name="Approve", exact=True).click()
    ada.get_by_role("button", name="Submit and resume").click()

    expect(ada.get_by_text(f"Review {review.id} is held by Grace since")).to_be_visible()
    expect(ada.get_by_label("Note for the file")).to_have_value("asked the customer")
    expect(ada.get_by_role("radio", name="Approve", exact=True)).to_be_checked()


def test_a_comment_appears_on_the_page_of_a_colleague_who_is_typing(both, visit):
    ada_desk, grace_desk = both
    review = ada_desk.untouched("transaction", "approve_payment")
    ada = visit(f"{ada_desk.url}/?review={review.id}")
    grace = visit(f"{grace_desk.url}/?review={review.id}")
    grace.get_by_text("Comments (0)").click()
    grace.get_by_placeholder("Comment…").press_sequentially("half a sent")

    ada.get_by_text("Comments (0)").click()
    ada.get_by_placeholder("Comment…").fill("<b>Called</b> *them*")
    press(ada, "Add comment")

    expect(grace.get_by_text("<b>Called</b> *them*")).to_be_visible(timeout=RUN)
    expect(grace.get_by_placeholder("Comment…")).to_have_value("half a sent")


def test_after_an_answer_the_next_review_opens_by_itself_with_the_last_one_in_sight(fresh_desk, visit):
    review = fresh_desk.untouched("transaction", "approve_payment")
    page = visit(f"{fresh_desk.url}/?review={review.id}", width=1280, height=640)

    page.get_by_role("radio", name="Approve", exact=True).click()
    page.get_by_role("button", name="Submit and resume").click()

    expect(page.get_by_text("The thread has finished.")).to_be_visible(timeout=RUN)
    expect(page.get_by_role("heading", name=review.title)).to_have_count(0, timeout=RUN)
    expect(page.get_by_role("button", name="Claim", exact=True)).to_be_visible()
    expect(page.get_by_text("applied", exact=True)).to_be_visible()
    expect(page.get_by_text(review.title, exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Open thread")).to_be_visible()
    expect(page.locator("[data-testid=stMain] h3")).to_be_in_viewport()  # whoever answers has read what is asked


def test_what_was_typed_is_still_there_to_be_copied_when_a_colleague_was_first(both, visit):
    ada_desk, grace_desk = both
    review = ada_desk.untouched("transaction", "approve_payment")
    ada = visit(f"{ada_desk.url}/?review={review.id}")
    grace = visit(f"{grace_desk.url}/?review={review.id}")
    ada.get_by_role("radio", name="Approve", exact=True).click()
    grace.get_by_label("Note for the file").press_sequentially("the customer called back")
    ada.get_by_role("button", name="Submit and resume").click()

    expect(grace.get_by_text("Ada has decided this review. Nothing was sent from")).to_be_visible(timeout=RUN)
    expect(grace.get_by_role("heading", name=review.title)).to_be_visible()
    expect(grace.get_by_text("the customer called back")).to_be_visible()
    expect(grace.get_by_text('"decision": "approve"').or_(grace.get_by_text('"approved": true')).first).to_be_visible()
    expect(grace.get_by_role("link", name="Open thread").last).to_be_visible()
