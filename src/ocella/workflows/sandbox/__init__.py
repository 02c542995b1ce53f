"""The room where Python code of a definition runs: a process of its own that may compute and nothing else."""
