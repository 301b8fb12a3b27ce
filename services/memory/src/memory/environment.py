"""What a library must find in the environment before it is loaded."""

import os


def silence_onnxruntime() -> None:
    """Keep onnxruntime from sending telemetry and from keeping a device id below the home directory.

    Since 1.29 its Linux builds do both from the moment they are loaded, unless this variable is set by then;
    its own `disable_telemetry_events` comes too late.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
