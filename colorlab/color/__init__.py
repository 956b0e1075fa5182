"""A photo's color as numbers: HSV, Lab, and what can be changed about them."""
