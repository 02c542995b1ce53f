"""Files for ONNX Runtime and OpenVINO: read, prepared for, run, and their heads decoded."""
