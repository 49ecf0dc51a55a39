"""A camera of your own: publishes pictures as the visible camera, with the time at which each was taken.

python examples/own_camera.py ipc:///tmp/irvis/visible [FRAMES]
"""

import itertools
import random
import sys
import threading

import numpy as np

from irvis.clock import now_ns
from irvis.frame import Frame, Modality
from irvis.topics import Topic
from irvis.wire import end_of
from pipeline.transport import Publisher

endpoint, frames = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None
stream_id = random.getrandbits(63)
tick = threading.Event()

publisher = Publisher(endpoint, Topic.VISIBLE)
publisher.wait_for_subscribers(timeout_s=60.0, latest=1)
for seq in itertools.count() if frames is None else range(frames):
    stamp_ns = now_ns()  # the start of the exposure: ask your camera's driver for it
    pixels = np.full((480, 640, 3), seq % 256, np.uint8)  # what your camera saw, BGR
    publisher.publish(Frame(Modality.VISIBLE, pixels, stamp_ns, now_ns(), seq, stream_id))
    tick.wait(0.04)
publisher.publish(end_of(stream_id, frames or 0))
publisher.close()
