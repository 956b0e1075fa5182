"""The glossary: in alphabetical order, short, and each entry leads to a page that exists."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
_, *ENTRIES = (DOCS / "glossary.md").read_text(encoding="utf-8").split("\n## ")


# The words of the code, and the standard terms that the lessons use.
WORDS = """photo rgb gray chroma color-space generator critic objective preset stage teacher shard
Lipschitz duality logit minimax mode-collapse baseline overfitting receptive-field skip-connection
EMA"""


def test_the_words_of_the_course_are_there():
    defined = {entry.splitlines()[0] for entry in ENTRIES}
    assert {word.replace("-", " ") for word in WORDS.split()} <= defined


def test_words_are_in_alphabetical_order():
    words = [re.sub(r"[\\*]", "", entry.splitlines()[0]).casefold() for entry in ENTRIES]
    assert len(words) > 40
    assert words == sorted(set(words))


def test_each_entry_is_short_and_leads_to_a_page():
    for entry in ENTRIES:
        word, text = entry.split("\n\n", 1)
        meaning, _, link = text.strip().partition(" → ")
        assert 1 <= len(re.findall(r"\.(?: |$)", meaning)) <= 3, word
        (page,) = re.findall(r"^\[.+\]\(([^)#]+).*\)$", link)
        assert (DOCS / page).exists(), word


def test_every_lesson_leads_to_the_glossary():
    for path in (DOCS.parent / "notebooks").glob("*.ipynb"):
        assert "(../docs/glossary.md)" in path.read_text(encoding="utf-8"), path.name
