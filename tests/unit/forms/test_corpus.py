"""The goals of the form engine, counted over the corpus."""

import importlib.util
from pathlib import Path
from statistics import mean

import pytest

from signoff.forms import build_form, find_problems
from signoff.forms.equality import identical

spec = importlib.util.spec_from_file_location("corpus", Path(__file__).with_name("corpus.py"))
corpus = importlib.util.module_from_spec(spec)
spec.loader.exec_module(corpus)
CASES = corpus.CASES


def typed(case):
    """Return the share of leaves with a widget of the right kind."""
    given = dict(build_form(case.schema, case.valid).fields())
    return mean([case.suits(kind, given.get(path)) for path, kind in case.kinds.items()] or [True])


def refused(case):
    """Yield, for each answer with a mistake, whether a problem is told at the exact path."""
    for data, path in case.invalid:
        yield path in [problem.path for problem in find_problems(case.schema, data)]


def test_the_corpus_is_large_and_varied():
    assert len(CASES) >= 150
    assert sum(len(case.invalid) for case in CASES) >= 450


def test_98_of_100_leaves_get_a_widget_of_the_right_kind():
    assert mean(typed(case) for case in CASES) >= 0.98


def test_95_of_100_schemas_have_every_leaf_typed():
    assert mean(typed(case) == 1 for case in CASES) >= 0.95


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_untouched_prefilled_form_gives_back_what_it_was_given(case):
    form = build_form(case.schema, case.valid)

    assert identical(form.collect(), case.valid)
    assert form.misread() == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_valid_answer_has_no_problems(case):
    assert find_problems(case.schema, case.valid) == []


def test_a_mistake_is_told_at_the_exact_field():
    assert mean(hit for case in CASES for hit in refused(case)) >= 0.985


def test_a_mistake_in_a_union_is_told_about_once():
    counts = [len(find_problems(case.schema, data)) for case in CASES if case.union for data, _ in case.invalid]

    assert mean(counts) <= 1.3


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_empty_form_can_be_drawn_and_read(case):
    form = build_form(case.schema)
    keys = [field.key for field in every(form.root)]

    assert len(keys) == len(set(keys))
    assert isinstance(find_problems(case.schema, form.collect()), list)


def every(field):
    yield field
    for part in field.parts:
        yield from every(part)
