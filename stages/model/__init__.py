"""What a model is to more than one stage: estimators, their matrix, predictions, the champion."""
