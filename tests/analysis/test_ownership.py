from __future__ import annotations

from finops_tui.analysis.ownership import Owners, OwnershipRules, display_name
from finops_tui.model.inventory import Namespace
from tests.engine.fleets import workload

RULES = OwnershipRules()
OWNERS = Owners(RULES)


def test_the_first_key_wins_whatever_the_order_of_labels() -> None:
    labels = {"squad": "last", "owner": "second", "team": "first"}
    for order in (labels, dict(reversed(labels.items()))):
        assert OWNERS.of(workload("a", labels=order), None).team == "first"


def test_a_namespace_owns_what_its_workloads_leave_open() -> None:
    namespace = Namespace(cluster="prod", name="ml", labels={"team": "nlp", "env": "prod", "model": "bert"})
    owner = OWNERS.of(workload("a", labels={"model": "llama"}), namespace)
    assert owner == ("nlp", "llama", (("environment", "prod"),))
    assert OWNERS.of(workload("a", labels={"owner": "own"}), namespace).team == "own"


def test_empty_labels_name_nobody() -> None:
    assert OWNERS.of(workload("a", labels={"team": "", "owner": "mei"}), None).team == "mei"
    assert OWNERS.of(workload("a", labels={}), None) == ("", "", ())


def test_further_facts_keep_the_order_of_the_rules() -> None:
    labels = {"model-version": "7", "cost-center": "12", "env": "dev", "unrelated": "x"}
    owner = OWNERS.of(workload("a", labels=labels), None)
    assert owner.labels == (("environment", "dev"), ("cost_centre", "12"), ("model_version", "7"))


def test_keys_are_all_that_a_source_need_keep() -> None:
    keys = RULES.keys()
    assert {"team", "model", "env", "cost-centre"} <= keys
    assert set(OWNERS.facts(dict.fromkeys(keys, "x"))) == {"team", "model", *(name for name, _ in RULES.extra)}


def test_names_as_kubectl_users_know_them() -> None:
    assert display_name(workload("a", kind="Deployment")) == "ml/deploy/a"
    assert display_name(workload("a", kind="StatefulSet")) == "ml/sts/a"
    assert display_name(workload("a", kind="PyTorchJob")) == "ml/pytorchjob/a"
