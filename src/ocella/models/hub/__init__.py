"""Weights that are fetched: from the hub, from an address, from Universe; locked, carried, made room for."""
