"""Reads a recording without irvis: the fused pictures and what each says about its making.

python examples/read_recording.py RECORDING.mcap
"""

import json
import sys

import numpy as np
from foxglove_schemas_protobuf.RawImage_pb2 import RawImage
from mcap.reader import make_reader

with open(sys.argv[1], "rb") as file:  # noqa: PTH123
    for _, channel, message in make_reader(file).iter_messages(["/fused", "/contract"]):
        seconds = message.log_time / 1e9  # when the picture was taken
        if channel.topic == "/fused":
            image = RawImage.FromString(message.data)
            pixels = np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, 3)
            print(f"{seconds:.3f} fused, mean {pixels.mean():.1f}")
        else:
            contract = json.loads(message.data)["contract"]
            print(f"{seconds:.3f} infrared {contract['infrared_state']}, engine {contract['engine']}")
