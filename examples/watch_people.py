"""A node of your own: says how much of the fused picture is people. Run it beside a system that has this endpoint.

python examples/watch_people.py ipc:///tmp/irvis/fused [FRAMES]
"""

import sys

import numpy as np

from irvis.frame import FusedFrame
from irvis.topics import Topic
from irvis.wire import End
from pipeline.transport import Subscriber

PERSON = 2
endpoint, frames = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None

subscriber = Subscriber(endpoint, Topic.FUSED, link="latest")
seen = 0
while frames is None or seen < frames:
    message = subscriber.receive_newest(timeout_s=1.0)
    if isinstance(message, End):
        break
    if isinstance(message, FusedFrame):
        seen += 1
        share = np.count_nonzero(message.labels == PERSON) / message.labels.size
        print(
            f"frame {message.seq}: {100 * share:.1f} % people, infrared {message.contract.infrared_state}",
            flush=True,
        )
subscriber.close()
