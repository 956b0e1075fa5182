"""A question to answer before the result is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from colorlab.lab.widgets.controls import switch
from colorlab.lab.widgets.frame import Frame


class Prediction(Frame):
    """A choice that the reader records, and that a later cell scores.

    guess = Prediction(
        "What is the mean of 350° and 10°?", {"red": "", "cyan": "180° is as far as can be."}
    )
    guess                 # the reader clicks
    guess.score("red")    # in the next cell: says whether that was right
    """

    def __init__(self, question: str, options: Sequence[str] | Mapping[str, str]) -> None:
        """Ask a question that has one of these answers; none is chosen yet.

        Args:
            question: as one or two sentences.
            options: the answers; or each answer with one line that says why it is wrong, for those
                who choose it. The line of the right answer stays unused and may be empty.
        """
        self.question = question
        self.reasons = dict(options) if isinstance(options, Mapping) else {}
        self.choice = switch({option: f"{question} {option}" for option in options}, "")
        self.choice.value = None
        super().__init__([widgets.HTML(f"<b>Your prediction.</b> {question}"), self.choice])

    def score(self, answer: str) -> str:
        """Compare the choice with the option that was right, and say why a wrong choice is wrong.

        Raises:
            ValueError: if `answer` is not one of the options.
        """
        if answer not in self.choice.options:
            raise ValueError(f"answer is {answer!r}; expected one of {self.choice.options}.")
        if self.choice.value is None:
            return f"It is: {answer}. You made no prediction; try the next one."
        if self.choice.value == answer:
            return f"It is: {answer}, as you said."
        reason = self.reasons.get(self.choice.value, "")
        return f"It is: {answer}, you said {self.choice.value}. {reason}".rstrip()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Add the question as text, for pages without a kernel."""
        options = " / ".join(self.choice.options)
        html = f"<p><b>Your prediction.</b> {self.question} ({options})</p>"
        return {**super()._repr_mimebundle_(**kwargs), "text/html": html}
