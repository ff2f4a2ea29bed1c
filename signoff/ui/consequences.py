"""What an answer does to the rest of its thread, and whether one is taken at all."""

from __future__ import annotations

import streamlit as st

from signoff import routes
from signoff.briefs import Brief
from signoff.decisions import Outcome
from signoff.reviews import Kind, Review
from signoff.ui.session import desk, plain


def stands(brief: Brief) -> bool:
    """Tell whether an answer to this very question was applied: then the checkpoints were set back behind it."""
    return any(one.outcome is Outcome.APPLIED and not one.reopens for one in brief.decisions)


def came_to_nothing(brief: Brief) -> bool:
    """Tell whether the newest answer to this question had no effect: whoever gave it may think that it had."""
    return bool(brief.decisions) and brief.decisions[0].outcome in (Outcome.REFUSED, Outcome.FAILED, Outcome.SUPERSEDED)


def show(brief: Brief) -> None:
    """Say what submitting does to the rest of the thread."""
    review = brief.waiting.review
    said = [_again(review)] if review.node and review.kind is Kind.INTERRUPT else []
    if brief.siblings:
        others = "question stays" if len(brief.siblings) == 1 else "questions stay"
        said.append(f"{len(brief.siblings)} other {others} open on this thread; those nodes run up to them again.")
    if said:
        st.caption(plain(" ".join(said)))


def _again(review: Review) -> str:
    """Say what the answer runs again: of a subgraph that is a node, nothing but what in it leads to the question."""
    first, *others = routes.again(desk(), review)
    clauses = [f"inside {review.node}"] if first != review.node else []
    for depth, node in enumerate(others):
        clauses.append(f"{node or 'the one that asked'} inside {'that' if depth else 'it'}")
    if others:
        clauses[-1] = f"and {clauses[-1]}"
    named = ", ".join([f"Node {first}" if first else "The node that asked", *clauses]) + "," * bool(clauses)
    runs = "run again from their first lines" if others else "runs again from its first line"
    return f"{named} {runs} with your answer."
