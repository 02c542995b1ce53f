import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.media.sources.counted import MotionJpegCamera, numbered, write_clip
from tests.media.sources.rtsp_camera import RtspCamera
from tests.workflows.video.streaming import Camera, add_up, settled, workflow

from ocella.errors import InvalidValue, NotFound, OcellaError
from ocella.media.sources.given import Given
from ocella.media.sources.source import Lost
from ocella.types import Image
from ocella.workflows.compile import compile_workflow
from ocella.workflows.stream import Stream
from ocella.workflows.video.feed import Feed, Retry
from ocella.workflows.video.frame_result import FrameResult

UNEVEN = [0.0, 0.033, 0.1, 0.5, 0.51, 1.7, 1.75]
QUICK = Retry(attempts=5, first=0.02, longest=0.05)


def gone() -> list[Image]:
    raise Lost("the cable is out")


def images(count: int) -> list[Image]:
    return [Image(numbered(i)) for i in range(count)]


def soon(condition: Any, seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.005)


def test_a_file_is_run_whole_in_order_at_its_own_times(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", UNEVEN)
    got: list[FrameResult] = []
    with Stream(workflow(), path, sinks=[got.append]) as stream:
        status = stream.start().join()
    assert [r.outputs["number"] for r in got] == list(range(7))
    assert [r.outputs["count"] for r in got] == list(range(1, 8))
    assert [r.moment.seconds for r in got] == pytest.approx(UNEVEN, abs=1e-4)
    assert [r.outputs["seconds"] for r in got] == [r.moment.seconds for r in got]
    assert (status.state, status.problems, status.sources[0].state) == ("ended", [], "ended")
    assert (status.sources[0].counts.read, status.sources[0].counts.processed, status.sinks[0].written) == (7, 7, 7)
    assert settled(status)
    status.raise_for_problems()


def test_iteration_gives_every_result_and_ends(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.mp4", [i / 10 for i in range(30)])
    stream = Stream(workflow(), str(path))
    assert [r.outputs["number"] for r in stream] == list(range(30))
    assert stream.join().state == "ended"


def test_leaving_the_iteration_stops_with_the_context() -> None:
    with Stream(workflow(), Given(lambda: iter(images(1000)))) as stream:
        for result in stream:
            if result.outputs["number"] == 3:
                break
    status = stream.status()
    assert status.state == "stopped"
    assert status.sources[0].counts.read < 50
    assert settled(status)


def test_several_sources_run_together_and_keep_their_own_state(tmp_path: Path) -> None:
    long, short = (write_clip(tmp_path / f"{n}.mp4", [i / 10 for i in range(n)]) for n in (20, 5))
    results = list(Stream(workflow(seconds=0.003), [long, short, long]))
    by_source = {name: [r.outputs for r in results if r.source == name] for name in Counter(r.source for r in results)}
    assert set(by_source) == {str(long), str(short), f"{long}#2"}
    for name, count in ((str(long), 20), (str(short), 5), (f"{long}#2", 20)):
        assert [o["number"] for o in by_source[name]] == list(range(count))
        assert [o["count"] for o in by_source[name]] == list(range(1, count + 1))
    assert max(r.outputs["size"] for r in results) == 3


def test_every_file_that_waits_is_run_whole_however_slow_the_workflow() -> None:
    stream = Stream(workflow(seconds=0.01), Given(lambda: iter(images(20))), buffer=1)
    assert [r.outputs["number"] for r in stream] == list(range(20))


@pytest.mark.parametrize("full", ["drop-oldest", "drop-newest"])
def test_what_a_full_buffer_drops_is_counted(full: Any) -> None:
    camera = Camera("fast", 200, last=99)
    got: list[int] = []
    with Stream(
        workflow(seconds=0.02), Feed(camera, full=full, buffer=3), sinks=[lambda r: got.append(r.outputs["number"])]
    ) as stream:
        stream.start()
        soon(lambda: stream.status().sources[0].counts.read == 100)
        soon(lambda: stream.status().sources[0].counts.waiting == 0)
        counts = stream.status().sources[0].counts
    assert add_up(counts)
    assert counts.overflow == counts.dropped == 100 - counts.processed
    assert 10 < counts.processed < 60
    assert len(got) == counts.processed
    assert got == sorted(got)
    assert (got[-3:] == [97, 98, 99]) == (full == "drop-oldest")


def test_counts_add_up_whenever_they_are_asked_for() -> None:
    cameras = [Camera(f"c{i}", 300, broken=frozenset(range(0, 9000, 7))) for i in range(2)]
    feeds = [Feed(cameras[0], max_fps=90), Feed(cameras[1], full="drop-newest")]
    with Stream(workflow(seconds=0.002), feeds) as stream:
        stream.start()
        seen = []
        for step in range(60):
            seen.append(stream.status())
            (stream.pause if step == 20 else stream.resume if step == 30 else lambda: None)()
            time.sleep(0.005)
        seen.append(stream.stop())
    assert all(add_up(s.counts) for status in seen for s in status.sources)
    assert settled(seen[-1])
    first, second = (s.counts for s in seen[-1].sources)
    assert min(first.failed, first.paused, first.over_rate, second.failed, second.paused, second.processed) > 0
    assert [s.counts for s in stream.status().sources] == [first, second]


def test_a_broken_frame_counts_and_the_stream_goes_on() -> None:
    with MotionJpegCamera(100, broken=frozenset({2, 5}), last=9) as camera:
        got: list[int] = []
        with Stream(workflow(), camera.url, full="wait", sinks=[lambda r: got.append(r.outputs["number"])]) as stream:
            stream.start()
            soon(lambda: stream.status().sources[0].counts.processed == 8)
    counts = stream.status().sources[0].counts
    assert (counts.read, counts.processed, counts.failed) == (10, 8, 2)
    assert got == [0, 1, 3, 4, 6, 7, 8, 9]
    assert "2 of 10 frames failed" in stream.status().problems[0]


def test_a_step_that_fails_on_one_frame_does_not_end_the_stream() -> None:
    stream = Stream(workflow(fails_on=4), Given(lambda: iter(images(10))))
    results = list(stream)
    assert [r.outputs["number"] for r in results] == [None, 1, 2, 3, None, 5, 6, 7, None, 9]
    assert [len(r.failures) for r in results] == [1, 0, 0, 0, 1, 0, 0, 0, 1, 0]
    status = stream.join()
    assert (status.sources[0].counts.processed, status.sources[0].counts.with_failures) == (10, 3)
    assert "a step failed on 3 frames" in status.problems[0]
    assert "does not like 8" in status.problems[0]
    with pytest.raises(OcellaError, match="does not like 8"):
        status.raise_for_problems()


def test_with_on_error_fail_it_ends_and_says_why() -> None:
    stream = Stream(workflow(fails_on=4), Given(lambda: iter(images(10)[1:])), on_error="fail")
    assert [r.outputs["number"] for r in stream] == [1, 2, 3]
    status = stream.join()
    assert status.state == "failed"
    assert "does not like 4" in status.error
    assert settled(status)


def test_a_cut_file_is_run_as_far_as_it_goes_and_fails_in_the_report(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mkv", [i / 20 for i in range(200)]).read_bytes()
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole[: len(whole) // 2])
    stream = Stream(workflow(), [cut, Given(lambda: iter(images(5)))])
    results = [r for r in stream if r.source == str(cut)]
    status = stream.join()
    assert [r.outputs["number"] for r in results] == list(range(len(results)))
    assert len(results) == status.sources[0].counts.processed > 50
    assert (status.state, status.sources[0].state, status.sources[1].state) == ("ended", "failed", "ended")
    assert "cut off" in status.problems[0]


def test_max_fps_counts_in_the_time_of_the_source() -> None:
    source = Given(lambda: iter(images(100)), fps=50)
    stream = Stream(workflow(), source, max_fps=10)
    assert [r.outputs["number"] for r in stream] == list(range(0, 100, 5))
    counts = stream.join().sources[0].counts
    assert (counts.read, counts.processed, counts.over_rate) == (100, 20, 80)


def test_reconnects_of_motion_jpeg_lose_no_count() -> None:
    with MotionJpegCamera(100, hang_up=frozenset({20, 50}), stall={35: 0.1}, last=80, timestamps=True) as camera:
        results: list[FrameResult] = []
        with Stream(workflow(), camera.url, sinks=[results.append], full="wait", retry=QUICK) as stream:
            stream.start()
            soon(lambda: len(results) == 81)
        status = stream.status()
    assert [r.outputs["number"] for r in results] == list(range(81))
    source = status.sources[0]
    assert (source.reconnects, source.counts.read, source.counts.processed) == (2, 81, 81)
    assert settled(status)
    times = [r.moment.seconds for r in results]
    for first, last in ((0, 20), (21, 50), (51, 80)):
        want = [(i - first) / 100 for i in range(first, last + 1)]
        assert [t - times[first] for t in times[first : last + 1]] == pytest.approx(want, abs=1e-3)


def test_rtsp_with_two_reconnects_and_a_slow_camera_beside_it() -> None:
    with RtspCamera(50, hang_up=frozenset({20, 40}), last=60) as camera:
        slow = Camera("slow", 4)
        results: list[FrameResult] = []
        feeds = [Feed(camera.url, full="wait", retry=QUICK), slow]
        with Stream(workflow(), feeds, sinks=[results.append]) as stream:
            stream.start()
            soon(lambda: stream.status().sources[0].counts.processed >= 60)
        status = stream.status()
    mine = [r.outputs["number"] for r in results if r.source == camera.url]
    assert mine == list(range(len(mine)))
    assert len(mine) >= 60
    assert status.sources[0].reconnects == 2
    assert settled(status)


@pytest.mark.parametrize("other", ["slow", "dead"])
def test_a_source_keeps_its_rate_beside_a_slow_or_dead_one(other: str) -> None:
    with (
        MotionJpegCamera(40) as good,
        MotionJpegCamera(3, last=None if other == "slow" else 1) as bad,
        Stream(workflow(), [good.url, bad.url]) as stream,
    ):
        stream.start()
        soon(lambda: stream.status().sources[1].counts.read > 1)
        before, began = stream.status().sources[0].counts.processed, time.monotonic()
        time.sleep(1.5)
        after, ended = stream.status().sources[0].counts.processed, time.monotonic()
        status = stream.status()
    assert (after - before) / (ended - began) == pytest.approx(40, rel=0.05)
    assert status.sources[0].counts.dropped == 0
    assert status.sources[0].latency_median < 0.03
    assert status.sources[0].read_fps == pytest.approx(40, rel=0.05)


def test_a_live_source_that_does_not_come_back_fails_alone() -> None:
    lost = Given(gone, name="gone", is_live=True)
    stream = Stream(workflow(), [lost, Given(lambda: iter(images(3)))], retry=Retry(attempts=2, first=0.01))
    assert len(list(stream)) == 3
    status = stream.join()
    assert [s.state for s in status.sources] == ["failed", "ended"]
    assert status.problems == ["gone failed: the cable is out"]


def test_a_wrong_password_is_not_tried_again() -> None:
    with MotionJpegCamera(50, login="Basic no") as camera:
        stream = Stream(workflow(), camera.url, retry=Retry(attempts=None, first=10))
        assert list(stream) == []
    assert "password" in stream.join().problems[0]


@pytest.mark.parametrize(
    ("retry", "waits"),
    [
        (Retry(first=0.5, factor=2, longest=3), [0.5, 1, 2, 3, 3]),
        (Retry(first=0, factor=2, longest=3), [0, 0]),
        (Retry(first=1, factor=1, longest=1), [1, 1]),
    ],
)
def test_waits_grow_up_to_the_longest(retry: Retry, waits: list[float]) -> None:
    assert [retry.delay(i + 1) for i in range(len(waits))] == waits
    assert retry.delay(100_000) == waits[-1]


def test_pause_and_resume_of_a_file_lose_nothing() -> None:
    got: list[int] = []
    with Stream(
        workflow(seconds=0.003), Given(lambda: iter(images(60))), sinks=[lambda r: got.append(r.outputs["number"])]
    ) as stream:
        stream.start()
        soon(lambda: len(got) > 5)
        stream.pause()
        assert stream.status().state == "paused"
        time.sleep(0.05)
        held = len(got)
        time.sleep(0.1)
        assert len(got) == held < 60
        stream.resume()
        assert stream.join().state == "ended"
    assert got == list(range(60))


def test_pause_of_a_live_source_shows_nothing_old_afterwards() -> None:
    camera = Camera("live", 100)
    got: list[FrameResult] = []
    with Stream(workflow(), camera, sinks=[got.append]) as stream:
        stream.start()
        soon(lambda: len(got) > 5)
        stream.pause()
        time.sleep(0.3)
        held, sent = len(got), camera.sent
        stream.resume()
        soon(lambda: len(got) > held)
    assert got[held].outputs["number"] >= sent - 1
    assert stream.status().sources[0].counts.paused > 15
    assert settled(stream.status())


@pytest.mark.parametrize("where", ["reading", "running", "paused", "reconnecting"])
def test_stop_is_at_once(where: str) -> None:
    source: Any = {
        "reading": Camera("hangs", 100, last=2),
        "running": Given(lambda: iter(images(500))),
        "paused": Given(lambda: iter(images(500))),
        "reconnecting": Given(gone, is_live=True),
    }[where]
    stream = Stream(workflow(seconds=0.002), source, retry=Retry(first=60, longest=60)).start()
    time.sleep(0.1)
    if where == "paused":
        stream.pause()
    began = time.monotonic()
    status = stream.stop()
    assert time.monotonic() - began < 1.3
    assert status.state == "stopped"
    assert settled(status)
    if where == "reading":
        source.hung.set()
    assert stream.stop() == status


def test_a_sink_may_stop_its_stream() -> None:
    got: list[FrameResult] = []

    def sink(result: FrameResult) -> None:
        got.append(result)
        if len(got) == 5:
            stream.stop()

    stream = Stream(workflow(), Given(lambda: iter(images(1000))), sinks=[sink])
    stream.start()
    soon(lambda: stream.status().state == "stopped")
    assert settled(stream.status())


def test_a_slow_sink_holds_back_a_file_and_memory_stays_bounded() -> None:
    alive: set[int] = set()
    most = 0

    def make() -> Any:
        import weakref

        nonlocal most
        for i in range(120):
            image = Image(numbered(i))
            alive.add(i)
            weakref.finalize(image.pixels, alive.discard, i)
            most = max(most, len(alive))
            yield image

    stream = Stream(workflow(), Given(make), buffer=4, sinks=[lambda _: time.sleep(0.002)])
    status = stream.start().join()
    assert status.sinks[0].written == 120
    assert most <= 4 + 16 + 6


def test_a_sink_that_raises_is_told_and_the_stream_goes_on() -> None:
    def sink(result: FrameResult) -> None:
        if result.outputs["number"] % 2:
            raise OSError("disk full at http://u:secret@host")

    status = Stream(workflow(), Given(lambda: iter(images(6))), sinks=[sink]).start().join()
    assert (status.sinks[0].given, status.sinks[0].written, status.sinks[0].failed) == (6, 3, 3)
    assert status.problems == ["sink: 3 of 6 results were not written: OSError: disk full at http://***@host"]


def test_parameters_reach_the_workflow_and_one_value_stands_for_all_frames() -> None:
    definition = {
        "inputs": [
            {"type": "WorkflowImage", "name": "picture"},
            {"type": "WorkflowParameter", "name": "word"},
            {"type": "WorkflowParameter", "name": "size", "default_value": 3},
        ],
        "steps": [],
        "outputs": [
            {"type": "JsonField", "name": "word", "selector": "$inputs.word"},
            {"type": "JsonField", "name": "size", "selector": "$inputs.size"},
        ],
    }
    two = [Given(lambda: iter(images(3)), name=n) for n in "ab"]
    stream = Stream(compile_workflow(definition), two, parameters={"word": "hello"})
    assert [dict(r.outputs) for r in stream] == [{"word": "hello", "size": 3}] * 6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parameters": {"imag": 1}}, "no input 'imag'. Did you mean"),
        ({"parameters": {"image": 1}}, "takes the frames"),
        ({"image_input": "pictur"}, "image_input"),
        ({"window": 2.0}, "window"),
        ({"full": "forget"}, "drop-oldest"),
        ({"buffer": 0}, "buffer"),
        ({"max_fps": 0}, "max_fps"),
        ({"sinks": [3]}, "sink"),
        ({"on_error": "ignore"}, "on_error"),
        ({"sources": []}, "at least one source"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    sources = options.pop("sources", Given([]))
    with pytest.raises(InvalidValue, match=message):
        Stream(workflow(), sources, **options).start()


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([], "no image input"),
        ([("WorkflowImage", "a"), ("WorkflowImage", "b")], "Name one with image_input: a, b"),
        ([("WorkflowImage", "a"), ("WorkflowParameter", "word")], "'word' is missing"),
    ],
)
def test_the_image_input_is_found_or_asked_for(inputs: list[tuple[str, str]], message: str) -> None:
    definition = {
        "inputs": [{"type": kind, "name": name} for kind, name in inputs],
        "steps": [],
        "outputs": [],
    }
    with pytest.raises(InvalidValue, match=message):
        Stream(compile_workflow(definition), Given([]))


def test_a_missing_file_is_refused_before_anything_starts() -> None:
    with pytest.raises(NotFound, match="nowhere"):
        Stream(workflow(), "nowhere.mp4")


def test_a_source_is_read_once() -> None:
    source = Given([])
    with pytest.raises(InvalidValue, match="once"):
        Stream(workflow(), [source, source])


def test_a_stream_starts_once_and_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    stream = Stream(workflow(), [Given(lambda: iter(images(3))), Camera("c", 100)], sinks=[lambda _: None])
    with pytest.raises(InvalidValue, match="not started"):
        stream.join()
    with stream.start():
        with pytest.raises(InvalidValue, match="starts once"):
            stream.start()
        soon(lambda: stream.status().sources[0].state == "ended")
    soon(lambda: threading.active_count() == before)


def test_the_status_is_json() -> None:
    import json

    stream = Stream(workflow(), Given(lambda: iter(images(3))), sinks=[lambda _: None])
    stream.start().join()
    data = json.loads(json.dumps(stream.status().to_json()))
    assert data["sources"][0]["counts"]["read"] == 3
    assert data["sources"][0]["counts"]["dropped"] == 0
    assert data["state"] == "ended"
