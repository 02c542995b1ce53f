"""Contestant: ONNX Runtime alone, on an input that is ready. Two sessions: as it comes, and as Ocella sets it up."""

import sys

import numpy as np
import onnxruntime
from loop import serve


def main() -> None:
    file, _, batch, threads = sys.argv[1:5]
    plain, calm = onnxruntime.SessionOptions(), onnxruntime.SessionOptions()
    for options in (plain, calm):
        options.intra_op_num_threads = int(threads)
    calm.add_session_config_entry("session.intra_op.allow_spinning", "0")
    pixels = np.random.default_rng(0).random((int(batch), 3, 640, 640), np.float32)

    def way(options: onnxruntime.SessionOptions):
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        return lambda: session.run(None, {"images": pixels})

    serve({"spinning": way(plain), "not spinning": way(calm)}, {"version": onnxruntime.__version__})


if __name__ == "__main__":
    main()
