"""Attributes that are worked out when somebody first asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Value = TypeVar("Value")


class cached_property(Generic[Value]):  # noqa: N801 it stands in for the one of functools
    """A method that is called once for each object; what it returned is kept there as an attribute of its name.

    Before Python 3.12, `functools.cached_property` holds one lock for all objects of a class: threads wait for each
    other, and a process that is forked meanwhile waits for ever. Without a lock two threads that ask at once work it
    out twice, which does no harm.

    >>> class Ship:
    ...     @cached_property
    ...     def bells(self) -> int:
    ...         print("counting")
    ...         return 8
    >>> ship = Ship()
    >>> ship.bells, ship.bells
    counting
    (8, 8)
    """

    def __init__(self, work: Callable[[Any], Value]) -> None:
        self._work = work
        self._name = ""
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, holder: None, owner: type) -> Self: ...
    @overload
    def __get__(self, holder: object, owner: type) -> Value: ...
    def __get__(self, holder: object | None, owner: type) -> Self | Value:
        if holder is None:
            return self
        value = self._work(holder)
        vars(holder)[self._name] = value
        return value
