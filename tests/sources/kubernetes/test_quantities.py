from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_tui.sources.kubernetes.objects import Container, PodSpec, Resources
from finops_tui.sources.kubernetes.quantities import (
    GpuScale,
    Requests,
    gpu_model,
    gpu_replicas,
    gpu_scale,
    physical_gpus,
    pod_requests,
    quantity,
    requested,
    slices,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("100m", 0.1),
        ("2", 2.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("2Gi", 2**31),
        ("2G", 2e9),
        ("1e3", 1000.0),
        ("1E3", 1000.0),
        ("1E", 1e18),
        ("128974848", 128974848.0),
        ("250000n", 0.00025),
        (3, 3.0),
        ("", 0.0),
        ("many", 0.0),
        ("1e999", 0.0),
        ("\uff11", 0.0),
    ],
)
def test_quantities_read_as_kubernetes_writes_them(written: str | int, meant: float) -> None:
    assert quantity(written) == pytest.approx(meant)


@given(st.integers(0, 10**15), st.sampled_from(["m", "", "k", "Ki", "Mi", "Gi"]))
def test_a_larger_number_with_the_same_suffix_is_a_larger_quantity(number: int, suffix: str) -> None:
    assert quantity(f"{number + 1}{suffix}") > quantity(f"{number}{suffix}") >= 0


def container(cpu: str, *, gpus: str = "", restart: str = "") -> Container:
    requests: dict[str, str | int | float] = {"cpu": cpu}
    if gpus:
        requests["nvidia.com/gpu"] = gpus
    return Container(resources=Resources(requests=requests), restart_policy=restart)


def test_init_containers_count_when_they_need_more_than_the_rest() -> None:
    spec = PodSpec(containers=[container("1"), container("2")], init_containers=[container("5"), container("4")])
    assert pod_requests(spec).cpu_cores == 5


def test_sidecars_run_beside_containers_and_beside_later_init_containers() -> None:
    sidecar, late = container("1", restart="Always"), container("4")
    assert pod_requests(PodSpec(containers=[container("2")], init_containers=[sidecar, late])).cpu_cores == 5
    assert pod_requests(PodSpec(containers=[container("2")], init_containers=[late, sidecar])).cpu_cores == 4
    assert pod_requests(PodSpec(containers=[container("4")], init_containers=[sidecar])).cpu_cores == 5


def test_each_resource_has_its_own_dearest_moment() -> None:
    spec = PodSpec(containers=[container("1", gpus="8")], init_containers=[container("6")])
    assert pod_requests(spec)[::2] == (6, 8)


def test_overhead_comes_on_top_and_pod_level_resources_win() -> None:
    spec = PodSpec(
        containers=[container("1", gpus="1")],
        overhead={"cpu": "250m"},
        resources=Resources(requests={"cpu": "8", "memory": "1Gi"}),
    )
    assert pod_requests(spec) == Requests(8.25, 2**30, 1, 0)


def test_limits_stand_in_for_requests_that_are_not_there() -> None:
    spec = PodSpec(containers=[Container(resources=Resources(limits={"nvidia.com/gpu": "2"})), Container()])
    assert pod_requests(spec).gpu_units == 2


cores = st.integers(0, 64).map(str)
containers = st.lists(st.builds(container, cores, restart=st.sampled_from(["", "Always"])), max_size=5)


@given(containers, containers)
def test_a_pod_never_asks_for_less_than_its_containers_or_any_init_container(
    main: list[Container], init: list[Container]
) -> None:
    def cpu(some: list[Container]) -> list[float]:
        return [pod_requests(PodSpec(containers=[each])).cpu_cores for each in some]

    asked = pod_requests(PodSpec(containers=main, init_containers=init)).cpu_cores
    assert asked >= max(sum(cpu(main)), max(cpu(init), default=0.0))
    assert asked <= sum(cpu(main)) + sum(cpu(init))


def test_every_vendor_counts() -> None:
    everything: dict[str, str | int | float] = {
        "amd.com/gpu": "1",
        "google.com/tpu": "4",
        "habana.ai/gaudi": "8",
        "gpu.intel.com/i915": "2",
        "nvidia.com/gpu.shared": "1",
        "nvidia.com/mig-3g.20gb": "2",
        "example.com/gpu": "9",
    }
    assert requested(everything)[2:] == (16, 6)


@pytest.mark.parametrize(
    ("profile", "taken"), [("1g.5gb", 1), ("3g.20gb", 3), ("1c.3g.20gb", 1), ("7g.80gb.me", 7), ("x", 0)]
)
def test_mig_profiles(profile: str, taken: int) -> None:
    assert slices(profile) == taken


def test_shared_gpus_are_worth_a_share() -> None:
    labels = {"nvidia.com/gpu.replicas": "4", "nvidia.com/gpu.product": "Tesla-T4-SHARED", "nvidia.com/gpu.count": "2"}
    assert gpu_scale(labels).gpus(Requests(gpu_units=2)) == 0.5
    assert physical_gpus({"nvidia.com/gpu": "8"}, labels) == 2
    assert gpu_model(labels) == "Tesla-T4"


def test_mig_slices_make_up_gpus() -> None:
    mixed = {"nvidia.com/mig.strategy": "mixed", "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3"}
    assert gpu_scale(mixed).gpus(Requests(mig_slices=7)) == 1.0
    assert physical_gpus({"nvidia.com/gpu": "4", "nvidia.com/mig-1g.10gb": "28"}, mixed) == 8


def test_where_all_gpus_are_cut_alike_one_gpu_is_a_slice() -> None:
    single = {
        "nvidia.com/mig.strategy": "single",
        "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb",
        "nvidia.com/gpu.count": "56",
    }
    assert physical_gpus({"nvidia.com/gpu": "56"}, single) == 8
    assert gpu_scale(single).gpus(Requests(gpu_units=7)) == pytest.approx(1.0)
    assert gpu_model(single) == "NVIDIA-A100-SXM4-40GB"


def test_small_gpus_have_four_slices() -> None:
    assert gpu_scale({"nvidia.com/gpu.product": "NVIDIA-A30"}) == GpuScale(1.0, 4)


def test_a_node_whose_driver_is_not_up_yet_still_has_its_gpus() -> None:
    assert physical_gpus({}, {"karpenter.k8s.aws/instance-gpu-count": "8"}) == 8
    assert physical_gpus(None, {}) == 0


@pytest.mark.parametrize("written", ["9" * 40, "10000", "-1", "8x", ""])
def test_a_label_that_counts_what_no_node_has_is_not_believed(written: str) -> None:
    labels = {"nvidia.com/gpu.count": written, "nvidia.com/gpu.replicas": written}
    assert physical_gpus({"nvidia.com/gpu": "8"}, labels) == 8
    assert gpu_replicas(labels) == 1
