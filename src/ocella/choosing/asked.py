"""What was answered already, on disk after every answer; asking goes on from there after a stop or a crash."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

from ocella.choosing.question import Asker, Question, Reply
from ocella.errors import InvalidValue, OcellaError, Unreadable
from ocella.store.lock import exclusive
from ocella.types import Detections

__all__ = ["FILE", "Asked", "Recorded", "key_of", "recording"]

FILE = "replies.jsonl"


class Asked:
    """Replies of one asker by question, appended to a file: one line a reply or an undo. A line that a killed process left
    half-written is dropped. Made by `recording`.
    """

    def __init__(self, file: BinaryIO, by: str, replies: dict[str, Reply]) -> None:
        self._file, self.by, self._replies = file, by, replies

    def __len__(self) -> int:
        return len(self._replies)

    def get(self, question: Question) -> Reply | None:
        """The reply to that question, in this run or one before."""
        return self._replies.get(key_of(question))

    def add(self, question: Question, reply: Reply) -> None:
        """Keep a reply; it is on the disk when this returns. Raises OcellaError where the disk says no."""
        key = key_of(question)
        self._append({"unit": key, "by": self.by, "reply": reply.to_json()})
        self._replies[key] = reply

    def take_back(self, question: Question) -> None:
        """Forget the reply to that question, which is asked again."""
        key = key_of(question)
        self._append({"unit": key, "by": self.by, "undo": True})
        self._replies.pop(key, None)

    def _append(self, line: dict[str, Any]) -> None:
        text = json.dumps(line, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        try:
            self._file.write(text.encode("utf-8", "surrogateescape") + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise OcellaError(
                f"The answer was not kept in {self._file.name}: {error.strerror or error}. Make room, then run the same "
                "command again; the earlier answers are safe."
            ) from error


class Recorded:
    """An asker whose replies are kept: what was answered in a run before is not asked again."""

    def __init__(self, asker: Asker, asked: Asked) -> None:
        self.name = asker.name
        self._asker, self._asked = asker, asked
        self._given: list[Question] = []

    def __call__(self, question: Question, done: int, most: int) -> Reply | Literal["undo"] | None:
        """From the record, else from the asker; an undo takes the last reply of this run out of the record."""
        reply: Reply | Literal["undo"] | None = self._asked.get(question)
        if reply is None:
            reply = self._asker(question, done, most)
            if isinstance(reply, Reply):
                self._asked.add(question, reply)
        if reply == "undo" and not self._given:
            raise InvalidValue("There is no answer to take back.")
        if reply == "undo":
            self._asked.take_back(self._given.pop())
        elif reply is not None:
            self._given.append(question)
        return reply


@contextmanager
def recording(folder: Path, by: str) -> Iterator[Asked]:
    """The record in `folder`, of replies by the asker of that name alone, held against other processes (Busy). Raises
    Unreadable for a file that is no record.
    """
    with exclusive(folder):
        path = folder / FILE
        try:
            file = path.open("a+b")
        except OSError as error:
            raise OcellaError(f"{path} cannot be written: {error.strerror or error}. Check the folder.") from error
        with file:
            file.seek(0)
            content = file.read()
            whole = content.rfind(b"\n") + 1
            file.truncate(whole)
            yield Asked(file, by, _replayed(path, content[:whole], by))


def key_of(question: Question) -> str:
    """What is asked, the same over runs: kind, file, and what the answer depends on; not the place in the pool."""
    return " | ".join((question.kind, question.file, *_SUBJECTS.get(question.kind, _object_key)(question)))


def _object_key(question: Question) -> Sequence[str]:
    """Class and box in whole pixels; for points and outlines what is drawn, too."""
    shown = question.objects
    if shown is None or not len(shown):
        return ()
    row = shown[0]
    drawn = [part.to_json() for part in (row.masks, row.keypoints) if part is not None]
    return (*_things(row), *([_digest(drawn)] if drawn and question.kind != "object" else []))


def _missing_key(question: Question) -> Sequence[str]:
    known = [] if question.objects is None else sorted(_things(question.objects))
    return (", ".join(sorted(question.choices)), f"{len(known)} known {_digest(known)}")


def _choices_key(question: Question) -> Sequence[str]:
    return (", ".join(sorted(question.choices)), *_object_key(question))


def _text_key(question: Question) -> Sequence[str]:
    return (question.text, _digest(sorted(question.choices)), *_object_key(question))


def _pair_key(question: Question) -> Sequence[str]:
    return (question.other_file,)


_SUBJECTS = {"missing": _missing_key, "class": _choices_key, "text": _text_key, "pair": _pair_key}


def _things(shown: Detections) -> list[str]:
    boxes = shown.xyxy.round().astype(int).tolist()
    return [f"{name} {' '.join(map(str, box))}" for name, box in zip(shown.names, boxes, strict=True)]


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:12]


def _replayed(path: Path, content: bytes, by: str) -> dict[str, Reply]:
    replies: dict[str, Reply] = {}
    for number, line in enumerate(content.splitlines(), 1):
        try:
            data = json.loads(line.decode("utf-8", "surrogateescape"))
            key, whose = str(data["unit"]), data["by"]
            reply = None if data.get("undo") else Reply.from_json(data["reply"])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unreadable(
                f"Line {number} of {path} is no answer: {error}. Remove that line, or the file to ask all again."
            ) from error
        if whose == by:
            replies.pop(key, None)
            replies |= {} if reply is None else {key: reply}
    return replies
