"""Estimators, how one is chosen and resumed, and its other form, ONNX."""
