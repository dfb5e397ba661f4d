"""Namespaces, of which the labels matter: they own what their workloads leave unlabelled."""

from __future__ import annotations

import msgspec

from finops_tui.sources.clean import one_line
from finops_tui.sources.kubernetes.labels import kept_labels
from finops_tui.sources.kubernetes.objects import Anything, Labels

_DECODER = msgspec.json.Decoder(Anything)


class NamespaceFacts(msgspec.Struct, frozen=True):
    uid: str
    name: str
    labels: Labels


def read_namespace(item: msgspec.Raw) -> NamespaceFacts:
    metadata = _DECODER.decode(item).metadata
    return NamespaceFacts(one_line(metadata.uid), one_line(metadata.name), kept_labels(metadata.labels))
