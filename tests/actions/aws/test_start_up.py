"""Nobody pays for what is not used: boto3 comes with the first request, not with the actions."""

from __future__ import annotations

import subprocess
import sys


def test_the_actions_are_there_without_boto3() -> None:
    code = (
        "import sys; from finops_tui.actions.aws.registry import aws_actions, iam_policy; "
        "from finops_tui.actions.aws.hands import AwsHands; "
        "iam_policy(aws_actions(AwsHands(clients=lambda _: None, by=''))); "
        "print([name for name in ('boto3', 'botocore') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
