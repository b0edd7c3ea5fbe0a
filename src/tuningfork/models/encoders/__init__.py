"""Frozen text encoders: static (numpy), ONNX Runtime, and PyTorch where it is installed."""
