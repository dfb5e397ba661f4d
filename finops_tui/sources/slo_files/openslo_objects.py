"""OpenSLO's objects by kind and name, from all files together."""

from __future__ import annotations

from finops_tui.sources.slo_files.values import Value, text_at

KINDS = ("SLO", "SLI", "DataSource", "Service", "AlertPolicy", "AlertCondition", "AlertNotificationTarget")


class Objects:
    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], Value] = {}

    def add(self, kind: str, document: Value) -> None:
        metadata = document.section("metadata", "the object's name")
        named = metadata.need("name", "the object's name") if metadata is not None else None
        name = named.name() if named is not None else None
        if named is None or name is None:
            return
        before = self._objects.setdefault((kind, name), document)
        if before is not document:
            named.wrong(f"the {kind} {name} already stands in {before.place}", "Give each its own name.")

    def of(self, kind: str) -> list[Value]:
        return [each for (of, _), each in self._objects.items() if of == kind]

    def named(self, kind: str, reference: Value) -> Value | None:
        """Return what a reference leads to, if it is among the files."""
        return self._objects.get((kind, text_at(reference)))

    def referred(self, kind: str, reference: Value) -> Value | None:
        """Return what a reference must lead to; a mistake where it does not."""
        name = reference.name()
        if name is None:
            return None
        found = self._objects.get((kind, name))
        if found is None:
            known = sorted(each for of, each in self._objects if of == kind)
            there = "Known are: " + ", ".join(known[:8]) + "." if known else f"There is no {kind} in the files."
            reference.wrong(f"no {kind} is called {name}", there)
        return found
