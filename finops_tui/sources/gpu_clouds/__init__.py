"""What clouds of GPUs bill: RunPod and Modal."""
