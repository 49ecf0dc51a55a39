"""The CMDFC network: model, losses, metrics, data, training and evaluation (the home of torch)."""
