"""The networks, their objectives and presets, and the weights that ship."""
