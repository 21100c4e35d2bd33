import os

import torch
from hypothesis import HealthCheck, settings

EXAMPLES = os.environ.get("NETSPEC_EXAMPLES")

settings.register_profile(
    "operators",
    max_examples=int(EXAMPLES or 30),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("operators")
torch.set_num_threads(1)
