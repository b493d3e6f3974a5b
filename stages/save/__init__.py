"""The model as it is kept and served: the pickle, its ONNX form, and the manifest that vouches for both."""
