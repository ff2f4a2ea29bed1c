"""Forms as data: a JSON Schema becomes a tree of fields, widget values become an answer, mistakes get a place.

Pure Python; what draws the fields is `signoff.ui.form`.
"""

from signoff.forms.fields import Entry, Field, Group, Leaf, List, Option, Path, Raw, Rows, Union, Widget
from signoff.forms.form import Form, build_form
from signoff.forms.problems import Problem, find_problems

__all__ = [
    "Entry",
    "Field",
    "Form",
    "Group",
    "Leaf",
    "List",
    "Option",
    "Path",
    "Problem",
    "Raw",
    "Rows",
    "Union",
    "Widget",
    "build_form",
    "find_problems",
]
