"""The pool of loaded models, under many threads."""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.checkpoints.grounding_dino import make
from tests.checkpoints.parts import picture

from ocella.errors import Busy, NoRoom, NotFound, OcellaError
from ocella.models.card import ModelCard
from ocella.models.footprint import bytes_of_card, bytes_to_load
from ocella.models.load import find_entry, load
from ocella.models.pool import Pool
from ocella.models.starter import starter_file
from ocella.models.tasks import Model
from ocella.types import Ontology

MB = 1_000_000
SIZES = {"a": 40 * MB, "b": 50 * MB, "c": 60 * MB, "d": 70 * MB, "large": 200 * MB}


class Small(Model):
    """A model that only has a name."""

    def __init__(self, name: str) -> None:
        self._card = ModelCard(name, "detect", "", "", "", "", True, 0, 0, (0, 0))


class Loader:
    """Loads small models, slowly where asked, and knows which are alive."""

    def __init__(self, **seconds: float) -> None:
        self.seconds = seconds
        self.loads: list[str] = []
        self.alive: list[weakref.ref[Model]] = []
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, name: str, **options: Any) -> Model:
        del options
        self.loads.append(name)
        if name == "held":
            self.begun.set()
            assert self.go_on.wait(20)
        time.sleep(self.seconds.get(name, 0))
        if name == "broken":
            raise NotFound("There is no model 'broken'.")
        model = Small(name)
        self.alive.append(weakref.ref(model))
        return model

    def names(self) -> list[str]:
        return sorted(m.card.name for ref in self.alive if (m := ref()) is not None)


def pool_of(loader: Callable[..., Model], limit: int = 100 * MB, **changes: Any) -> Pool:
    return Pool(limit, loader=loader, weigh=lambda name, **_: SIZES.get(name, MB), **changes)


def use(pool: Pool, *names: str) -> None:
    for name in names:
        with pool.lease(name) as model:
            assert model.card.name == name


def test_a_model_is_loaded_once_and_kept() -> None:
    loader = Loader()
    pool = pool_of(loader)
    use(pool, "a", "b", "a", "b")
    assert loader.loads == ["a", "b"]
    assert pool.stats().to_json() == {
        "loads": 2, "evictions": 0, "idle_unloads": 0, "waits": 0, "refusals": 0, "bytes": 90 * MB, "loaded": ("a", "b"),
    }  # fmt: skip


def test_other_options_are_another_model() -> None:
    loader = Loader()
    pool = pool_of(loader)
    for threads in (1, 2, 1):
        with pool.lease("a", threads=threads):
            pass
    assert loader.loads == ["a", "a"]


def test_the_longest_unused_gives_way_and_no_more_than_must() -> None:
    loader = Loader()
    pool = pool_of(loader)
    use(pool, "a", "b", "a", "c")
    assert loader.names() == ["a", "c"]
    use(pool, "b")
    assert loader.names() == ["b"]
    assert (pool.stats().evictions, pool.stats().loaded, pool.stats().bytes) == (3, ("b",), 50 * MB)


def test_a_model_in_use_never_gives_way() -> None:
    loader = Loader()
    pool = pool_of(loader, wait_seconds=0.1)
    with pool.lease("a"):
        use(pool, "b")
        with pytest.raises(Busy, match=r"no room for 'd' within 0\.1 seconds: 'a' are in use") as caught:
            use(pool, "d")
        assert caught.value.exit_code == 9
        assert loader.names() == ["a", "b"]
        use(pool, "c")
        assert loader.names() == ["a", "c"]
    assert (pool.stats().refusals, pool.stats().waits) == (1, 1)


def test_a_model_larger_than_the_pool_is_refused_before_it_loads() -> None:
    loader = Loader()
    pool = pool_of(loader)
    use(pool, "a")
    with pytest.raises(NoRoom, match="'large' needs about 200 MB, but all models together may take 100 MB"):
        use(pool, "large")
    assert (loader.loads, loader.names()) == (["a"], ["a"])


def test_a_lease_waits_for_room() -> None:
    loader = Loader()
    pool = pool_of(loader)
    with ThreadPoolExecutor(1) as threads:
        with pool.lease("b"), pool.lease("a"):
            later = threads.submit(use, pool, "c")
            time.sleep(0.1)
            assert not later.done()
        later.result(timeout=5)
    assert pool.stats().waits == 1


def test_a_load_does_not_hold_up_another_model() -> None:
    loader = Loader()
    pool = pool_of(loader)
    use(pool, "a")
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(use, pool, "held")
        assert loader.begun.wait(5)
        use(pool, "a", "b")
        assert not slow.done()
        loader.go_on.set()
        slow.result(timeout=5)


def test_threads_that_ask_for_one_model_load_it_once() -> None:
    loader = Loader(a=0.1)
    pool = pool_of(loader)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: use(pool, "a"), range(8)))
    assert loader.loads == ["a"]


def test_a_load_that_fails_fails_for_all_who_wait_and_leaves_the_room_free() -> None:
    loader = Loader(broken=0.1)
    pool = pool_of(loader)

    def fails(_: int) -> type[Exception]:
        with pytest.raises(OcellaError) as caught:
            use(pool, "broken")
        return caught.type

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(fails, range(4))) == {NotFound}
    assert pool.stats().bytes == 0
    with pytest.raises(NotFound):
        use(pool, "broken")


def test_an_error_in_the_lease_gives_the_model_back() -> None:
    pool = pool_of(Loader(), wait_seconds=0.1)
    with pytest.raises(ZeroDivisionError), pool.lease("c"):
        raise ZeroDivisionError
    use(pool, "b")


def test_a_thread_may_lease_twice_while_another_waits_for_room() -> None:
    pool = pool_of(Loader(), patience_seconds=0.0)
    with ThreadPoolExecutor(1) as threads, ExitStack() as held:
        held.enter_context(pool.lease("c"))
        waiting = threads.submit(use, pool, "b")
        time.sleep(0.1)
        with pool.lease("c"):
            assert not waiting.done()
        held.close()
        waiting.result(timeout=5)


def test_who_waits_longer_than_the_patience_is_not_passed_by_for_ever() -> None:
    pool = pool_of(Loader(), patience_seconds=0.05, wait_seconds=5)
    stop = threading.Event()

    def keep_using() -> None:
        while not stop.is_set():
            with pool.lease("c"):
                time.sleep(0.01)

    with ThreadPoolExecutor(4) as threads:
        busy = [threads.submit(keep_using) for _ in range(3)]
        time.sleep(0.05)
        try:
            threads.submit(use, pool, "b").result(timeout=10)
        finally:
            stop.set()
        assert [b.result(timeout=5) for b in busy] == [None] * 3


def test_what_is_kept_of_a_lease_keeps_no_model() -> None:
    loader = Loader()
    pool = pool_of(loader)
    with pool.lease("c") as model:
        assert isinstance(model, Small)
    use(pool, "b")
    assert loader.names() == ["b"]
    with pytest.raises(ReferenceError):
        _ = model.card


def test_idle_models_are_unloaded() -> None:
    loader = Loader()
    pool = pool_of(loader, idle_seconds=0.1)
    with pool.lease("a"):
        use(pool, "b")
        until = time.monotonic() + 5
        while loader.names() != ["a"] and time.monotonic() < until:
            time.sleep(0.02)
        assert loader.names() == ["a"]
    assert pool.stats().idle_unloads == 1
    pool.close()
    assert loader.names() == []


def test_what_a_model_needs_is_known_before_it_loads(tmp_path: Path) -> None:
    card = find_entry("nanodet-g").card
    assert bytes_to_load("nanodet-g") == bytes_of_card(card) > card.megabytes * MB
    assert bytes_to_load("nanodet-g+person-segmentation") == sum(
        bytes_to_load(name) for name in ("nanodet-g", "person-segmentation")
    )
    file = starter_file("nanodet-g.onnx")
    assert bytes_to_load(file, task="detect") == int(file.stat().st_size * 1.25)
    make(tmp_path, "grounding-dino-tiny")
    weights = (tmp_path / "model.safetensors").stat().st_size
    assert bytes_to_load(tmp_path) == bytes_to_load("owlv2", weights=tmp_path) == int(weights * 1.25)
    with pytest.raises(NotFound, match="Did you mean 'nanodet-g'"):
        bytes_to_load("nanodet-h")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dino")
    make(folder, "grounding-dino-tiny")
    return folder


class Live:
    """The real loader, and the most bytes that were alive at one time by its own books."""

    def __init__(self) -> None:
        self.now, self.most, self.lock = 0, 0, threading.Lock()

    def __call__(self, name: str | Path, **options: Any) -> Model:
        size = bytes_to_load(name, **options)
        model = load(name, **options)
        with self.lock:
            self.now += size
            self.most = max(self.most, self.now)
        weakref.finalize(model, self.gone, size)
        return model

    def gone(self, size: int) -> None:
        with self.lock:
            self.now -= size


def stress(checkpoint: Path, seconds: float) -> tuple[Pool, Live, list[int]]:
    """Eight threads, an ONNX and a torch model that do not fit together: every answer is what it is alone."""
    models: list[tuple[str | Path, Ontology | None]] = [("nanodet-g", None), (checkpoint, Ontology.of("cat"))]
    options: dict[str, Any] = {"device": "cpu", "threads": 1}
    image = picture(40, 60)
    sizes = [bytes_to_load(name) for name, _ in models]
    alone: list[Any] = [load(name, **options).predict([image], words)[0] for name, words in models]  # type: ignore[attr-defined]  # both are detectors
    live = Live()
    pool = Pool(sum(sizes) - 1, loader=live, patience_seconds=0.1)
    until = time.monotonic() + seconds

    def work(seed: int) -> int:
        rng, done = np.random.default_rng(seed), 0
        while time.monotonic() < until:
            chosen = int(rng.integers(2))
            name, words = models[chosen]
            with pool.lease(name, **options) as model:
                found: Any = model.predict([image], words)[0]  # type: ignore[attr-defined]  # both are detectors
            np.testing.assert_allclose(found.xyxy, alone[chosen].xyxy, atol=1e-3)
            done += 1
        return done

    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(work, range(8)))
    return pool, live, done


@pytest.fixture
def no_garbage() -> Iterator[None]:
    gc.collect()
    yield
    gc.collect()


@pytest.mark.usefixtures("no_garbage")
def test_eight_threads_and_two_models_that_do_not_fit_together(checkpoint: Path) -> None:
    pool, live, done = stress(checkpoint, 3)
    stats = pool.stats()
    assert min(done) >= 1
    assert stats.evictions >= 2
    assert stats.loads == stats.evictions + len(stats.loaded)
    assert stats.refusals == 0
    assert live.most <= pool.limit_bytes
    pool.close()
    assert (live.now, pool.stats().bytes, pool.stats().loaded) == (0, 0, ())


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


@pytest.mark.long
@pytest.mark.usefixtures("no_garbage")
def test_a_minute_of_it_leaves_no_memory_behind(checkpoint: Path) -> None:
    """What is resident after a close swings by a few percent both ways, so a mean is compared with a mean."""
    after: list[int] = []
    evictions = 0
    for seconds in (10, 10, 10, 20, 20, 20):
        pool, live, _ = stress(checkpoint, seconds)
        pool.close()
        evictions += pool.stats().evictions
        assert live.now == 0
        assert live.most <= pool.limit_bytes
        del pool
        gc.collect()
        after.append(resident())
    assert evictions > 40
    assert np.mean(after[3:]) <= np.mean(after[:3]) * 1.05, after
