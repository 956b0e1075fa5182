"""The networks, what they are trained on, and the weights that ship."""
