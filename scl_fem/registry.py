"""Registries: a new law, mesh or study is a new small file and one decorated name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scl_fem.errors import unknown_name


class Registry[T]:
    """Named implementations of one kind of thing.

    >>> laws = Registry("law")
    >>> @laws.register("linear")
    ... def linear(x):
    ...     return x
    >>> laws["linear"](2)
    2
    """

    def __init__(self, kind: str) -> None:
        """Start empty.

        Args:
            kind: what is registered, for messages ("diffusivity law").
        """
        self.kind = kind
        self._entries: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """Decorator that enters a class or function under `name`."""

        def enter(entry: T) -> T:
            self._entries[name] = entry
            return entry

        return enter

    def __getitem__(self, name: str) -> T:
        """The entry called `name`.

        Raises:
            InputError: there is none; names the nearest.
        """
        try:
            return self._entries[name]
        except KeyError:
            raise unknown_name(self.kind, name, self._entries) from None

    def __iter__(self) -> Iterator[str]:
        """The names, in order of registration."""
        return iter(self._entries)
