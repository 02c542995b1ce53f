"""A person answers at the terminal: each question with its picture, one key to answer."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ocella.choosing.question import Question, Reply
from ocella.choosing.question_picture import draw_question
from ocella.cli.terminal import Terminal, this_terminal
from ocella.cli.terminal_dialogs import KEYED, count_missing, fix_box, listed, pick, type_choice
from ocella.cli.terminal_picture import find_screen
from ocella.cli.terminal_stage import Stage
from ocella.environment import variable
from ocella.media.load import load
from ocella.types import Image

__all__ = ["TerminalAsker"]

Said = Reply | Literal["undo", "stop", "back"]


class TerminalAsker:
    """An Asker. Where the terminal has no graphics, the picture is a file in `folder`. Between questions the terminal is as
    it was before.
    """

    name = "a person"

    def __init__(
        self, folder: Path, terminal: Terminal, term: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder, self._terminal, self._term, self._clock = folder, terminal, term, clock
        self._stage: Stage | None = None
        self._seconds: list[float] = []

    @classmethod
    def here(cls, folder: Path, instead: str = "Give labels that answer them: --answers FOLDER.") -> "TerminalAsker":
        """At the terminal of this process; raises InvalidValue, with what to do `instead`, where there is none."""
        return cls(folder, this_terminal(instead), variable("TERM") or "")

    def __call__(self, question: Question, done: int, most: int) -> Reply | Literal["undo"] | None:
        """Ask until there is an answer; None for stop. Raises NotFound or Unreadable for an image that is gone."""
        image = load(question.path)
        other = None if question.other is None else load(question.other)
        with self._terminal.keys():
            if self._stage is None:
                self._stage = Stage(self._terminal, find_screen(self._terminal, self._term), self._folder)
            began = self._clock()
            said = _Dialog(self._stage, question, image, other, self._heading(done, most), can_undo=done > 0).ask()
        if said == "stop":
            return None
        if not isinstance(said, Reply):
            return "undo"
        self._seconds.append(self._clock() - began)
        return replace(said, seconds=self._seconds[-1])

    def _heading(self, done: int, most: int) -> str:
        pace = f", {sum(self._seconds) / len(self._seconds):.1f} seconds each so far" if self._seconds else ""
        return f"Question {done + 1} of {most}{pace}"


@dataclass(frozen=True)
class _Key:
    """Keys (one, or digits), what they say in short and at length, and what comes of one (None: no answer yet)."""

    keys: str
    short: str
    long: str
    act: Callable[[str], Reply | None]

    @property
    def name(self) -> str:
        """As it is offered."""
        return f"{self.keys[0]}-{self.keys[-1]}" if self.keys.isdigit() and len(self.keys) > 1 else self.keys[0]


class _Dialog:
    """One question, from its picture to its answer."""

    def __init__(
        self, stage: Stage, question: Question, image: Image, other: Image | None, heading: str, *, can_undo: bool
    ) -> None:
        self._stage, self._question, self._image, self._other = stage, question, image, other
        self._heading, self._can_undo = heading, can_undo
        self._offered = (*self._of_kind(), _said("s", "skip", "you cannot tell", Reply("skip")))

    def ask(self) -> Reply | Literal["undo", "stop"]:
        """Show it, again after what led to no answer."""
        while True:
            self._show()
            said = self._answer()
            if said != "back":
                self._stage.say(f"  {_spoken(said)}" if isinstance(said, Reply) else said)
                return said

    def _show(self) -> None:
        question = self._question
        if not self._stage.draws:
            self._stage.say("")
        self._stage.show(lambda room: draw_question(question, self._image, room, other=self._other))
        self._stage.say(self._heading, *([question.note] if question.note else []), self._where(), question.text)
        if self._picks:
            self._stage.say(f"  {listed(question.choices)}")
        offered = "  ".join(f"[{k.name}] {k.short}" for k in self._offered if k.short)
        self._stage.say(f"  {offered}  [u] undo  [q] stop  [?] help")
        self._stage.prompt()

    def _answer(self) -> Said:
        """What the next keys say; "back" to show the question again."""
        while True:
            key = self._stage.key()
            if key == "end" or key.lower() == "q":
                return "stop"
            if key == "resize":
                return "back"
            if key in ("undo", "backspace") or key.lower() == "u":
                if self._can_undo:
                    return "undo"
                self._stage.say("There is no answer to take back yet.")
                self._stage.prompt()
            elif key == "?":
                self._help()
            elif chosen := [k for k in self._offered if len(key) == 1 and key.lower() in k.keys]:
                self._stage.say(key)
                return chosen[0].act(key) or "back"

    def _help(self) -> None:
        self._stage.say("?", *(f"  {k.name:3}  {k.long}" for k in self._offered))
        self._stage.say("  u    take the last answer back", "  q    stop here; what was answered is kept")
        self._stage.prompt()

    def _where(self) -> str:
        """The image, and where in it to look."""
        question, shown = self._question, self._question.objects
        text = f"{question.file} ({self._image.width} x {self._image.height})"
        if question.other is not None:
            return f"{text} and {question.other.name}"
        if question.kind == "missing":
            return f"{text}, known: {'nothing' if shown is None or not len(shown) else _counted(shown.names)}"
        if shown is None or not len(shown):
            return text
        return f"{text}, {shown.names[0]} at {' '.join(str(round(v)) for v in shown.xyxy[0].tolist())}"

    @property
    def _picks(self) -> bool:
        kind, choices = self._question.kind, self._question.choices
        return kind == "class" or (kind == "text" and len(choices) > 1)

    def _of_kind(self) -> Sequence[_Key]:
        if self._picks:
            return self._picking()
        if self._question.kind == "missing":
            return self._counting()
        same = self._question.kind == "pair"
        yes = _said("y", "yes", "both show the same" if same else "right as shown", Reply("yes"))
        no = _said("n", "no", "they show different things" if same else "not right", Reply("no"))
        return (yes, no, *self._renaming(), *self._fixing())

    def _renaming(self) -> Sequence[_Key]:
        shown = self._question.objects
        others = [] if shown is None else [c for c in self._question.choices if c != shown.names[0]]
        if not others or self._question.kind == "text":
            return ()
        if len(others) == 1:
            return (
                _said("w", f"wrong class: {others[0]}", f"it is of the class {others[0]}", Reply("class", others[0])),
            )
        text = "it is of another class, which the next key says"
        return (_Key("w", "wrong class", text, lambda _: _named(pick(self._stage, "Which class is it?", others))),)

    def _fixing(self) -> Sequence[_Key]:
        if self._question.kind != "object":
            return ()
        text = "the class is right, the box is not: choose another box or move its edges"
        return (_Key("f", "fix the box", text, lambda _: fix_box(self._stage, self._question, self._image)),)

    def _picking(self) -> Sequence[_Key]:
        choices = self._question.choices
        digits = "123456789"[: len(choices)]
        none = _said("n", "none of these", "none of these", Reply("no"))
        by_digit = _Key(digits, "", "the one of that number", lambda key: Reply("class", choices[int(key) - 1]))
        if len(choices) <= KEYED:
            return (by_digit, none)
        text = "type how another one begins"
        return (by_digit, _Key("t", "", text, lambda _: _named(type_choice(self._stage, choices))), none)

    def _counting(self) -> Sequence[_Key]:
        shown = self._question.objects
        classes = self._question.choices or (() if shown is None else shown.classes)
        none = _said("n0", "nothing missing", "nothing that was asked for is missing", Reply("missing"))
        count = _Key("m", "count them", "say how many are missing", lambda _: count_missing(self._stage, classes))
        if len(classes) != 1:
            return (none, count)
        text = f"so many of the class {classes[0]} are missing"
        so_many = _Key("123456789", "missing", text, lambda key: Reply("missing", missing={classes[0]: int(key)}))
        return (none, so_many, replace(count, short="more"))


def _said(keys: str, short: str, long: str, reply: Reply) -> _Key:
    return _Key(keys, short, long, lambda _: reply)


def _named(name: str | None) -> Reply | None:
    return None if name is None else Reply("class", name)


def _counted(names: Sequence[str]) -> str:
    return ", ".join(f"{names.count(n)} {n}" for n in dict.fromkeys(names))


def _spoken(reply: Reply) -> str:
    """An answer in words."""
    if reply.verdict == "missing":
        return (
            ", ".join(f"{n} {name}" for name, n in reply.missing.items()) + " missing"
            if reply.missing
            else "nothing missing"
        )
    box = "" if reply.xyxy is None else f"box {' '.join(f'{v:.1f}'.removesuffix('.0') for v in reply.xyxy)}"
    return {"class": reply.class_name, "fix": box, "skip": "cannot tell"}.get(reply.verdict, reply.verdict)
