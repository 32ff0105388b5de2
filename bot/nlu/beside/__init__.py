"""What runs a model inside Rasa for the training desk; nothing of it decides a model."""
