"""Every request that is ever sent to AWS, with what IAM must allow for it and what it costs.

Nothing is asked that does not stand here: the policy in docs/aws.md and the count of paid requests are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass

COST_EXPLORER_REQUEST_MICRO_USD = 10_000
"""$0.01 for each request, and each page is one (AWS Cost Explorer pricing)."""
HOME_IN_CHINA = "cn-northwest-1"
HOME = "us-east-1"
"""Where Cost Explorer, Budgets and the Cost Optimization Hub answer for all regions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation of one service."""

    service: str
    """As boto3 names the client: `ce`."""
    operation: str
    """As the API names it: `GetCostAndUsage`."""
    actions: tuple[str, ...]
    """What IAM must allow; empty where it is always allowed."""
    why: str
    """What is lost without it, as a noun: `cost by service`."""
    next_page: str = ""
    """Name of the token that leads to the next page, the same in question and answer; empty where there is one page."""
    micro_usd: int = 0
    """Price of one request, in millionths of a US dollar."""
    region: str = ""
    """Where it is asked, if not in each region."""

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


CALLER = Call(service="sts", operation="GetCallerIdentity", actions=(), why="signing in", region=HOME)
ASSUME_ROLE = Call(service="sts", operation="AssumeRole", actions=("sts:AssumeRole",), why="other accounts")

COST = Call(
    service="ce",
    operation="GetCostAndUsage",
    actions=("ce:GetCostAndUsage",),
    why="bills",
    next_page="NextPageToken",
    micro_usd=COST_EXPLORER_REQUEST_MICRO_USD,
    region=HOME,
)
FORECAST = Call(
    service="ce",
    operation="GetCostForecast",
    actions=("ce:GetCostForecast",),
    why="the forecast of AWS",
    micro_usd=COST_EXPLORER_REQUEST_MICRO_USD,
    region=HOME,
)
ANOMALIES = Call(
    service="ce",
    operation="GetAnomalies",
    actions=("ce:GetAnomalies",),
    why="anomalies that AWS found",
    next_page="NextPageToken",
    micro_usd=COST_EXPLORER_REQUEST_MICRO_USD,
    region=HOME,
)
COVERAGE = Call(
    service="ce",
    operation="GetSavingsPlansCoverage",
    actions=("ce:GetSavingsPlansCoverage",),
    why="how Savings Plans are used",
    next_page="NextToken",
    micro_usd=COST_EXPLORER_REQUEST_MICRO_USD,
    region=HOME,
)
UTILIZATION = Call(
    service="ce",
    operation="GetSavingsPlansUtilization",
    actions=("ce:GetSavingsPlansUtilization",),
    why="how Savings Plans are used",
    micro_usd=COST_EXPLORER_REQUEST_MICRO_USD,
    region=HOME,
)
BUDGETS = Call(
    service="budgets",
    operation="DescribeBudgets",
    actions=("budgets:ViewBudget",),
    why="budgets",
    next_page="NextToken",
    region=HOME,
)
SPOT_PRICES = Call(
    service="ec2",
    operation="DescribeSpotPriceHistory",
    actions=("ec2:DescribeSpotPriceHistory",),
    why="spot prices",
    next_page="NextToken",
)
INSTANCE_TYPES = Call(
    service="ec2",
    operation="DescribeInstanceTypes",
    actions=("ec2:DescribeInstanceTypes",),
    why="which instance types have GPUs",
    next_page="NextToken",
)
MACHINES = Call(
    service="ec2",
    operation="DescribeInstances",
    actions=("ec2:DescribeInstances",),
    why="EC2 machines in no cluster",
    next_page="NextToken",
)
PRICES = Call(
    service="pricing",
    operation="GetProducts",
    actions=("pricing:GetProducts",),
    why="on-demand prices",
    next_page="NextToken",
    region=HOME,
)
SCALING_GROUPS = Call(
    service="autoscaling",
    operation="DescribeAutoScalingGroups",
    actions=("autoscaling:DescribeAutoScalingGroups",),
    why="Auto Scaling groups",
    next_page="NextToken",
)
EKS_CLUSTERS = Call(
    service="eks",
    operation="ListClusters",
    actions=("eks:ListClusters",),
    why="EKS clusters",
    next_page="nextToken",
)
NODE_GROUPS = Call(
    service="eks",
    operation="ListNodegroups",
    actions=("eks:ListNodegroups",),
    why="EKS node groups",
    next_page="nextToken",
)
NODE_GROUP = Call(
    service="eks",
    operation="DescribeNodegroup",
    actions=("eks:DescribeNodegroup",),
    why="sizes of EKS node groups",
)
TRAINING_JOBS = Call(
    service="sagemaker",
    operation="ListTrainingJobs",
    actions=("sagemaker:ListTrainingJobs",),
    why="SageMaker training jobs",
    next_page="NextToken",
)
TRAINING_JOB = Call(
    service="sagemaker",
    operation="DescribeTrainingJob",
    actions=("sagemaker:DescribeTrainingJob",),
    why="what SageMaker training jobs run on",
)
ENDPOINTS = Call(
    service="sagemaker",
    operation="ListEndpoints",
    actions=("sagemaker:ListEndpoints",),
    why="SageMaker endpoints",
    next_page="NextToken",
)
ENDPOINT = Call(
    service="sagemaker",
    operation="DescribeEndpoint",
    actions=("sagemaker:DescribeEndpoint",),
    why="sizes of SageMaker endpoints",
)
ENDPOINT_CONFIG = Call(
    service="sagemaker",
    operation="DescribeEndpointConfig",
    actions=("sagemaker:DescribeEndpointConfig",),
    why="what SageMaker endpoints run on",
)
COMPUTE_ENVIRONMENTS = Call(
    service="batch",
    operation="DescribeComputeEnvironments",
    actions=("batch:DescribeComputeEnvironments",),
    why="Batch compute environments",
    next_page="nextToken",
)
JOB_QUEUES = Call(
    service="batch",
    operation="DescribeJobQueues",
    actions=("batch:DescribeJobQueues",),
    why="Batch job queues",
    next_page="nextToken",
)
START_QUERY = Call(
    service="athena",
    operation="StartQueryExecution",
    actions=(
        "athena:StartQueryExecution",
        "athena:GetWorkGroup",
        "glue:GetDatabase",
        "glue:GetTable",
        "glue:GetPartitions",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    ),
    why="cost by resource and hour",
)
QUERY = Call(
    service="athena",
    operation="GetQueryExecution",
    actions=("athena:GetQueryExecution",),
    why="cost by resource and hour",
)
QUERY_RESULTS = Call(
    service="athena",
    operation="GetQueryResults",
    actions=("athena:GetQueryResults", "s3:GetObject"),
    why="cost by resource and hour",
    next_page="NextToken",
)
RECOMMENDATIONS = Call(
    service="cost-optimization-hub",
    operation="ListRecommendations",
    actions=("cost-optimization-hub:ListRecommendations",),
    why="recommendations of the Cost Optimization Hub",
    next_page="nextToken",
    region=HOME,
)
IDLE = Call(
    service="compute-optimizer",
    operation="GetIdleRecommendations",
    actions=("compute-optimizer:GetIdleRecommendations",),
    why="idle resources that Compute Optimizer found",
    next_page="nextToken",
)

CALLS: tuple[Call, ...] = (
    CALLER,
    ASSUME_ROLE,
    COST,
    FORECAST,
    ANOMALIES,
    COVERAGE,
    UTILIZATION,
    BUDGETS,
    SPOT_PRICES,
    INSTANCE_TYPES,
    MACHINES,
    PRICES,
    SCALING_GROUPS,
    EKS_CLUSTERS,
    NODE_GROUPS,
    NODE_GROUP,
    TRAINING_JOBS,
    TRAINING_JOB,
    ENDPOINTS,
    ENDPOINT,
    ENDPOINT_CONFIG,
    COMPUTE_ENVIRONMENTS,
    JOB_QUEUES,
    START_QUERY,
    QUERY,
    QUERY_RESULTS,
    RECOMMENDATIONS,
    IDLE,
)
