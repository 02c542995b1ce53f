"""One file for each way in which detectors arrange their outputs."""
